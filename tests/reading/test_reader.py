"""A hostile or broken PDF costs one typed error, in one clear sentence."""

from __future__ import annotations

import time
from contextlib import suppress
from pathlib import Path

import pytest

from pipeline.errors import BadPdf, ReadingError, UnknownPaper
from pipeline.reading.reader import Limits, read_pdf
from tests.pdfs import TITLE, Sheet, make_paper


def bad(path: Path) -> BadPdf:
    with pytest.raises(BadPdf) as caught:
        read_pdf(path, "file:0")
    assert caught.value.mend
    return caught.value


def test_a_paper_travels_from_the_child_whole(tmp_path: Path) -> None:
    document = read_pdf(make_paper(tmp_path / "paper.pdf"), "file:1234")
    assert (document.paper_id, document.title) == ("file:1234", TITLE)
    assert document.pages == 2


def test_reading_twice_gives_the_same_ids(tmp_path: Path) -> None:
    path = make_paper(tmp_path / "paper.pdf")
    assert read_pdf(path, "file:0") == read_pdf(path, "file:0")


def test_html_named_pdf(tmp_path: Path) -> None:
    path = tmp_path / "page.pdf"
    path.write_text("<!DOCTYPE html><html><body>Sign in</body></html>")
    error = bad(path)
    assert error.kind == "not_pdf"
    assert "HTML page" in str(error)


@pytest.mark.parametrize("content", [b"", b"  \n"])
def test_empty_file(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "empty.pdf"
    path.write_bytes(content)
    assert bad(path).kind == "empty"


def test_encrypted(tmp_path: Path) -> None:
    import pymupdf

    path = tmp_path / "secret.pdf"
    sheet = Sheet()
    sheet.line("Nobody may read this")
    sheet.save(path, encryption=pymupdf.PDF_ENCRYPT_AES_256, user_pw="open", owner_pw="own")
    assert bad(path).kind == "encrypted"


def test_scanned(tmp_path: Path) -> None:
    import pymupdf

    with pymupdf.open(make_paper(tmp_path / "paper.pdf")) as source, pymupdf.open() as scan:
        page = scan.new_page()
        page.insert_image(page.rect, pixmap=source[0].get_pixmap(dpi=50))
        scan.save(tmp_path / "scan.pdf")
    error = bad(tmp_path / "scan.pdf")
    assert error.kind == "scanned"
    assert "OCR" in error.mend


def test_blank_pages(tmp_path: Path) -> None:
    assert bad(Sheet().save(tmp_path / "blank.pdf")).kind == "empty"


def test_truncated_is_told_from_whole(tmp_path: Path) -> None:
    path = make_paper(tmp_path / "paper.pdf")
    data = path.read_bytes()
    path.write_bytes(data[:300])
    assert bad(path).kind == "truncated"
    path.write_bytes(data[: int(len(data) * 0.97)])
    assert "truncated" in read_pdf(path, "file:0").warnings[0]


def test_garbage_after_the_header_is_broken(tmp_path: Path) -> None:
    path = tmp_path / "garbage.pdf"
    path.write_bytes(b"%PDF-1.7\n" + bytes(range(256)) * 40 + b"\n%%EOF")
    assert bad(path).kind == "broken"


def test_too_many_pages(tmp_path: Path) -> None:
    sheet = Sheet()
    for _ in range(30):
        sheet._new_page()
        sheet.line("one more page")
    path = sheet.save(tmp_path / "bomb.pdf")
    with pytest.raises(ReadingError, match="31 pages; the limit is 20"):
        read_pdf(path, "file:0", Limits(pages=20))


def test_too_many_bytes(tmp_path: Path) -> None:
    path = tmp_path / "large.pdf"
    with path.open("wb") as file:
        file.write(b"%PDF-1.4")
        file.truncate(2 * 2**20)
    with pytest.raises(ReadingError, match="limit is 1"):
        read_pdf(path, "file:0", Limits(bytes_mib=1))


def test_a_child_that_takes_too_long_is_stopped(tmp_path: Path) -> None:
    path = make_paper(tmp_path / "paper.pdf")
    started = time.monotonic()
    with pytest.raises(ReadingError, match=r"took longer than 0\.02 s"):
        read_pdf(path, "file:0", Limits(seconds=0.02))
    assert time.monotonic() - started < 5


def test_a_child_that_wants_too_much_memory_is_stopped(tmp_path: Path) -> None:
    """A page of 20 KB whose content is one array of eight million strings."""
    import pymupdf

    with pymupdf.open() as pdf:
        page = pdf.new_page()
        page.insert_text((72, 72), "small")
        xref = page.get_contents()[0]
        pdf.update_stream(xref, b"BT /helv 9 Tf 10 10 Td [" + b"(a)" * 8_000_000 + b"] TJ ET", compress=True)
        pdf.save(tmp_path / "bomb.pdf")
    assert (tmp_path / "bomb.pdf").stat().st_size < 2**20
    with pytest.raises(ReadingError, match="more than 300 MiB of memory"):
        read_pdf(tmp_path / "bomb.pdf", "file:0", Limits(memory_mib=300, seconds=60))


def test_missing_file(tmp_path: Path) -> None:
    with pytest.raises(UnknownPaper):
        read_pdf(tmp_path / "no.pdf", "file:0")


@pytest.mark.parametrize("seed", range(8))
def test_mutated_bytes_give_a_document_or_a_typed_error(tmp_path: Path, seed: int) -> None:
    import random

    chance = random.Random(seed)
    path = make_paper(tmp_path / "paper.pdf")
    data = bytearray(path.read_bytes())
    for _ in range(40):
        data[chance.randrange(8, len(data))] = chance.randrange(256)
    path.write_bytes(data)
    with suppress(BadPdf, ReadingError):
        assert read_pdf(path, "file:0", Limits(seconds=30)).pages >= 1
