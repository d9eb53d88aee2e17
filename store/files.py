"""The data folder: who lives where, writes that are whole or absent, PDFs by content, locks between processes."""

from __future__ import annotations

import errno
import hashlib
import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path

from store.errors import DiskFull, Locked, NotFound, StoreError

_NO_ROOM = {errno.ENOSPC, errno.EFBIG, errno.EDQUOT}
_MEND_FOLDER = "Make the folder writable, or set RAZBOR_HOME to another one."


class Home:
    """The data folder. Folders in it are made when first asked for, for this user only (0700).

    Raises:
        DiskFull: no room is left.
        StoreError: a folder cannot be made or written.
    """

    def __init__(self, path: Path | str) -> None:
        self.path = Path(path).expanduser().absolute()

    @cached_property
    def root(self) -> Path:
        return _folder(self.path)

    @property
    def database(self) -> Path:
        """The SQLite file of the library."""
        return self.root / "razbor.sqlite"

    @property
    def checkpoints(self) -> Path:
        """The SQLite file of LangGraph's checkpointer."""
        return self.root / "checkpoints.sqlite"

    @cached_property
    def chroma(self) -> Path:
        return _folder(self.root / "chroma")

    @cached_property
    def pdfs(self) -> Path:
        return _folder(self.root / "pdfs")

    @cached_property
    def models(self) -> Path:
        return _folder(self.root / "models")

    @cached_property
    def locks(self) -> Path:
        return _folder(self.root / "locks")

    @cached_property
    def logs(self) -> Path:
        return _folder(self.root / "logs")

    def write_atomic(self, path: Path, data: bytes) -> None:
        """Write a file so that a reader sees the old bytes or the new ones; see `write_atomic`."""
        write_atomic(path, data)

    def keep_pdf(self, data: bytes) -> str:
        """Keep a PDF under its content; the SHA-256 as 64 hex digits. Keeping it twice keeps it once."""
        digest = hashlib.sha256(data).hexdigest()
        path = self.pdfs / f"{digest[:16]}.pdf"
        if not path.exists():
            write_atomic(path, data)
        return digest

    def pdf(self, sha: str) -> Path:
        """The kept PDF with this SHA-256 (16 hex digits are enough).

        Raises:
            NotFound: no such PDF is kept.
        """
        path = self.pdfs / f"{sha[:16]}.pdf"
        if not re.fullmatch(r"[0-9a-f]{16,64}", sha) or not path.exists():
            raise NotFound(f"No PDF {sha!r} is kept.", "Digest the paper again to fetch it.")
        return path

    def name_pdf(self, name: str, sha: str) -> None:
        """Remember under which name its source knows a kept PDF."""
        write_atomic(self._name(name), sha.encode())

    def named_pdf(self, name: str) -> str | None:
        """The SHA-256 of the PDF that was named so, None where none is kept."""
        try:
            sha = self._name(name).read_text(encoding="ascii")
            self.pdf(sha)
        except (OSError, UnicodeDecodeError, NotFound):
            return None
        return sha

    def _name(self, name: str) -> Path:
        return self.pdfs / f"{_safe(name)}.sha256"

    @contextmanager
    def lock(self, name: str, wait: float = 0) -> Iterator[None]:
        """Hold a lock that excludes other processes and threads; it ends with its process.

        Args:
            wait: seconds to wait for it.

        Raises:
            Locked: someone else holds it; `holder` is the process id.
        """
        from filelock import FileLock, Timeout

        path = self.locks / f"{_safe(name)}.lock"
        side = path.with_suffix(".pid")
        lock = FileLock(path, timeout=wait, mode=0o600, thread_local=False)
        try:
            lock.acquire()
        except Timeout:
            holder = _pid(side)
            who = f"process {holder}" if holder else "another process"
            raise Locked(f"{name} is in use by {who}.", "Wait until it has finished.", holder=holder) from None
        except OSError as error:
            raise _typed(error, path) from error
        try:
            write_atomic(side, str(os.getpid()).encode())
            yield
        finally:
            side.unlink(missing_ok=True)
            lock.release()


def write_atomic(path: Path, data: bytes) -> None:
    """Write beside, flush to the disk, rename: a crash leaves the old file or the new one, never a half.

    Raises:
        DiskFull: no room is left (or a quota or file size limit is reached).
        StoreError: the folder cannot be written.
    """
    beside = None
    try:
        descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name[:40]}.", suffix=".part")
        beside = Path(name)
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
        _flush_folder(path.parent)
    except OSError as error:
        raise _typed(error, path) from error
    finally:
        if beside is not None:
            beside.unlink(missing_ok=True)


def _folder(path: Path) -> Path:
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise _typed(error, path) from error
    if not os.access(path, os.W_OK | os.X_OK):
        raise StoreError(f"The folder {path} cannot be written.", _MEND_FOLDER)
    return path


def _flush_folder(folder: Path) -> None:
    """Make a rename survive a power cut; Windows cannot open a folder and does without."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _typed(error: OSError, path: Path) -> StoreError:
    if error.errno in _NO_ROOM:
        return DiskFull(f"No room left to write {path}.", "Free some space on this disk, then run the same again.")
    return StoreError(f"Cannot write {path}: {error.strerror or error}.", _MEND_FOLDER)


def _safe(name: str) -> str:
    """A file name that keeps what is readable; the hash keeps different names apart."""
    readable = re.sub(r"[^A-Za-z0-9.-]+", "_", name).strip("._")[:80]
    return f"{readable}-{hashlib.sha256(name.encode(errors='surrogatepass')).hexdigest()[:8]}"


def _pid(side: Path) -> int | None:
    try:
        return int(side.read_text())
    except (OSError, ValueError):
        return None
