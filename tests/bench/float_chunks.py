"""PyMuPDF's own figures and tables, in a process of its own: it needs the layout models, which Razbor keeps out.

`python -m tests.bench.float_chunks FILE:PAGE,PAGE …` prints one JSON line a file; `find_tables` is
asked of the pages named.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
import time
from typing import Any

import pymupdf


def main(jobs: list[str]) -> None:
    answer = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # PyMuPDF prints adverts to stdout
    pymupdf.TOOLS.mupdf_display_errors(False)
    pymupdf.TOOLS.mupdf_display_warnings(False)
    for job in jobs:
        path, _, pages = job.rpartition(":")
        answer.write(json.dumps(read(path, [int(page) for page in pages.split(",") if page])) + "\n")
        answer.flush()


def read(path: str, pages: list[int]) -> dict[str, Any]:
    """`seconds` of `to_chunks`, its figures and tables with page, caption and box, tables of `find_tables`."""
    with contextlib.closing(pymupdf.open(path)) as document:
        began = time.perf_counter()
        chunked = document.to_chunks(use_ocr=False)
        seconds = time.perf_counter() - began
        found = [
            {"page": page, "box": list(table.bbox), "rows": table.extract()}
            for page in pages
            for table in document[page - 1].find_tables(use_layout=True).tables
        ]
        return {
            "seconds": seconds,
            "figures": [{"page": f.page, "caption": f.caption or "", "box": list(f.bbox)} for f in chunked.figures],
            "tables": [
                {"page": t.page, "caption": t.caption or "", "box": list(t.bbox), "markdown": t.markdown}
                for t in chunked.tables
            ],
            "found": found,
        }


if __name__ == "__main__":
    main(sys.argv[1:])
