"""Model files from the Hugging Face Hub."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.errors import ModelFileError
from pipeline.models.catalogue import ModelFile

HUB_SECONDS = 10.0


@dataclass(frozen=True)
class Offer:
    """What the Hub has: a fixed commit, the size in bytes and the SHA-256. `url`: another Hub than the usual."""

    url: str | None
    commit: str
    size: int
    sha256: str


def offer(model: ModelFile, hub_url: str | None = None) -> Offer | str:
    """Ask the Hub for the file's metadata; a string says why there is no offer."""
    import httpx2
    from huggingface_hub import get_hf_file_metadata, hf_hub_url
    from huggingface_hub.errors import HfHubHTTPError, OfflineModeIsEnabled

    url = hf_hub_url(model.hub_repo, model.file_name, endpoint=hub_url)
    try:
        found = get_hf_file_metadata(url, timeout=HUB_SECONDS, endpoint=hub_url)
    except (HfHubHTTPError, OfflineModeIsEnabled, httpx2.HTTPError, OSError) as error:
        return f"the Hugging Face Hub is not reached ({type(error).__name__})"
    sha256 = found.etag or ""
    if not re.fullmatch(r"[0-9a-f]{64}", sha256) or not found.commit_hash or not found.size:
        return "the Hugging Face Hub names no SHA-256 for it"
    if model.sha256 not in ("", sha256):
        return "the file on the Hugging Face Hub is not the one that the catalogue knows"
    return Offer(hub_url, found.commit_hash, found.size, sha256)


def download(model: ModelFile, offered: Offer, folder: Path, progress: Callable[[int, int], None]) -> Path:
    """Download into `folder`; a broken download goes on where it stopped.

    Raises:
        ModelFileError: the Hub broke off.
    """
    import httpx2
    from huggingface_hub import hf_hub_download
    from huggingface_hub.errors import HfHubHTTPError
    from tqdm import tqdm  # type: ignore[import-untyped]

    class Bar(tqdm):  # type: ignore[misc]
        """Hands the library's own progress bar to ours."""

        def __init__(self, *args: Any, **options: Any) -> None:
            options.pop("name", None)
            super().__init__(*args, **(options | {"disable": True}))

        def update(self, n: float | None = 1) -> bool | None:
            self.n += n or 0
            progress(min(int(self.n), offered.size), offered.size)
            return None

    try:
        path = hf_hub_download(
            model.hub_repo,
            model.file_name,
            revision=offered.commit,
            local_dir=folder,
            endpoint=offered.url,
            etag_timeout=HUB_SECONDS,
            tqdm_class=Bar,
        )
    except (HfHubHTTPError, httpx2.HTTPError, OSError) as error:
        raise ModelFileError(
            f"The Hugging Face Hub broke off while {model.name} came ({type(error).__name__}).",
            "Run it again: it goes on where it stopped.",
        ) from error
    return Path(path)
