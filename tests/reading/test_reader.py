"""A hostile or broken PDF costs one typed error, in one clear sentence."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from pipeline.errors import BadPdf, ReadingError, UnknownPaper
from pipeline.reading.ocr import find_data, find_languages
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


def test_encrypted_for_the_owner_alone_is_read(tmp_path: Path) -> None:
    """A PDF that forbids printing is encrypted too, with an empty password for its readers."""
    import pymupdf

    source = make_paper(tmp_path / "paper.pdf")
    with pymupdf.open(source) as pdf:
        pdf.save(tmp_path / "locked.pdf", encryption=pymupdf.PDF_ENCRYPT_AES_256, owner_pw="own", user_pw="")
    assert b"/Encrypt" in (tmp_path / "locked.pdf").read_bytes()
    assert read_pdf(tmp_path / "locked.pdf", "file:0").passages == read_pdf(source, "file:0").passages


def make_scan(path: Path, dpi: int = 50) -> Path:
    import pymupdf

    with pymupdf.open(make_paper(path.with_suffix(".source.pdf"))) as source, pymupdf.open() as scan:
        page = scan.new_page(width=595, height=842)
        page.insert_image(page.rect, pixmap=source[0].get_pixmap(dpi=dpi))
        scan.save(path)
    return path


@pytest.mark.parametrize(
    ("files", "asked", "mend"),
    [
        ((), False, "Install Tesseract"),
        ((), True, "Install Tesseract"),
        (("deu",), True, "Install Tesseract"),
        (("eng",), False, "RAZBOR_READ_OCR=1 to recognise its pages with Tesseract (eng)"),
        (("eng", "rus", "osd"), False, "RAZBOR_READ_OCR=1 to recognise its pages with Tesseract (eng+rus)"),
    ],
)
def test_a_scan_is_told_with_what_can_be_done_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, files: tuple[str, ...], asked: bool, mend: str
) -> None:
    """The folder of language data is what counts; here it is made by the test, and holds names alone."""
    for name in files:
        (tmp_path / f"{name}.traineddata").touch()
    monkeypatch.setenv("TESSDATA_PREFIX", str(tmp_path))
    with pytest.raises(BadPdf) as caught:
        read_pdf(make_scan(tmp_path / "scan.pdf"), "file:0", Limits(ocr=asked))
    assert caught.value.kind == "scanned"
    assert mend in caught.value.mend


def test_a_small_picture_alone_on_its_page_is_a_scan_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import pymupdf

    (tmp_path / "eng.traineddata").touch()
    monkeypatch.setenv("TESSDATA_PREFIX", str(tmp_path))
    with pymupdf.open(make_paper(tmp_path / "paper.pdf")) as source, pymupdf.open() as scan:
        scan.new_page(width=595, height=842).insert_image((100, 100, 200, 240), pixmap=source[0].get_pixmap(dpi=50))
        scan.save(tmp_path / "small.pdf")
    assert "RAZBOR_READ_OCR=1 to recognise" in bad(tmp_path / "small.pdf").mend


def test_broken_language_data_is_a_typed_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "eng.traineddata").write_bytes(b"no such thing")
    monkeypatch.setenv("TESSDATA_PREFIX", str(tmp_path))
    with pytest.raises(ReadingError, match="Tesseract"):
        read_pdf(make_scan(tmp_path / "scan.pdf"), "file:0", Limits(ocr=True))


def test_a_scan_is_recognised_where_tesseract_is_installed(tmp_path: Path) -> None:
    if not find_languages(find_data()):
        pytest.skip("Tesseract with English or Russian language data is not installed")
    document = read_pdf(make_scan(tmp_path / "scan.pdf", dpi=200), "file:0", Limits(ocr=True, seconds=240))
    assert document.ocr
    assert any("OCR" in warning for warning in document.warnings)
    assert any("how many labelled examples a judge needs" in passage.text for passage in document.passages)
    assert not document.hidden_text


def test_a_paper_with_text_is_not_recognised(tmp_path: Path) -> None:
    assert not read_pdf(make_paper(tmp_path / "paper.pdf"), "file:0", Limits(ocr=True)).ocr


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


def test_an_answer_that_is_too_large_is_refused(tmp_path: Path) -> None:
    path = make_paper(tmp_path / "paper.pdf")
    with pytest.raises(ReadingError, match=r"more than 0\.002 MiB; this is no paper"):
        read_pdf(path, "file:0", Limits(answer_mib=0.002))


def test_missing_file(tmp_path: Path) -> None:
    with pytest.raises(UnknownPaper):
        read_pdf(tmp_path / "no.pdf", "file:0")
