from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from pipeline.errors import ModelFileError, SettingsError
from pipeline.models.endpoints import OPENAI_URL, Prices, from_settings
from pipeline.settings import Settings


@pytest.fixture(autouse=True)
def _no_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "RAZBOR_WRITER_API_KEY", "RAZBOR_WRITER_BASE_URL", "RAZBOR_LLM"):
        monkeypatch.delenv(name, raising=False)


def settings(home: Path, **values: Any) -> Settings:
    return Settings(home=home, **values)


def test_nothing_set_means_the_embedded_model(tmp_path: Path) -> None:
    made = from_settings(settings(tmp_path))
    assert {role: (one.model, one.local, one.role) for role, one in made.items()} == {
        role: ("qwen2.5-coder-1.5b", True, role) for role in ("writer", "judge", "strong_judge")
    }
    assert "no endpoint is set" in made["writer"].why
    with pytest.raises(ModelFileError, match=r"razbor models pull qwen2\.5-coder-1\.5b"):
        made["writer"].address()


def test_a_base_url_alone_is_enough(tmp_path: Path) -> None:
    writer = from_settings(settings(tmp_path, writer_base_url="http://127.0.0.1:8000/v1"))["writer"]
    assert (writer.base_url, writer.local) == ("http://127.0.0.1:8000/v1", False)
    assert writer.api_key.get_secret_value()
    assert "base URL" in writer.why


def test_the_usual_key_alone_means_openai(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-1")
    writer = from_settings(settings(tmp_path))["writer"]
    assert (writer.base_url, writer.api_key.get_secret_value()) == (OPENAI_URL, "sk-1")


def test_embedded_wins_over_a_key_when_asked_for(tmp_path: Path) -> None:
    writer = from_settings(settings(tmp_path, llm="embedded", writer_api_key="sk-1"))["writer"]
    assert writer.local
    assert "RAZBOR_LLM=embedded" in writer.why


def test_api_without_an_endpoint_is_a_wrong_setting(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="RAZBOR_WRITER_BASE_URL"):
        from_settings(settings(tmp_path, llm="api"))


def test_an_unknown_embedded_model_is_a_wrong_setting(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"qwen2\.5-coder-1\.5b"):
        from_settings(settings(tmp_path, embedded_model="gpt-9"))


def test_judges_inherit_field_by_field(tmp_path: Path) -> None:
    made = from_settings(
        settings(
            tmp_path,
            writer_base_url="http://a/v1",
            writer_api_key="ka",
            writer_prices="1,0.5,2",
            judge_model="small",
            strong_judge_base_url="http://b/v1",
            strong_judge_context=9000,
        )
    )
    writer, judge, strong = made["writer"], made["judge"], made["strong_judge"]
    assert (judge.base_url, judge.model, judge.context) == ("http://a/v1", "small", writer.context)
    assert (strong.base_url, strong.model, strong.context) == ("http://b/v1", "small", 9000)
    assert judge.api_key.get_secret_value() == "ka"
    assert strong.api_key.get_secret_value() != "ka", "a key goes to no other host"
    assert strong.prices == judge.prices == Prices(Decimal(1), Decimal("0.5"), Decimal(2))


def test_a_judge_may_live_elsewhere_than_the_embedded_writer(tmp_path: Path) -> None:
    made = from_settings(settings(tmp_path, judge_api_key="sk-2", judge_model="big"))
    assert made["writer"].local
    assert (made["judge"].base_url, made["judge"].model, made["judge"].local) == (OPENAI_URL, "big", False)
    assert made["judge"].start is None
    assert made["strong_judge"].model == "big"


def test_a_judge_s_model_without_a_place_is_a_wrong_setting(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="RAZBOR_JUDGE_BASE_URL"):
        from_settings(settings(tmp_path, judge_model="big"))


def test_the_context_is_never_over_the_model_s_own(tmp_path: Path) -> None:
    writer = from_settings(settings(tmp_path, embedded_context=100_000))["writer"]
    assert writer.context == 32_768


@pytest.mark.parametrize("url", ["localhost:8000/v1", "http://", "http://["])
def test_a_base_url_that_is_none_is_a_wrong_setting(tmp_path: Path, url: str) -> None:
    with pytest.raises(SettingsError, match="RAZBOR_JUDGE_BASE_URL"):
        from_settings(settings(tmp_path, writer_base_url="http://a/v1", judge_base_url=url))


def test_prices() -> None:
    prices = Prices.parse("0.4,0.1,1.6")
    assert prices is not None
    assert prices.money(1_000_000, 250_000, 500_000) == pytest.approx(0.75 * 0.4 + 0.25 * 0.1 + 0.5 * 1.6)
    assert Prices.parse("") is None


def test_openais_key_does_not_go_to_a_host_of_ours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-1")
    writer = from_settings(settings(tmp_path, writer_base_url="http://gpu:8000/v1"))["writer"]
    assert writer.api_key.get_secret_value() != "sk-1"
    monkeypatch.setenv("OPENAI_BASE_URL", "http://proxy/v1")
    writer = from_settings(settings(tmp_path))["writer"]
    assert (writer.base_url, writer.api_key.get_secret_value()) == ("http://proxy/v1", "sk-1")


def test_a_budget_in_money_needs_prices(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="RAZBOR_WRITER_PRICES"):
        from_settings(settings(tmp_path, writer_base_url="http://a/v1", max_money=2))
    priced = settings(tmp_path, writer_base_url="http://a/v1", max_money=2, writer_prices="1,0.5,2")
    assert from_settings(priced)["strong_judge"].prices is not None
