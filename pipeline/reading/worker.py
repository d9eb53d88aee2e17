"""The child process for one PDF: `python -m pipeline.reading.worker`, a job on stdin, one JSON value on stdout.

A hostile or broken PDF can crash, hang or exhaust this process and nothing else. A job's `task` is `read`, `stamp`,
`page` or `region`; the answer is `{"result": …}` or `{"error": {"type", "message", "mend", "kind"}}`.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
from pathlib import Path
from typing import Any

Job = dict[str, Any]


def main() -> None:
    """Read the job, take the limits upon itself, print the result or the typed error."""
    job = json.load(sys.stdin)
    answer = os.fdopen(os.dup(1), "w", encoding="utf-8")
    # MuPDF and PyMuPDF print adverts and complaints to stdout: only the answer may go there
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    limit_process(job["memory_mib"], job["seconds"], job["answer_mib"])
    with answer:
        answer.write(json.dumps(work(job), ensure_ascii=False))


def work(job: Job) -> dict[str, Any]:
    """Do a job; the errors that reading raises on purpose become answers."""
    from pipeline.errors import BadPdf, InputError, ReadingError

    try:
        return {"result": TASKS[job["task"]](job)}
    except (InputError, ReadingError) as error:
        kind = error.kind if isinstance(error, BadPdf) else ""
        return {"error": {"type": type(error).__name__, "message": error.message, "mend": error.mend, "kind": kind}}
    except MemoryError:
        return {"error": {"type": "MemoryError", "message": "", "mend": "", "kind": ""}}


def _read(job: Job) -> Any:
    from pipeline.reading.document import read_document
    from pipeline.reading.opening import open_pdf

    pdf = open_pdf(Path(job["path"]), job["pages"], job["ocr"])
    return read_document(pdf, job["paper_id"]).model_dump(mode="json")


def _stamp(job: Job) -> Any:
    from pipeline.reading.stamp import read_stamp

    return read_stamp(Path(job["path"]))


def _page(job: Job) -> str:
    from pipeline.reading.drawing import draw_page

    return draw_page(Path(job["path"]), job["page"], job["boxes"], job["dpi"])


def _region(job: Job) -> str:
    from pipeline.reading.drawing import draw_region

    return draw_region(Path(job["path"]), job["page"], job["box"], job["dpi"])


TASKS = {"read": _read, "stamp": _stamp, "page": _page, "region": _region}


def limit_process(memory_mib: int, seconds: int, answer_mib: float) -> None:
    """Cap this process's memory, processor time and output, and leave no core files. Windows has no such limits."""
    with contextlib.suppress(ImportError):
        import resource

        memory = memory_mib * 1024 * 1024
        for what, value in (
            (resource.RLIMIT_AS, memory),
            (resource.RLIMIT_CPU, seconds + 5),
            (resource.RLIMIT_FSIZE, int(answer_mib * 1024 * 1024)),
            (resource.RLIMIT_CORE, 0),
        ):
            with contextlib.suppress(ValueError):  # the system's own limit is lower already, or cannot be set (macOS)
                resource.setrlimit(what, (value, value))


if __name__ == "__main__":
    main()
