from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.errors import ReadingError, UnknownPaper
from pipeline.settings import Settings
from pipeline.sources.identity import identify
from pipeline.sources.local import fetch_local
from store.files import Home


def test_bytes_are_kept_under_their_hash(tmp_path: Path) -> None:
    path = tmp_path / "paper.pdf"
    path.write_bytes(b"%PDF-1.7 content")
    home = Home(tmp_path / "home")
    target = identify(str(path))
    paper, sha = fetch_local(target, Settings(), home)
    assert paper.paper_id == target.paper_id == f"file:{sha[:16]}"
    assert home.pdf(sha).read_bytes() == b"%PDF-1.7 content"


def test_a_file_that_is_no_pdf_is_kept_for_reading_to_judge(tmp_path: Path) -> None:
    path = tmp_path / "page.pdf"
    path.write_bytes(b"<html>")
    home = Home(tmp_path / "home")
    _, sha = fetch_local(identify(str(path)), Settings(), home)
    assert home.pdf(sha).read_bytes() == b"<html>"


def test_too_large(tmp_path: Path) -> None:
    path = tmp_path / "large.pdf"
    with path.open("wb") as file:
        file.truncate(2 * 2**20)
    with pytest.raises(ReadingError, match="the limit is 1"):
        fetch_local(identify(str(path)), Settings(read_bytes=1), Home(tmp_path / "home"))


def test_gone_since(tmp_path: Path) -> None:
    path = tmp_path / "paper.pdf"
    path.write_bytes(b"%PDF-")
    target = identify(str(path))
    path.unlink()
    with pytest.raises(UnknownPaper):
        fetch_local(target, Settings(), Home(tmp_path / "home"))
