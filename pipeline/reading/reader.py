"""The door to reading: one PDF in, one `Document` out, whatever the PDF does to the process that parses it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

from pydantic import ValidationError

from pipeline.errors import BadPdf, ReadingError, UnknownPaper
from pipeline.reading.pages import check_bytes
from pipeline.settings import Settings
from store.records import Document

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Limits:
    """What one PDF may cost."""

    seconds: float = 120
    memory_mib: int = 2048
    pages: int = 400
    bytes_mib: int = 100

    @classmethod
    def of(cls, settings: Settings) -> Limits:
        return cls(settings.read_seconds, settings.read_memory, settings.read_pages, settings.read_bytes)


def read_pdf(path: Path, paper_id: str, limits: Limits = Limits()) -> Document:
    """Parse a PDF in a process of its own.

    Raises:
        UnknownPaper: no such file.
        BadPdf: not a PDF, empty, encrypted, scanned, truncated, broken (`kind`).
        ReadingError: larger than the limits, or the parser ran out of them or crashed.
    """
    if not path.is_file():
        raise UnknownPaper(f"No such file: {path}.", "Check the path.")
    if path.stat().st_size > limits.bytes_mib * 1024 * 1024:
        raise ReadingError(
            f"The PDF has {path.stat().st_size / 2**20:.0f} MiB; the limit is {limits.bytes_mib}.",
            "Raise RAZBOR_READ_BYTES.",
        )
    check_bytes(path)
    return _document(_run_worker(path, paper_id, limits), limits)


def _run_worker(path: Path, paper_id: str, limits: Limits) -> bytes:
    job = asdict(limits) | {"path": str(path.absolute()), "paper_id": paper_id, "seconds": int(limits.seconds) + 1}
    try:
        done = subprocess.run(
            [sys.executable, "-P", "-m", "pipeline.reading.worker"],
            input=json.dumps(job).encode(),
            capture_output=True,
            timeout=limits.seconds,
            check=False,
            env=_environment(),
        )
    except subprocess.TimeoutExpired:
        raise ReadingError(
            f"Reading the PDF took longer than {limits.seconds:g} s and was stopped.",
            "Raise RAZBOR_READ_SECONDS to wait longer.",
        ) from None
    if done.returncode or not done.stdout:
        raise _crash(done.returncode, done.stderr.decode(errors="replace"), limits)
    return done.stdout


def _environment() -> dict[str, str]:
    """The child's environment: ours without the keys and tokens, which a hostile PDF has no business to be near."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("RAZBOR_", "OPENAI_"))}
    return kept | {"PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"}


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


def _document(answer: bytes, limits: Limits) -> Document:
    try:
        told = json.loads(answer)
        if "document" in told:
            return Document.model_validate(told["document"])
        error = told["error"]
        if error["type"] == "MemoryError":
            raise _out_of_memory(limits)
        if error["type"] == "BadPdf":
            raise BadPdf(error["message"], error["mend"], kind=error["kind"])
        raise ReadingError(error["message"], error["mend"])
    except (ValueError, KeyError, TypeError, ValidationError) as broken:
        raise ReadingError(f"The PDF parser answered nonsense: {str(broken)[:120]}.", "Skip this paper.") from broken
