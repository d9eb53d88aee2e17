from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from pipeline.errors import InputError, UnknownPaper
from pipeline.sources.identity import identify


@pytest.mark.parametrize(
    ("words", "arxiv_id", "version"),
    [
        ("2407.18370", "2407.18370", None),
        (" 2407.18370v2 ", "2407.18370", 2),
        ("0704.0001", "0704.0001", None),
        ("arXiv:2407.18370v1", "2407.18370", 1),
        ("arxiv: 2407.18370", "2407.18370", None),
        ("astro-ph/0601001", "astro-ph/0601001", None),
        ("cs.CL/0301001v1", "cs.CL/0301001", 1),
        ("math.GT/0309136", "math.GT/0309136", None),
        ("https://arxiv.org/abs/2407.18370", "2407.18370", None),
        ("https://arxiv.org/pdf/2407.18370v3.pdf", "2407.18370", 3),
        ("http://export.arxiv.org/pdf/2407.18370v3", "2407.18370", 3),
        ("https://arxiv.org/html/2407.18370v1#S2", "2407.18370", 1),
        ("arxiv.org/abs/astro-ph/0601001?context=hep", "astro-ph/0601001", None),
        ("https://www.arxiv.org/abs/2407.18370/", "2407.18370", None),
    ],
)
def test_arxiv(words: str, arxiv_id: str, version: int | None) -> None:
    target = identify(words)
    assert (target.kind, target.arxiv_id, target.version) == ("arxiv", arxiv_id, version)
    assert target.paper_id == f"arxiv:{arxiv_id}"


@pytest.mark.parametrize("content", [b"%PDF-1.7 x", b"", b"<html>"])
def test_any_file_has_an_id_made_of_its_bytes(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "2407 paper.pdf"
    path.write_bytes(content)
    target = identify(str(path))
    assert target.paper_id == f"file:{hashlib.sha256(content).hexdigest()[:16]}"
    assert target.path == path


def test_an_id_wins_only_as_a_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("2407.18370.pdf").write_bytes(b"%PDF-")
    assert identify("2407.18370.pdf").kind == "file"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("no/such.pdf", "No such file"),
        ("https://example.org/abs/2407.18370", "is no arXiv paper"),
        ("https://arxiv.org/list/cs.CL", "is no arXiv paper"),
        ("arxiv:24", "is no arXiv paper"),
        ("2407.183", "neither an arXiv id nor a file"),
        ("", "neither an arXiv id nor a file"),
        ("x" * 5000, "neither an arXiv id nor a file"),
        ("bad\0name", "neither an arXiv id nor a file"),
    ],
)
def test_unknown(words: str, said: str) -> None:
    with pytest.raises(UnknownPaper, match=said) as caught:
        identify(words)
    assert caught.value.mend


def test_directory_names_the_command_for_folders(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is a directory") as caught:
        identify(str(tmp_path))
    assert "razbor nightly --folder" in caught.value.mend


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every file")
def test_unreadable(tmp_path: Path) -> None:
    path = tmp_path / "paper.pdf"
    path.write_bytes(b"%PDF-")
    path.chmod(0)
    with pytest.raises(InputError, match="cannot be read"):
        identify(str(path))
