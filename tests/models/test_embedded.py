from __future__ import annotations

from pathlib import Path
from typing import Literal

import pytest
from pydantic import BaseModel, SecretStr

from pipeline.errors import ContextTooSmall, ModelFileError
from pipeline.models import embedded
from pipeline.models.budget import Budget
from pipeline.models.client import Models
from pipeline.models.endpoints import Address, Endpoint
from pipeline.prompts import Rendered
from tests.fakes import FakeCalls


class Color(BaseModel):
    color: Literal["red", "green", "blue"]


def colors(key: str) -> str:
    return "\n".join(f"{key} {n}: the box number {n} is red." for n in range(20))


def question(user: str) -> Rendered:
    return Rendered(name="box", role="writer", system="Answer in JSON.", user=user, hash="h", max_tokens=24)


@pytest.mark.model
def test_the_embedded_model_answers_by_schema_and_keeps_two_prefixes(
    small_model: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    def start() -> Address:
        running = embedded.start(small_model, context=4096)
        return Address(running.base_url, running.api_key)

    endpoint = Endpoint("writer", "", "small", SecretStr("none"), 1_000_000, None, "", local=True, start=start)
    calls = FakeCalls()
    models = Models(
        {"writer": endpoint}, calls=calls, budget=Budget(), timeout=120, temperature=0, progress=lambda _: None
    )
    first, other = colors("Fact"), colors("Note")
    for user in (f"{first}\nColor of box 3?", f"{other}\nColor of box 4?", f"{first}\nColor of box 5?"):
        assert models.ask(question(user), Color, digest_id="d", paper_id="p").color in ("red", "green", "blue")
    cold, between, warm = calls.ledger
    assert cold.cached_tokens < 30
    assert between.cached_tokens < 30
    assert warm.cached_tokens > 0.9 * cold.prompt_tokens
    with pytest.raises(ContextTooSmall):
        models.ask(question("box " * 5000), Color, digest_id="d", paper_id="p")
    models.close()
    assert embedded.start(small_model, context=4096) is embedded.start(small_model, context=4096)
    assert capfd.readouterr().err == ""


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(ModelFileError, match="razbor models pull"):
        embedded.start(tmp_path / "absent.gguf", context=2048)


def test_a_broken_file(tmp_path: Path) -> None:
    broken = tmp_path / "broken.gguf"
    broken.write_bytes(b"GGUF" + bytes(1000))
    with pytest.raises(ModelFileError, match=r"cannot load broken\.gguf"):
        embedded.start(broken, context=2048)


def test_threads_are_at_least_one() -> None:
    assert embedded.physical_cores() >= 1
