from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from store.errors import Locked, NotFound, StoreError
from store.files import Home, write_atomic


def test_folders_are_made_on_demand_and_private(home: Home) -> None:
    assert not home.path.exists()
    folders = (home.chroma, home.pdfs, home.models, home.locks, home.logs)
    for folder in (home.path, *folders):
        assert folder.is_dir()
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert home.database.parent == home.checkpoints.parent == home.path
    assert home.database != home.checkpoints


def test_folder_that_cannot_be_made_is_one_clear_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StoreError) as caught:
        _ = Home(tmp_path / "file" / "home").database
    assert "RAZBOR_HOME" in caught.value.mend


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_read_only_folder_is_one_clear_error(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(StoreError) as caught:
        _ = Home(tmp_path).database
    assert "RAZBOR_HOME" in caught.value.mend


def test_write_atomic_replaces_and_leaves_nothing_beside(tmp_path: Path) -> None:
    target = tmp_path / "file"
    write_atomic(target, b"old")
    write_atomic(target, b"new")
    assert target.read_bytes() == b"new"
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


WRITE_LIMITED = """
import resource, sys
from pathlib import Path
from store.errors import DiskFull
from store.files import write_atomic
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
try:
    write_atomic(Path(sys.argv[1]), b"x" * 5000)
except DiskFull as error:
    print(error.mend)
"""


def test_no_room_keeps_the_old_file_and_no_half_one(tmp_path: Path, python) -> None:
    target = tmp_path / "file"
    target.write_bytes(b"old")
    out, err = python(WRITE_LIMITED, target).communicate()
    assert "space" in out, err
    assert target.read_bytes() == b"old"
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_pdf_is_kept_once_under_its_content(home: Home) -> None:
    sha = home.keep_pdf(b"%PDF-1.7 one")
    inode = home.pdf(sha).stat().st_ino
    assert home.keep_pdf(b"%PDF-1.7 one") == sha
    assert home.pdf(sha).stat().st_ino == inode
    assert home.pdf(sha[:16]).read_bytes() == b"%PDF-1.7 one"
    assert home.keep_pdf(b"%PDF-1.7 two") != sha
    assert len(list(home.pdfs.iterdir())) == 2


@pytest.mark.parametrize("sha", ["", "0" * 16, "../../etc/passwd", "0123"])
def test_unknown_pdf_is_not_found(home: Home, sha: str) -> None:
    with pytest.raises(NotFound):
        home.pdf(sha)


HOLD = """
import sys
from store.files import Home
with Home(sys.argv[1]).lock(sys.argv[2]):
    print("held", flush=True)
    sys.stdin.readline()
"""


def test_lock_excludes_another_process_and_names_it(home: Home, python) -> None:
    other = python(HOLD, home.path, "arxiv:1")
    assert other.stdout.readline() == "held\n"
    with pytest.raises(Locked) as caught, home.lock("arxiv:1"):
        pass
    assert caught.value.holder == other.pid
    assert str(other.pid) in caught.value.message
    with home.lock("arxiv:2"):
        pass
    other.kill()
    other.wait()
    with home.lock("arxiv:1"):
        pass


def test_lock_excludes_the_same_process_and_ends(home: Home) -> None:
    with home.lock("night"), pytest.raises(Locked) as caught, home.lock("night"):
        pass
    assert caught.value.holder == os.getpid()
    with home.lock("night"):
        pass


@pytest.mark.parametrize("name", ["../../up", "a/b", "", "..", "Ёж", "x" * 500, "nul\0"])
def test_lock_names_stay_in_their_folder(home: Home, name: str) -> None:
    with home.lock(name):
        assert len(list(home.locks.iterdir())) == 2
        assert [path.name for path in home.path.iterdir()] == ["locks"]


def test_like_names_are_different_locks(home: Home) -> None:
    with home.lock("a:b"), home.lock("a_b"), home.lock("a/b"):
        pass
