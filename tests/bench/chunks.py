"""PyMuPDF's own reading, in a process of its own: it needs the layout models, which Razbor's fast path keeps out.

`python -m tests.bench.chunks FILE …` prints one JSON line a file: `{"seconds", "pages", "sections": [[level, title]]}`.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
import time

import pymupdf


def main(paths: list[str]) -> None:
    answer = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # PyMuPDF prints adverts to stdout
    pymupdf.TOOLS.mupdf_display_errors(False)
    pymupdf.TOOLS.mupdf_display_warnings(False)
    for number, path in enumerate(paths):
        if not number:
            sections(path)  # loads the models
        began = time.perf_counter()
        pages, found = sections(path)
        line = {"seconds": time.perf_counter() - began, "pages": pages, "sections": found}
        answer.write(json.dumps(line, ensure_ascii=False) + "\n")
        answer.flush()


def sections(path: str) -> tuple[int, list[tuple[int, str]]]:
    with contextlib.closing(pymupdf.open(path)) as document:
        chunked = document.to_chunks(use_ocr=False)
        return document.page_count, [(section.level, section.title) for section in chunked.sections]


if __name__ == "__main__":
    main(sys.argv[1:])
