"""What every import reports: how much was new, and which lines were refused and why."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Refused:
    """A line that could not be taken; lines count from 1."""

    line: int
    why: str


@dataclass
class Imported:
    """Counts of records; `refused` lines were skipped, all others are kept."""

    added: int = 0
    updated: int = 0
    unchanged: int = 0
    refused: list[Refused] = field(default_factory=list)
