"""Pages and regions as pictures, with the marks where the reader found the words."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pipeline.errors import BadPdf, InputError, ReadingError, UnknownPaper
from pipeline.reading.reader import Limits, read_pdf
from pipeline.reading.render import render_page, render_region
from store.records import Box
from tests.pdfs import make_paper

LIMITS = Limits(seconds=60)
WORDS = "A few hundred labels buy a useful guarantee, and this sentence has a place of its own."


def picture(png: bytes) -> Any:
    import pymupdf

    assert png.startswith(b"\x89PNG")
    return pymupdf.Pixmap(png)


def marked_box(png: bytes, width: float) -> Box:
    """Where a page of `width` points bears the marker's yellow, in points."""
    image = picture(png)
    scale = image.width / width
    places = [
        (x, y)
        for y in range(image.height)
        for x in range(image.width)
        if (pixel := image.pixel(x, y))[2] < 0.85 * pixel[0] and pixel[0] > 150
    ]
    xs, ys = zip(*places, strict=True)
    return min(xs) / scale, min(ys) / scale, (max(xs) + 1) / scale, (max(ys) + 1) / scale


def plain(page: Any) -> None:
    """Nothing done to the page."""


def turned(page: Any) -> None:
    page.set_rotation(90)


def upside_down(page: Any) -> None:
    page.set_rotation(180)


def cropped(page: Any) -> None:
    page.set_cropbox((30, 50, 590, 800))


def cropped_and_turned(page: Any) -> None:
    cropped(page)
    page.set_rotation(270)


@pytest.mark.parametrize("change", [plain, turned, upside_down, cropped, cropped_and_turned])
def test_the_mark_stands_on_the_words(tmp_path: Path, change: Callable[[Any], None]) -> None:
    """The sentence is one page's only ink, so the mark must hold all of it, whatever is done to the page."""
    import pymupdf

    path = tmp_path / "page.pdf"
    with pymupdf.open() as pdf:
        page = pdf.new_page(width=595, height=842)
        page.insert_text((80, 300), WORDS, fontsize=10)
        change(page)
        width, height = page.rect.width, page.rect.height
        span = page.get_text("dict")["blocks"][0]["bbox"]
        where = (pymupdf.Rect(span) * page.rotation_matrix).normalize()
        pdf.save(path)
    png = render_page(path, 1, [tuple(where)], limits=LIMITS, dpi=72)
    image = picture(png)
    assert (image.width, image.height) == (round(width), round(height))
    assert marked_box(png, width) == pytest.approx(tuple(where), abs=1.5)
    bare = picture(render_page(path, 1, limits=LIMITS, dpi=72))
    dark = [(x, y) for y in range(bare.height) for x in range(bare.width) if max(bare.pixel(x, y)) < 128]
    assert dark
    assert all(where.x0 - 1 <= x <= where.x1 + 1 and where.y0 - 1 <= y <= where.y1 + 1 for x, y in dark)


def test_a_passage_of_the_reader_is_marked_where_it_stands(tmp_path: Path) -> None:
    path = make_paper(tmp_path / "paper.pdf")
    document = read_pdf(path, "file:0", LIMITS)
    passage = next(p for p in document.passages if "fixed-sequence" in p.text)
    png = render_page(path, passage.page, [passage.bbox], limits=LIMITS, dpi=72)
    assert marked_box(png, 595) == pytest.approx(passage.bbox, abs=1.5)


def test_letters_stay_dark_under_the_mark_and_two_marks_are_no_darker_than_one(tmp_path: Path) -> None:
    path = make_paper(tmp_path / "paper.pdf")
    box = (72.0, 72.0, 523.0, 400.0)
    once = render_page(path, 1, [box], limits=LIMITS, dpi=72)
    assert render_page(path, 1, [box, box], limits=LIMITS, dpi=72) == once
    image = picture(once)
    assert min(max(image.pixel(x, y)) for x in range(72, 523) for y in range(72, 160)) < 100


def test_a_region_is_cut_out(tmp_path: Path) -> None:
    import pymupdf

    path = tmp_path / "figure.pdf"
    with pymupdf.open() as pdf:
        page = pdf.new_page(width=400, height=400)
        page.draw_rect((100, 150, 200, 200), fill=(0, 0, 1), color=None)
        pdf.save(path)
    image = picture(render_region(path, 1, (100, 150, 200, 200), limits=LIMITS, dpi=144))
    assert (image.width, image.height) == (200, 100)
    assert {image.pixel(x, y) for x in range(5, 195) for y in range(5, 95)} == {(0, 0, 255)}


def test_a_huge_page_is_drawn_smaller(tmp_path: Path) -> None:
    import pymupdf

    path = tmp_path / "poster.pdf"
    with pymupdf.open() as pdf:
        pdf.new_page(width=14_000, height=14_000).insert_text((100, 100), "Poster")
        pdf.save(path)
    image = picture(render_page(path, 1, limits=LIMITS, dpi=300))
    assert image.width * image.height <= 16_100_000


@pytest.mark.parametrize(("page", "message"), [(0, "no page 0"), (3, "no page 3: the PDF has 2"), (-1, "no page -1")])
def test_no_such_page(tmp_path: Path, page: int, message: str) -> None:
    with pytest.raises(InputError, match=message):
        render_page(make_paper(tmp_path / "paper.pdf"), page, limits=LIMITS)


@pytest.mark.parametrize("box", [(700.0, 10.0, 800.0, 20.0), (50.0, 60.0, 50.0, 60.0), (90.0, 90.0, 10.0, 10.0)])
def test_no_such_place(tmp_path: Path, box: Box) -> None:
    with pytest.raises(InputError, match="no such place"):
        render_region(make_paper(tmp_path / "paper.pdf"), 1, box, limits=LIMITS)


def test_what_cannot_be_asked(tmp_path: Path) -> None:
    path = make_paper(tmp_path / "paper.pdf")
    with pytest.raises(InputError, match="dpi"):
        render_page(path, 1, limits=LIMITS, dpi=0)
    with pytest.raises(InputError, match="limit is 1000"):
        render_page(path, 1, [(0, 0, 1, 1)] * 1001, limits=LIMITS)
    with pytest.raises(UnknownPaper):
        render_page(tmp_path / "no.pdf", 1, limits=LIMITS)


def test_limits_and_bad_files_are_typed(tmp_path: Path) -> None:
    path = make_paper(tmp_path / "paper.pdf")
    with pytest.raises(ReadingError, match=r"longer than 0\.02 s"):
        render_page(path, 1, limits=Limits(seconds=0.02))
    path.write_bytes(path.read_bytes()[:300])
    with pytest.raises(BadPdf) as caught:
        render_region(path, 1, (0, 0, 100, 100), limits=LIMITS)
    assert caught.value.kind == "truncated"
