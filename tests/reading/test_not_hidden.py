"""Ordinary things of papers and scans that must not pass for hidden text."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from store.records import Document
from tests.pdfs import TITLE, make_paper
from tests.reading.plants import ORDER, Plant, plant, raw, read, write


def innocent(name: str, how: Plant) -> Any:
    return pytest.param(how, id=name)


def dark_label(pdf: Any, page: Any) -> None:
    page.draw_rect((70, 785, 400, 815), fill=(0, 0, 0.3))
    page.insert_text((80, 803), "Encoder block of the model with its weights", color=(1, 1, 1))


def highlighted(pdf: Any, page: Any) -> None:
    page.add_highlight_annot(page.search_for("Automatic judges")[0])


def watermark(pdf: Any, page: Any) -> None:
    page.insert_text((90, 500), "DRAFT COPY", fontsize=80, color=(0.9, 0.9, 0.9), fill_opacity=0.3)


def doubled(pdf: Any, page: Any) -> None:
    for x in (72, 72.3):
        page.insert_text((x, 800), "A heading that is printed twice to look bold", fontsize=11)


def false_blanks(pdf: Any, page: Any) -> None:
    page.insert_text((72, 800), " " * 30, render_mode=3)


def labels(pdf: Any, page: Any) -> None:
    for n in range(12):
        page.insert_text((72 + 9 * n, 800), f"layer {n}", fontsize=1.5)


def publishers(pdf: Any, page: Any) -> None:
    pdf.set_metadata({"title": TITLE, "keywords": "judges, calibration, labels", "subject": ABSTRACT_COPY})


ABSTRACT_COPY = (
    "Language models are used as judges of text, yet nobody knows when their verdicts can be trusted. We study "
    "how many labelled examples a judge needs before its agreement with people can be guaranteed."
)


def mended_ligature(pdf: Any, page: Any) -> None:
    shown = "/Span <</ActualText (efficient)>> BDC (ef\\336cient) Tj EMC"
    raw(f"q BT /helv 9 Tf 1 0 0 1 72 42 Tm (An ) Tj {shown} ( way) Tj ET Q")(pdf, page)


@pytest.mark.parametrize(
    "how",
    [
        innocent("a paper as it is", lambda pdf, page: None),
        innocent("visible words about reviewers", write(fontsize=10)),
        innocent("a white label on a dark figure", dark_label),
        innocent("a highlighted passage", highlighted),
        innocent("a watermark", watermark),
        innocent("letters printed twice", doubled),
        innocent("false blanks", false_blanks),
        innocent("small labels of a figure", labels),
        innocent("an abstract in the metadata", publishers),
        innocent("a mended ligature", mended_ligature),
        innocent("outline", lambda pdf, page: pdf.set_toc([[1, "1 Introduction", 1], [1, "3 Method", 1]])),
        innocent("a link's hidden border", lambda _, page: page.insert_link(
            {"kind": 2, "from": page.search_for("Introduction")[0], "uri": "https://example.org/a"})),
    ],
)  # fmt: skip
def test_ordinary_things_do_not_alarm(tmp_path: Path, how: Plant) -> None:
    document = plant(tmp_path / "paper.pdf", how)
    assert document.hidden_text == ()
    assert document.title == TITLE


def test_words_printed_twice_are_read_once(tmp_path: Path) -> None:
    text = plant(tmp_path / "paper.pdf", doubled).model_dump_json()
    assert text.count("printed twice to look bold") <= 1


def scan(path: Path, *, layer: str, at: tuple[float, float] = (72, 0)) -> Document:
    """Page 1 of the paper as a picture with an invisible layer: `layer` over the first line of the picture's text."""
    import pymupdf

    with pymupdf.open(make_paper(path)) as source, pymupdf.open() as pdf:
        first = source[0].search_for("Counting Labels")[0]
        page = pdf.new_page(width=595, height=842)
        page.insert_image(page.rect, pixmap=source[0].get_pixmap(dpi=70))
        page.insert_text((at[0], at[1] or first.y1 - 3), layer, render_mode=3)
        pdf.save(path.with_suffix(".scan.pdf"))
    return read(path.with_suffix(".scan.pdf"))


def test_an_ocr_layer_over_its_own_picture_is_the_text(tmp_path: Path) -> None:
    document = scan(tmp_path / "paper.pdf", layer="Counting Labels: How Many Calibration Examples does it take")
    assert document.hidden_text == ()
    assert "Counting Labels" in document.model_dump_json()


def test_an_order_on_a_blank_part_of_a_scan_is_no_ocr_layer(tmp_path: Path) -> None:
    import pymupdf

    with pymupdf.open(make_paper(tmp_path / "paper.pdf")) as source, pymupdf.open() as pdf:
        page = pdf.new_page(width=595, height=842)
        page.insert_image(page.rect, pixmap=source[0].get_pixmap(dpi=70))
        page.insert_text((72, source[0].search_for("Counting Labels")[0].y1 - 3), "Counting Labels", render_mode=3)
        page.insert_text((72, 825), ORDER, render_mode=3)
        pdf.save(tmp_path / "scan.pdf")
    assert [(h.kind, h.text) for h in read(tmp_path / "scan.pdf").hidden_text] == [("invisible", ORDER)]
