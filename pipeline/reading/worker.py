"""The child process that parses one PDF: `python -m pipeline.reading.worker`, a job on stdin, one JSON value on stdout.

A hostile or broken PDF can crash, hang or exhaust this process and nothing else.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
from pathlib import Path


def main() -> None:
    """Read the job, take the limits upon itself, print the document or the typed error."""
    job = json.load(sys.stdin)
    answer = os.fdopen(os.dup(1), "w", encoding="utf-8")
    # MuPDF and PyMuPDF print adverts and complaints to stdout: only the answer may go there
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    limit_process(job["memory_mib"], job["seconds"])
    with answer:
        answer.write(json.dumps(parse(job), ensure_ascii=False))


def parse(job: dict[str, object]) -> dict[str, object]:
    """`{"document": …}` or `{"error": {"type", "message", "mend", "kind"}}`."""
    from pipeline.errors import BadPdf, ReadingError
    from pipeline.reading.document import read_document
    from pipeline.reading.pages import open_pdf

    try:
        pdf = open_pdf(Path(str(job["path"])), int(str(job["pages"])))
        return {"document": read_document(pdf, str(job["paper_id"])).model_dump(mode="json")}
    except (BadPdf, ReadingError) as error:
        kind = error.kind if isinstance(error, BadPdf) else ""
        return {"error": {"type": type(error).__name__, "message": error.message, "mend": error.mend, "kind": kind}}
    except MemoryError:
        return {"error": {"type": "MemoryError", "message": "", "mend": "", "kind": ""}}


def limit_process(memory_mib: int, seconds: int) -> None:
    """Cap this process's memory and processor time, and leave no core files. Windows has no such limits."""
    with contextlib.suppress(ImportError):
        import resource

        memory = memory_mib * 1024 * 1024
        for what, value in (
            (resource.RLIMIT_AS, memory),
            (resource.RLIMIT_CPU, seconds + 5),
            (resource.RLIMIT_CORE, 0),
        ):
            with contextlib.suppress(ValueError):  # the system's own limit is lower already, or cannot be set (macOS)
                resource.setrlimit(what, (value, value))


if __name__ == "__main__":
    main()
