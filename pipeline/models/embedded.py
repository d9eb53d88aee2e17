"""The embedded model: llama.cpp inside this process, behind a loopback port that only this process has the key of.

Memory is the file (mapped) plus the context: for the default model of 1.5B, 28 KiB a token, 0.9 GiB at 32,768 tokens,
plus at most `CACHE_RAM_MIB` for the prompts of other papers. So two papers that take turns on the one slot find their
prefixes again.
"""

from __future__ import annotations

import os
import secrets
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from pipeline.errors import ModelFileError

CACHE_RAM_MIB = 1024


@dataclass(frozen=True)
class Running:
    """A model that answers. Its key lives as long as the process and is written nowhere."""

    base_url: str
    api_key: SecretStr
    context: int


_lock = threading.Lock()
_running: dict[tuple[Path, int], tuple[Running, Any]] = {}


def start(path: Path, *, context: int, threads: int = 0) -> Running:
    """Load the file and serve it, at most once per process; the second call returns the first server.

    Args:
        path: a GGUF file.
        context: tokens of prompt and reply together.
        threads: processor threads; 0: one for each physical core this process may use.

    Raises:
        ModelFileError: there is no such file, or llama.cpp cannot load it (broken, or not enough memory).
    """
    with _lock:
        key = (path.resolve(), context)
        if key not in _running:
            _running[key] = _load(path, context, threads or physical_cores())
        return _running[key][0]


def _load(path: Path, context: int, threads: int) -> tuple[Running, Any]:
    if not path.is_file():
        raise ModelFileError(f"There is no model file {path}.", "Fetch it: razbor models pull.")
    # Read by OpenMP when it is loaded: how long a waiting thread spins before it sleeps. Measured on two cores with a
    # 1.5B model: endless spinning writes 22 tokens a second on an idle machine and 2 to 4 beside other work, sleeping
    # at once 16 and 13; this count keeps about 19 in both.
    os.environ.setdefault("GOMP_SPINCOUNT", "1000")
    import xllamacpp

    api_key = secrets.token_urlsafe(32)
    try:
        server = xllamacpp.Server(_parameters(xllamacpp.CommonParams(), path, context, threads, api_key))
    except RuntimeError as error:  # llama.cpp tells the reason only in its log
        raise ModelFileError(
            f"llama.cpp cannot load {path.name} ({context} tokens of context): it is broken, or memory is short.",
            "Lower RAZBOR_EMBEDDED_CONTEXT, or delete the file and run: razbor models pull.",
        ) from error
    return Running(f"{server.listening_address}/v1", SecretStr(api_key), context), server


def _parameters(p: Any, path: Path, context: int, threads: int, api_key: str) -> Any:
    p.model.path = str(path)
    p.n_ctx = context
    p.fit_params = False  # else llama.cpp shrinks the context to the free memory without a word
    p.n_parallel = 1
    p.cache_prompt = True
    p.cache_ram_mib = CACHE_RAM_MIB
    p.cpuparams.n_threads = threads
    p.cpuparams_batch.n_threads = threads
    p.hostnames = ["127.0.0.1"]
    p.port = 0  # a free one
    p.api_keys = [api_key]
    p.ui = False
    p.endpoint_slots = False
    p.verbosity = 0
    return p


def physical_cores() -> int:
    """Cores that this process may use; two hyper-threads of one core count once, because they only slow llama.cpp."""
    if not hasattr(os, "sched_getaffinity"):
        return os.cpu_count() or 1
    return len({_siblings(cpu) for cpu in os.sched_getaffinity(0)})


def _siblings(cpu: int) -> str:
    """The hyper-threads of this core, as Linux lists them; the number itself where Linux does not say."""
    place = Path(f"/sys/devices/system/cpu/cpu{cpu}/topology/thread_siblings_list")
    return place.read_text().strip() if place.exists() else str(cpu)
