"""Which model plays which role, where it runs, and why: read from the settings, field by field.

`judge` takes what it does not set from `writer`, `strong_judge` from `judge`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import NamedTuple, get_args
from urllib.parse import urlsplit

from pydantic import SecretStr

from pipeline.errors import SettingsError
from pipeline.models import catalogue, embedded, files
from pipeline.models.catalogue import ModelFile
from pipeline.settings import ModelRole, Settings

ROLES: tuple[ModelRole, ...] = get_args(ModelRole)
OPENAI_URL = "https://api.openai.com/v1"
NO_KEY = "none"
"""Sent where no key is set: servers of one's own ask for none, and the SDK insists on one."""


class Address(NamedTuple):
    base_url: str
    api_key: SecretStr


@dataclass(frozen=True)
class Prices:
    """Dollars per million tokens."""

    prompt: Decimal
    cached: Decimal
    completion: Decimal

    @classmethod
    def parse(cls, text: str) -> Prices | None:
        """Read `prompt,cached,completion` (checked by the settings); empty: None, money is not counted."""
        return cls(*(Decimal(part) for part in text.split(","))) if text else None

    def money(self, prompt_tokens: int, cached_tokens: int, completion_tokens: int) -> float:
        """Dollars for one call; `cached_tokens` are among `prompt_tokens`."""
        fresh = prompt_tokens - cached_tokens
        total = fresh * self.prompt + cached_tokens * self.cached + completion_tokens * self.completion
        return float(total / 1_000_000)


@dataclass(frozen=True)
class Endpoint:
    """One model behind the OpenAI protocol. `why` is a sentence for a person; `repr` never shows the key.

    `local` marks the embedded model. It has no address before its first use: `start` loads it and returns the address.
    """

    role: ModelRole
    base_url: str
    model: str
    api_key: SecretStr
    context: int
    prices: Prices | None
    why: str
    local: bool = False
    start: Callable[[], Address] | None = field(default=None, repr=False, compare=False)

    def address(self) -> Address:
        """Base URL and key; starts the embedded model on its first use.

        Raises:
            ModelFileError: the embedded model's file is absent or cannot be loaded.
        """
        return self.start() if self.start else Address(self.base_url, self.api_key)

    @property
    def place(self) -> str:
        """Role, model and host, as an error names them: no path, no user, no key."""
        where = "in this process" if self.local else f"at {urlsplit(self.base_url).hostname or self.base_url}"
        return f"The {self.role} ({self.model}, {where})"


def from_settings(settings: Settings) -> dict[ModelRole, Endpoint]:
    """An endpoint for each role. Nothing is loaded or called yet.

    Raises:
        SettingsError: `RAZBOR_LLM=api` without an endpoint, or an unknown embedded model.
    """
    given = (settings.writer_base_url, settings.openai_base_url, settings.writer_api_key, settings.openai_api_key)
    configured = any(one.get_secret_value() if isinstance(one, SecretStr) else one for one in given)
    if settings.llm == "api" and not configured:
        raise SettingsError(
            "RAZBOR_LLM=api, but no endpoint is set.",
            "Set RAZBOR_WRITER_BASE_URL or RAZBOR_WRITER_API_KEY (OPENAI_BASE_URL, OPENAI_API_KEY).",
        )
    use_api = settings.llm == "api" or (settings.llm == "auto" and configured)
    writer = _writer(settings) if use_api else _embedded(settings, forced=settings.llm == "embedded")
    judge = _inherit("judge", settings, writer)
    endpoints: dict[ModelRole, Endpoint] = {
        "writer": writer,
        "judge": judge,
        "strong_judge": _inherit("strong_judge", settings, judge),
    }
    _priced(endpoints, settings)
    return endpoints


def _priced(endpoints: dict[ModelRole, Endpoint], settings: Settings) -> None:
    unpriced = [role for role, endpoint in endpoints.items() if not endpoint.local and endpoint.prices is None]
    if settings.max_money and unpriced:
        raise SettingsError(
            f"RAZBOR_MAX_MONEY is set, but nobody knows what the {unpriced[0]} costs.",
            f"Set RAZBOR_{unpriced[0].upper()}_PRICES, or limit RAZBOR_MAX_TOKENS instead.",
        )


