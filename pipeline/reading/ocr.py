"""Recognising scanned pages with Tesseract, through MuPDF, where its language data is installed."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

from pipeline.errors import ReadingError
from pipeline.reading.hidden.ink import resolution

WANTED = ("eng", "rus")
DPI = 200
MOST_PIXELS = 5_000_000
ASK_SECONDS = 10


def find_data() -> Path | None:
    """Tesseract's folder of language data: `TESSDATA_PREFIX`, else where the program says it is."""
    told = os.environ.get("TESSDATA_PREFIX")
    if told:
        return Path(told)
    program = shutil.which("tesseract")
    if program is None:
        return None
    asked = subprocess.run([program, "--list-langs"], capture_output=True, text=True, timeout=ASK_SECONDS, check=False)
    place = re.search(r'languages in "(.+)"', asked.stdout + asked.stderr)
    return Path(place[1]) if place else None


def find_languages(data: Path | None) -> str:
    """`eng+rus`, as far as they are installed; empty where neither is."""
    return "+".join(name for name in WANTED if data is not None and (data / f"{name}.traineddata").is_file())


def offer(languages: str, asked: bool) -> str:
    """What to do about a scanned paper on this machine."""
    if not languages:
        return "Install Tesseract with its English or Russian language data, then set RAZBOR_READ_OCR=1."
    if asked:
        return "Tesseract found no text either; look at the pages."
    return f"Set RAZBOR_READ_OCR=1 to recognise its pages with Tesseract ({languages})."


def recognise(page: Any, data: Path, languages: str) -> list[dict[str, Any]]:
    """MuPDF's blocks (`page.get_text("dict")`) of what Tesseract reads in a page's picture.

    Raises:
        ReadingError: Tesseract fails.
    """
    try:
        dpi = int(resolution(page.rect.width, page.rect.height, DPI, MOST_PIXELS))
        text = page.get_textpage_ocr(flags=0, language=languages, dpi=dpi, full=True, tessdata=str(data))
    except (RuntimeError, ValueError) as error:
        raise ReadingError(
            f"Tesseract failed on page {page.number + 1}: {str(error)[:120]}.",
            f"Check its language data in {data}, or unset RAZBOR_READ_OCR.",
        ) from error
    blocks: list[dict[str, Any]] = page.get_text("dict", textpage=text)["blocks"]
    return [block for block in blocks if block["type"] == 0]
