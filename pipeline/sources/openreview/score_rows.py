"""The rows of a list of marks: CSV or JSON in, typed looks at one paper out, each refusal with its reason."""

from __future__ import annotations

import ast
import csv
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.errors import InputError
from pipeline.sources.identity import forum_id
from pipeline.sources.openreview.fields import clean, key, number, plain
from store.records import Forum, ForumStatus, Score

Row = Mapping[str, str]
IDS = ("id", "forum", "forum_id", "paper_id", "site", "url", "openreview")
RATINGS = ("ratings_after", "rating_after", "after", "final_ratings", "ratings", "rating", "scores", "score")
BEFORE = ("ratings_before", "rating_before", "before", "initial_ratings")
CONFIDENCES = ("confidences", "confidence")
AUTHORS = ("authors", "author")
DECISIONS = ("decision", "status")
WITHDRAWN = ("withdraw", "withdrawn")
_YES = ("1", "1.0", "true", "yes", "y", "withdrawn")
_NOTHING = ("", "[]", "none", "null", "nan", "-", "n/a")
_MOST_REVIEWERS = 100


class BadRow(ValueError):
    """A row that is refused; the words say why."""


@dataclass(frozen=True)
class Look:
    """One row: the marks of one paper, and those from before where the file has both."""

    forum: str
    title: str
    authors: tuple[str, ...]
    venue: str
    decision: str
    status: ForumStatus
    scores: tuple[Score, ...]
    before: tuple[Score, ...] | None

    def as_forum(self, venue: str) -> Forum:
        return Forum(
            forum=self.forum,
            venue=self.venue or venue,
            title=self.title,
            authors=self.authors,
            decision=self.decision,
            status=self.status,
        )


def rows_of(file: Path) -> list[tuple[int, Row]]:
    """The rows with their line numbers (of JSON: their place in the list), keys folded.

    Raises:
        InputError: the file is not there, or is neither CSV nor a JSON list of objects in UTF-8.
    """
    try:
        text = file.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise InputError(f"{file} cannot be read: {error.strerror}.", "Check the file and its permissions.") from error
    except UnicodeDecodeError as error:
        raise InputError(f"{file} is not UTF-8 text.", "Save it as UTF-8.") from error
    return _json_rows(file, text) if text.lstrip()[:1] in ("[", "{") else _csv_rows(file, text)


def _json_rows(file: Path, text: str) -> list[tuple[int, Row]]:
    try:
        said = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InputError(f"{file} is no JSON that can be read.", "Give a JSON list of objects, or CSV.") from error
    if not isinstance(said, list):
        raise InputError(f"{file} holds no list.", "Give a JSON list of objects, or CSV.")
    rows = (item if isinstance(item, dict) else {} for item in said)
    return [(line, {key(str(name)): _cell(value) for name, value in row.items()}) for line, row in enumerate(rows, 1)]


def _cell(value: Any) -> str:
    return ";".join(map(plain, value)) if isinstance(value, list) else plain(value)


def _csv_rows(file: Path, text: str) -> list[tuple[int, Row]]:
    head = text.partition("\n")[0]
    delimiter = max(",;\t", key=head.count)
    reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter, restkey=None, restval="")
    names = {key(name) for name in reader.fieldnames or () if name}
    if not names & set(IDS) or not names & {*RATINGS, *BEFORE}:
        raise InputError(f"{file} has no column of ids or no column of ratings.", "Name them `id` and `ratings`.")
    try:
        return [
            (
                reader.line_num,
                {key(name): clean(value) for name, value in row.items() if name and isinstance(value, str)},
            )
            for row in reader
        ]
    except csv.Error as error:
        raise InputError(f"{file}, line {reader.line_num}, is no CSV: {error}.", "Mend the file.") from error


def look_at(row: Row) -> Look:
    """What one row says.

    Raises:
        BadRow: no id, no column of ratings, or a mark without a number.
    """
    forum = next((found for name in IDS if (found := forum_id(row.get(name, "")))), None)
    if forum is None:
        raise BadRow("no id of a forum")
    column = next((name for name in RATINGS if name in row), None)
    before = next((name for name in BEFORE if name in row), None)
    if column is None:
        raise BadRow("no ratings")
    decision = " ".join(_first(row, DECISIONS).split())
    withdrawn = _first(row, WITHDRAWN).lower() in _YES or decision.lower().startswith("withdraw")
    desk = "desk" in decision.lower()
    return Look(
        forum=forum,
        title=" ".join(row.get("title", "").split()),
        authors=tuple(name.strip() for name in _first(row, AUTHORS).split(";") if name.strip()),
        venue=row.get("venue", ""),
        decision="" if withdrawn or desk or decision.lower() == "active" else decision[:200],
        status="withdrawn" if withdrawn else "desk_rejected" if desk else "active",
        scores=_scores(row, column),
        before=_scores(row, before) if before else None,
    )


def _first(row: Row, names: Sequence[str]) -> str:
    return next((row[name] for name in names if row.get(name)), "")


def _scores(row: Row, column: str) -> tuple[Score, ...]:
    ratings = _marks(row[column], column)
    confidences = _marks(_first(row, CONFIDENCES), "confidences")
    names = [name.strip() for name in row.get("reviewers", "").split(";")]
    if len(confidences) != len(ratings):  # of another time than these ratings: whose they are is not known
        confidences = [None] * len(ratings)
    if len(names) != len(ratings) or not all(names) or len(set(names)) != len(names):
        names = [""] * len(ratings)
    marks = zip(names, ratings, confidences, strict=True)
    return tuple(Score(reviewer=name, rating=rating, confidence=sure) for name, rating, sure in marks)


def _marks(cell: str, column: str) -> list[float | None]:
    """The numbers of `[5, 6, 8]`, `['8: accept', '6: weak accept']`, `5;6;8`, `5,6,8`, or `8: accept`."""
    if cell.strip().lower() in _NOTHING:
        return []
    if cell.lstrip().startswith("["):
        try:
            items = ast.literal_eval(cell.strip())
        except (ValueError, SyntaxError, MemoryError, RecursionError) as error:
            raise BadRow(f"{column}: {cell[:40]!r} is no list") from error
    else:
        many = ";" in cell or all(part.strip().replace(".", "", 1).isdecimal() for part in cell.split(","))
        items = cell.replace(",", ";").split(";") if many and ":" not in cell else cell.split(";")
    if len(items) > _MOST_REVIEWERS:
        raise BadRow(f"{column}: more than {_MOST_REVIEWERS} marks")
    return [_mark(item, column) for item in items]


def _mark(item: object, column: str) -> float | None:
    text = plain(item)
    found = number(text)
    if found is None and text.lower() not in _NOTHING:
        raise BadRow(f"{column}: {text[:40]!r} has no number")
    return found