def _writer(settings: Settings) -> Endpoint:
    base_url = _base_url(settings, "writer")
    own, openai = settings.writer_api_key.get_secret_value(), settings.openai_api_key.get_secret_value()
    key = own or ("" if base_url else openai)  # OpenAI's key is not for a host that only we are told of
    base_url = base_url or settings.openai_base_url
    where = "a base URL is set" if base_url else "a key is set, and no base URL"
    return Endpoint(
        role="writer",
        base_url=base_url or OPENAI_URL,
        model=settings.writer_model,
        api_key=SecretStr(key or NO_KEY),
        context=settings.writer_context,
        prices=Prices.parse(settings.writer_prices),
        why=f"RAZBOR_LLM={settings.llm} and {where}.",
    )


def _embedded(settings: Settings, *, forced: bool) -> Endpoint:
    try:
        model = catalogue.find(settings.embedded_model)
    except KeyError:
        raise SettingsError(
            f"There is no embedded model «{settings.embedded_model}».",
            f"Set RAZBOR_EMBEDDED_MODEL to one of: {', '.join(catalogue.NAMES)}.",
        ) from None
    reason = "RAZBOR_LLM=embedded" if forced else "no endpoint is set"
    return embedded_endpoint(model, settings, why=f"The embedded model runs, because {reason}.")


def embedded_endpoint(model: ModelFile, settings: Settings, *, why: str) -> Endpoint:
    """The endpoint of `model`, which is loaded at the first call; its file lies in `<home>/models`."""
    context = min(settings.embedded_context, model.context)

    def start() -> Address:
        path = files.require(model, settings.home / "models")
        running = embedded.start(path, context=context, threads=settings.threads)
        return Address(running.base_url, running.api_key)

    return Endpoint(
        role="writer",
        base_url="",
        model=model.name,
        api_key=SecretStr(NO_KEY),
        context=context,
        prices=None,
        why=why,
        local=True,
        start=start,
    )


def _inherit(role: ModelRole, settings: Settings, source: Endpoint) -> Endpoint:
    """The endpoint of a judge: what it sets itself, the rest from `source`."""
    base_url = _base_url(settings, role)
    key: str = getattr(settings, f"{role}_api_key").get_secret_value()
    model: str = getattr(settings, f"{role}_model")
    context: int = getattr(settings, f"{role}_context")
    prices = Prices.parse(getattr(settings, f"{role}_prices"))
    if not (base_url or key or model or context or prices):
        return replace(source, role=role, why=f"{role} is not set: as {source.role}.")
    moves = bool(base_url or key) and source.local
    if source.local and not moves:
        raise SettingsError(
            f"The {role} has settings, but no endpoint, and {source.role} is the embedded model.",
            f"Set RAZBOR_{role.upper()}_BASE_URL or RAZBOR_{role.upper()}_API_KEY, or unset the others.",
        )
    source_key = source.api_key.get_secret_value()
    same_host = not base_url or urlsplit(base_url).netloc == urlsplit(source.base_url).netloc
    return replace(
        source,
        role=role,
        base_url=base_url or (OPENAI_URL if moves else source.base_url),
        model=model or (settings.writer_model if moves else source.model),
        api_key=SecretStr(key or (source_key if same_host else NO_KEY)),
        context=context or (settings.writer_context if moves else source.context),
        prices=prices or (Prices.parse(settings.writer_prices) if moves else source.prices),
        why=f"{role} has settings of its own; what it does not set is as {source.role}.",
        local=False,
        start=None,
    )


def _base_url(settings: Settings, role: ModelRole) -> str:
    url: str = getattr(settings, f"{role}_base_url")
    try:
        sound = not url or (urlsplit(url).scheme in ("http", "https") and bool(urlsplit(url).hostname))
    except ValueError:
        sound = False
    if not sound:
        variable = f"RAZBOR_{role.upper()}_BASE_URL"
        raise SettingsError(f"{variable} is no HTTP address.", "It looks like https://host/v1.")
    return url
