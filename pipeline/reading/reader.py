"""The door to reading: one PDF in, one `Document` out, whatever the PDF does to the process that parses it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO

from pydantic import BaseModel, ConfigDict, ValidationError

from pipeline.errors import BadPdf, InputError, ReadingError, UnknownPaper
from pipeline.reading.opening import check_bytes
from pipeline.settings import Settings
from store.records import Document

ROOT = Path(__file__).parents[2]
MIB = 2**20


@dataclass(frozen=True, slots=True)
class Limits:
    """What one PDF may cost; `ocr`: scanned pages are recognised."""

    seconds: float = 120
    memory_mib: int = 2048
    pages: int = 400
    bytes_mib: int = 100
    ocr: bool = False
    answer_mib: float = 64

    @classmethod
    def of(cls, settings: Settings) -> Limits:
        return cls(
            settings.read_seconds, settings.read_memory, settings.read_pages, settings.read_bytes, settings.read_ocr
        )


class Stamp(BaseModel):
    """What a PDF's first page prints of itself: an arXiv id and version, empty where it prints none."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    arxiv_id: str = ""
    version: int | None = None


def read_pdf(path: Path, paper_id: str, limits: Limits = Limits()) -> Document:
    """Parse a PDF in a process of its own.

    Raises:
        UnknownPaper: no such file.
        BadPdf: not a PDF, empty, encrypted, scanned, truncated, broken (`kind`).
        ReadingError: larger than the limits, or the parser ran out of them or crashed.
    """
    try:
        return Document.model_validate(run_job(path, {"task": "read", "paper_id": paper_id}, limits))
    except ValidationError as broken:
        raise _nonsense(broken) from broken


def read_stamp(path: Path) -> Stamp:
    """The arXiv id on page one; the size of the file does not matter.

    Raises: as `read_pdf`.
    """
    try:
        return Stamp.model_validate(run_job(path, {"task": "stamp"}, Limits(bytes_mib=sys.maxsize // MIB)))
    except ValidationError as broken:
        raise _nonsense(broken) from broken


def run_job(path: Path, job: dict[str, object], limits: Limits) -> object:
    """Let a process of its own do a job (`worker.py`) on a PDF; its result.

    Raises:
        UnknownPaper: no such file.
        InputError: the job asks for what the PDF does not have; BadPdf for a file that is none (`kind`).
        ReadingError: larger than the limits, or the process ran out of them or crashed.
    """
    if not path.is_file():
        raise UnknownPaper(f"No such file: {path}.", "Check the path.")
    if path.stat().st_size > limits.bytes_mib * MIB:
        raise ReadingError(
            f"The PDF has {path.stat().st_size / MIB:.0f} MiB; the limit is {limits.bytes_mib}.",
            "Raise RAZBOR_READ_BYTES.",
        )
    check_bytes(path)
    whole = asdict(limits) | {"path": str(path.absolute()), "seconds": int(limits.seconds) + 1} | job
    return _result(_run_worker(whole, limits), limits)


def _run_worker(job: dict[str, object], limits: Limits) -> bytes:
    # files rather than pipes: a child gone wild fills at most its own limit, and no memory of ours
    with tempfile.TemporaryFile() as answer, tempfile.TemporaryFile() as said:
        try:
            done = subprocess.run(
                [sys.executable, "-P", "-m", "pipeline.reading.worker"],
                input=json.dumps(job).encode(),
                stdout=answer,
                stderr=said,
                timeout=limits.seconds,
                check=False,
                env=_environment(),
            )
        except subprocess.TimeoutExpired:
            raise ReadingError(
                f"Reading the PDF took longer than {limits.seconds:g} s and was stopped.",
                "Raise RAZBOR_READ_SECONDS to wait longer.",
            ) from None
        size = answer.seek(0, os.SEEK_END)
        if size >= int(limits.answer_mib * MIB):  # where the system stops it
            raise ReadingError(f"What was read fills more than {limits.answer_mib:g} MiB; this is no paper.")
        if done.returncode or not size:
            raise _crash(done.returncode, _end(said), limits)
        answer.seek(0)
        return answer.read()


def _end(said: IO[bytes]) -> str:
    said.seek(max(0, said.seek(0, os.SEEK_END) - 4096))
    return said.read().decode(errors="replace")


def _environment() -> dict[str, str]:
    """The child's environment: ours without the keys and tokens, which a hostile PDF has no business to be near."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("RAZBOR_", "OPENAI_"))}
    # Tesseract's threads wait for each other by spinning: on a busy machine several are far slower than one
    return kept | {"PYTHONPATH": str(ROOT), "PYTHONUTF8": "1", "OMP_THREAD_LIMIT": "1"}


def _crash(code: int, said: str, limits: Limits) -> ReadingError:
    last = said.strip().splitlines()[-1][:200] if said.strip() else ""
    if "MemoryError" in last or "malloc" in last or -code == signal.SIGKILL:
        return _out_of_memory(limits)
    how = f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
    return ReadingError(
        f"The PDF parser crashed ({how}{': ' + last if last else ''}).", "Skip this paper, or report it with the file."
    )


def _out_of_memory(limits: Limits) -> ReadingError:
    return ReadingError(
        f"Reading the PDF needs more than {limits.memory_mib} MiB of memory.", "Raise RAZBOR_READ_MEMORY."
    )


def _result(answer: bytes, limits: Limits) -> object:
    try:
        told = json.loads(answer)
        if "result" in told:
            return told["result"]
        error = told["error"]
        kind, message, mend = error["type"], str(error["message"]), str(error["mend"])
    except (ValueError, KeyError, TypeError) as broken:
        raise _nonsense(broken) from broken
    if kind == "MemoryError":
        raise _out_of_memory(limits)
    if kind == "BadPdf":
        raise BadPdf(message, mend, kind=str(error.get("kind", "")))
    raise InputError(message, mend) if kind == "InputError" else ReadingError(message, mend)


def _nonsense(broken: Exception) -> ReadingError:
    return ReadingError(f"The PDF parser answered nonsense: {str(broken)[:120]}.", "Skip this paper.")
