"""The arXiv id that is printed on a PDF's first page. Runs in the worker."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pipeline.reading.opening import check_bytes, load_pymupdf, open_document

_ID = r"(?P<id>\d{4}\.\d{4,5}|[a-z-]+(?:\.[A-Z]{2})?/\d{7})(?:v(?P<version>\d+))?"
_DATE = r"\d{1,2}\s+[A-Z][a-z]{2}\s+\d{4}"
# https://info.arxiv.org/help/arxiv_identifier.html; printed up the left margin, from top to bottom on turned pages
STAMP = re.compile(rf"arXiv:{_ID}(?:\s+\[[\w.-]+\])?\s+{_DATE}", re.ASCII)
EPRINT = re.compile(rf"(?i:arxiv\s+e-?print)\s*:\s*{_ID}(?:\s*\[[\w.-]+\])?", re.ASCII)
HEAD = re.compile(
    rf"(?:(?i:preprint)\W{{0,3}})?(?i:arxiv)\s*(?::\s*|\s){_ID}(?:\s*\[[\w.-]+\])?(?:\s*[|·•,;–—-].*)?", re.ASCII
)
MARGIN = 0.1
FAINT, TINY = 0xE6, 4.0


def read_stamp(path: Path) -> dict[str, Any]:
    """`{"arxiv_id", "version"}`, empty and None where page one prints none.

    Raises:
        BadPdf: as `pipeline.reading.opening.open_document`.
    """
    pymupdf = load_pymupdf()
    check_bytes(path)
    document = open_document(pymupdf, path)
    match = _printed(document[0])
    return {
        "arxiv_id": match["id"] if match else "",
        "version": int(match["version"]) if match and match["version"] else None,
    }


def _printed(page: Any) -> re.Match[str] | None:
    """The stamp, else an id in the running head or foot, else a line `arXiv ePrint:`. Other lines cite other papers."""
    lines = list(_lines(page))
    for text, _ in lines:
        if match := STAMP.fullmatch(text):
            return match
    for text, in_margin in lines:
        if match := EPRINT.fullmatch(text) or (HEAD.fullmatch(text) if in_margin else None):
            return match
    return None


def _lines(page: Any) -> Iterator[tuple[str, bool]]:
    """Each visible line, in whatever direction it runs, and whether it stands in the head or the foot of the page."""
    height = page.mediabox.height
    for block in page.get_text("dict")["blocks"]:
        for line in block.get("lines", ()):
            spans = [span for span in line["spans"] if span["size"] >= TINY and not _is_white(span["color"])]
            text = " ".join("".join(span["text"] for span in spans).split())
            yield text, line["bbox"][3] < MARGIN * height or line["bbox"][1] > (1 - MARGIN) * height


def _is_white(color: int) -> bool:
    return min(color >> 16 & 0xFF, color >> 8 & 0xFF, color & 0xFF) > FAINT
