"""Fixtures for all rooms. Each room keeps its own beside its tests."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from pipeline.models import files

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def small_model() -> Path:
    """The file of the small real model, fetched once: tests marked `model` use it.

    It lies in `RAZBOR_TEST_MODEL_DIR`, else in `.cache/models` of the repository.
    """
    folder = Path(os.environ.get("RAZBOR_TEST_MODEL_DIR") or ROOT / ".cache" / "models")
    return files.pull("qwen2.5-coder-0.5b", folder)
