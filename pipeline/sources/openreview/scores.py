"""A venue's list of marks, as people publish them: CSV, or a JSON list of objects; one file is one look at the venue.

Known columns, whatever their case: `id` (or `forum`, or an OpenReview URL in `site` or `url`), `title`, `ratings`,
`confidences`, `reviewers`, `decision` or `status`, `withdraw`, `venue`, `authors`; `ratings_before` and `ratings_after`
in one file are two looks. A cell with marks is `[5, 6, 8]`, `5;6;8`, or one mark.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pipeline.errors import InputError
from pipeline.sources.imported import Imported, Refused
from pipeline.sources.openreview.score_rows import BadRow, Look, look_at, rows_of
from store.library import Library
from store.records import Forum, Score, Snapshot, now

_DATE = re.compile(r"[-_. ]?(20\d\d)[-_.]?(0[1-9]|1[0-2])[-_.]?(0[1-9]|[12]\d|3[01])(?!\d)")
_BATCH = 1000
_BEFORE = timedelta(minutes=1)
"""Between the two looks of a file that holds both: it does not say when the first one was."""


@dataclass
class ImportedScores(Imported):
    """What an import did; `changed` counts the papers whose ratings differ from those known before."""

    changed: int = 0
    venue: str = ""
    taken: str = ""


def import_scores(
    file: Path,
    library: Library,
    *,
    venue: str = "",
    taken: datetime | None = None,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> ImportedScores:
    """Keep a venue's marks as snapshots; the same file twice changes nothing.

    `taken`, when the marks stood so, is else the date in the file's name, else now; `venue` is else a column's, else
    the file's name without its date. `progress` hears (done, total) rows.

    Raises:
        InputError: the file cannot be read, or has no column of ids or of ratings.
    """
    taken = taken or _date_in(file.name) or now()
    venue = venue or _DATE.sub("", file.name.split(".")[0]).strip("-_ ") or file.name
    told = ImportedScores(venue=venue, taken=taken.isoformat())
    rows = rows_of(file)
    looks: dict[str, Look] = {}
    for line, row in rows:
        try:
            look = look_at(row)
            if look.forum in looks:
                raise BadRow(f"{look.forum} stands in the file twice")
            looks[look.forum] = look
        except BadRow as error:
            told.refused.append(Refused(line, str(error)))
    if rows and not looks:
        raise InputError(
            f"No row of {file.name} has an id and ratings.", f"The first is refused: {told.refused[0].why}."
        )
    wanted = list(looks.values())
    for start in range(0, len(wanted), _BATCH):
        _keep(library, wanted[start : start + _BATCH], venue, taken, told)
        progress(min(start + _BATCH, len(wanted)), len(wanted))
    return told


def date_of(words: str) -> datetime | None:
    """The date that a person gives, None for no words.

    Raises:
        InputError: it is no date.
    """
    if not words:
        return None
    try:
        return datetime.fromisoformat(words).replace(tzinfo=UTC)
    except ValueError as error:
        raise InputError(f"“{words}” is no date.", "Write it as 2022-11-05.") from error


def _date_in(name: str) -> datetime | None:
    found = _DATE.search(name)
    try:
        return datetime(int(found[1]), int(found[2]), int(found[3]), tzinfo=UTC) if found else None
    except ValueError:  # 31 June is no date
        return None


def _keep(library: Library, looks: Sequence[Look], venue: str, taken: datetime, told: ImportedScores) -> None:
    """Keep a batch in one transaction and count what it changed."""
    known: dict[str, list[tuple[datetime, tuple[Score, ...]]]] = {}
    for sight in library.sights_of([look.forum for look in looks]):
        if sight.source == "import":
            known.setdefault(sight.forum, []).append((sight.taken, sight.scores))
    pairs: list[tuple[Forum, Snapshot]] = []
    for look in looks:
        earlier = known.get(look.forum, [])
        for at, scores in [(taken - _BEFORE, look.before), (taken, look.scores)]:
            if scores is None:
                continue
            named = name_reviewers(scores, _nearest(earlier, at))
            earlier.append((at, named))
            snapshot = Snapshot(forum=look.forum, taken=at, seen=at, source="import", scores=named)
            pairs.append((look.as_forum(venue), snapshot))
    seen = library.keep_forums(pairs)
    told.changed += sum(one.rerated for one in seen)
    added = {one.forum for one in seen if one.added}
    updated = {one.forum for one in seen if one.updated} - added
    told.added, told.updated = told.added + len(added), told.updated + len(updated)
    told.unchanged += len(looks) - len(added) - len(updated)


def _nearest(earlier: Iterable[tuple[datetime, tuple[Score, ...]]], at: datetime) -> tuple[Score, ...]:
    looks = [(abs(when - at), scores) for when, scores in earlier if scores]
    return min(looks, key=lambda look: look[0])[1] if looks else ()


def name_reviewers(scores: Sequence[Score], known: Sequence[Score]) -> tuple[Score, ...]:
    """Number reviewers without a name so that a number means the same person as in `known`, a look at another time.

    Lists of equal length are in one order. In a longer one the new reviews stand all before or all after the known
    ones: on the side where more of the marks agree. If both sides agree as well, nobody can tell who is who, and all
    get new numbers.
    """
    if all(score.reviewer for score in scores):
        return tuple(scores)
    fresh = 1 + max((int(score.reviewer) for score in known if score.reviewer.isdecimal()), default=0)
    names = [""] * len(scores)
    shift = len(scores) - len(known)
    at_end, at_start = (_agreeing(scores[max(0, first) :], known[max(0, -first) :]) for first in (shift, 0))
    if known and (shift == 0 or at_end != at_start):
        first = shift if at_end > at_start else 0
        for index in range(len(scores)):
            if 0 <= index - first < len(known):
                names[index] = known[index - first].reviewer
    for index, name in enumerate(names):
        if not name:
            names[index], fresh = str(fresh), fresh + 1
    return tuple(score.model_copy(update={"reviewer": name}) for score, name in zip(scores, names, strict=True))


def _agreeing(first: Sequence[Score], second: Sequence[Score]) -> int:
    pairs = zip(first, second, strict=False)
    return sum((one.rating, one.confidence) == (other.rating, other.confidence) for one, other in pairs)
