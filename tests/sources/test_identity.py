from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from pipeline.errors import InputError, UnknownPaper
from pipeline.sources.identity import forum_id, identify


@pytest.mark.parametrize(
    ("words", "arxiv_id", "version"),
    [
        ("2407.18370", "2407.18370", None),
        (" 2407.18370v2 ", "2407.18370", 2),
        ("0704.0001", "0704.0001", None),
        ("arXiv:2407.18370v1", "2407.18370", 1),
        ("arxiv: 2407.18370", "2407.18370", None),
        ("astro-ph/0601001", "astro-ph/0601001", None),
        ("cs.CL/0301001v1", "cs/0301001", 1),
        ("math.GT/0309136", "math/0309136", None),
        ("https://arxiv.org/abs/2407.18370", "2407.18370", None),
        ("https://arxiv.org/pdf/2407.18370v3.pdf", "2407.18370", 3),
        ("http://export.arxiv.org/pdf/2407.18370v3", "2407.18370", 3),
        ("https://arxiv.org/html/2407.18370v1#S2", "2407.18370", 1),
        ("arxiv.org/abs/astro-ph/0601001?context=hep", "astro-ph/0601001", None),
        ("https://www.arxiv.org/abs/2407.18370/", "2407.18370", None),
        ("https://arxiv.org/pdf/math.GT/0309136v2#page=3", "math/0309136", 2),
        ("https://cn.arxiv.org/ps/2407.18370v1", "2407.18370", 1),
        ("http://xxx.lanl.gov/abs/hep-th/9901001", "hep-th/9901001", None),
        ("https://ar5iv.labs.arxiv.org/html/2407.18370", "2407.18370", None),
        ("https://www.alphaxiv.org/abs/2407.18370v2", "2407.18370", 2),
        ("https://alphaxiv.org/overview/2407.18370", "2407.18370", None),
        ("https://huggingface.co/papers/2407.18370", "2407.18370", None),
        ("https://hf.co/papers/2407.18370?ref=x", "2407.18370", None),
        ("https://www.semanticscholar.org/arxiv/2407.18370", "2407.18370", None),
        ("https://doi.org/10.48550/arXiv.2407.18370", "2407.18370", None),
        ("10.48550/arXiv.2407.18370", "2407.18370", None),
        ("arXiv:2407.18370v1  [cs.LG]  25 Jul 2024", "2407.18370", 1),
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


@pytest.mark.parametrize(
    "words",
    [
        "openreview:Qx7_for-01",
        "OpenReview: Qx7_for-01",
        "https://openreview.net/forum?id=Qx7_for-01",
        "openreview.net/pdf?id=Qx7_for-01",
        "https://openreview.net/forum?noteId=zzzz1111&id=Qx7_for-01&referrer=x#discussion",
    ],
)
def test_openreview(words: str) -> None:
    target = identify(words)
    assert (target.kind, target.forum, target.paper_id) == ("openreview", "Qx7_for-01", "openreview:Qx7_for-01")


@pytest.mark.parametrize("words", ["openreview:", "openreview:../../x", "https://openreview.net/group?id=ICLR.cc"])
def test_no_forum_of_openreview(words: str) -> None:
    with pytest.raises(UnknownPaper, match="no forum of OpenReview"):
        identify(words)


def test_a_bare_word_is_a_forum_only_where_one_is_asked_for() -> None:
    assert forum_id("Qx7_for-01") == "Qx7_for-01"
    assert forum_id("two words") is None
    with pytest.raises(UnknownPaper):
        identify("Qx7_for-01")
