"""arXiv's client over the loopback server, with a clock that only the tests move."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pipeline.settings import load
from pipeline.sources.arxiv.query import Query
from pipeline.sources.arxiv.source import Arxiv
from pipeline.sources.identity import identify
from pipeline.sources.pace import Pace
from store.files import Home
from store.records import Paper
from tests.sources.arxiv_server import ArxivServer


@dataclass
class Clock:
    """Time that passes only while someone sleeps."""

    time: float = 1_800_000_000.0
    slept: list[float] = field(default_factory=list)

    def now(self) -> float:
        return self.time

    def sleep(self, seconds: float) -> None:
        self.slept.append(round(seconds, 3))
        self.time += seconds


class Desk:
    """Each call opens a client of its own, as commands do."""

    def __init__(self, server: ArxivServer, folder: Path, **settings: Any) -> None:
        self.server, self.home, self.clock = server, Home(folder / "home"), Clock()
        self.settings = load(
            home=folder / "home", arxiv_api_url=server.url, arxiv_pdf_url=server.url, _env_file=None, **settings
        )
        self.told: list[str] = []

    def open(self) -> Arxiv:
        return Arxiv(self.settings, self.home, self.pace())

    def pace(self) -> Pace:
        return Pace(
            self.home,
            "arXiv",
            self.settings.arxiv_delay,
            clock=self.clock.now,
            sleep=self.clock.sleep,
            on_wait=self.told.append,
        )

    def look_up(self, *words: str) -> tuple[list[Paper], list[str]]:
        with self.open() as source:
            papers, missing = source.by_ids([identify(word) for word in words])
        return list(papers), list(missing)

    def search(self, **query: Any) -> list[Paper]:
        with self.open() as source:
            return list(source.search(Query(**query)).papers)

    def pdf(self, word: str) -> Path:
        with self.open() as source:
            return source.pdf_path(source.one(identify(word)))
