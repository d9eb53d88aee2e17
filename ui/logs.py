"""Logging, set up in one place: our own messages to `<home>/logs/razbor.log`, others only from a warning on.

Nothing here may hold a prompt, a paper's text or a key; nothing is logged to the terminal.
"""

from __future__ import annotations

import logging
from logging.handlers import RotatingFileHandler
from pathlib import Path

FILE = "razbor.log"
OURS = ("pipeline", "store", "ui")
LARGEST, KEPT = 2 * 2**20, 3
"""Bytes of one file, and how many older ones stay."""
FORM = "%(asctime)s %(process)d %(levelname)s %(name)s: %(message)s"


def start(folder: Path) -> None:
    """Log to a file of `folder` from now on. The second call moves to the new folder."""
    path = folder / FILE
    root = logging.getLogger()
    for handler in [handler for handler in root.handlers if isinstance(handler, _Ours)]:
        if Path(handler.baseFilename) == path.absolute():
            return
        root.removeHandler(handler)
        handler.close()
    handler = _Ours(path, maxBytes=LARGEST, backupCount=KEPT, encoding="utf-8", delay=True)
    handler.setFormatter(logging.Formatter(FORM))
    root.addHandler(handler)
    root.setLevel(logging.WARNING)
    for name in OURS:
        logging.getLogger(name).setLevel(logging.INFO)


class _Ours(RotatingFileHandler):
    """A handler that we know again."""
