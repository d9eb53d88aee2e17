"""One Russian sentence on the reviews, made by code from the dynamics: no model has a say in it, so no quote proves it.

Only numbers and words of our own get in, and the venue's short name; never text from the forum.
"""

from __future__ import annotations

import re

from pipeline.sources.openreview.dynamics import Dynamics
from pipeline.writing.typography import NBSP
from store.records import Block, Post

_MANY = ("", "один", "двое", "трое", "четверо", "пятеро", "шестеро", "семеро")
_OF = ("", "одного", "двух", "трёх", "четырёх", "пяти", "шести", "семи", "восьми", "девяти", "десяти")
_FATES = (
    (r"desk.rejected", "статью отклонили без рецензирования"),
    (r"withdrawn", "авторы отозвали статью"),
    (r"reject", "статью отклонили"),
    (r"\boral\b", "статью приняли с устным докладом"),
    (r"\bspotlight\b", "статью приняли с кратким докладом"),
    (r"\bposter\b", "статью приняли со стендовым докладом"),
    (r"accept|\bnotable\b", "статью приняли"),
)
_LEAST_CHANGE = 0.05


def with_reviews(post: Post, url: str, sentence: str) -> Post:
    """The post with a link to the reviews under its links, and the sentence as a paragraph before the closing list."""
    if not url:
        return post
    blocks = list(post.blocks)
    after_links = next((at for at, block in enumerate(blocks) if block.kind not in ("title", "link")), len(blocks))
    if not any(block.url == url for block in blocks):  # of a paper that itself came from OpenReview
        blocks.insert(after_links, Block(kind="link", text="Рецензии", url=url))
    if sentence:
        closing = next((at for at, block in enumerate(blocks) if block.kind == "bullet"), len(blocks))
        blocks.insert(closing, Block(kind="paragraph", text=sentence))
    return Post(blocks=tuple(blocks))


def reviews_sentence(found: Dynamics) -> str:
    """The sentence; empty where there is neither a rating nor a decision."""
    parts = [part for part in (_ratings(found), _replies(found), _fate(found.decision)) if part]
    venue = venue_name(found.forum.venue)
    where = f"На OpenReview ({venue})" if venue else "На OpenReview"
    return f"{where} {'; '.join(parts)}." if parts else ""


def venue_name(venue: str) -> str:
    """`ICLR.cc/2025/Conference` and `iclr2025` are "ICLR 2025"; a name that is no plain one is left out."""
    parts = re.split(r"[/\s]+", re.sub(r"^([A-Za-z]+)(20\d\d)$", r"\1/\2", venue))
    stem = parts[0].split(".")[0]
    year = next((at for at, part in enumerate(parts) if re.fullmatch(r"20\d\d", part)), None)
    inner = [stem] if year == 1 or len(parts) == 1 else [part for part in parts[:year] if "." not in part]
    words = [word.upper() if word.islower() else word for word in inner]
    name = " ".join([*words, parts[year]] if year else words)
    kind = "воркшоп " if "workshop" in venue.lower() else ""
    return f"{kind}{name}".replace(" ", NBSP) if re.fullmatch(r"[A-Z][A-Za-z0-9 ]{1,23}", name) else ""


def _ratings(found: Dynamics) -> str:
    rated = [reviewer for reviewer in found.reviewers if reviewer.after is not None]
    before, after = found.mean_before, found.mean_after
    if after is None:
        return ""
    count = len(rated)
    people = plural(count, "рецензента", "рецензентов", "рецензентов")
    whose = f"средняя оценка {_of(count)} {people}" if count > 1 else "оценка рецензента"
    if before is None:
        return f"{whose}{NBSP}— {russian(after)}{_range(found)}"
    if before == after:
        unmoved = " и после ответа авторов не изменилась" if found.authors_replied else ""
        return f"{whose}{NBSP}— {russian(after)}{_range(found)}{unmoved}"
    moved = "выросла" if after > before else "снизилась"
    return f"{whose} {moved} с{NBSP}{russian(before)} до{NBSP}{russian(after)}{_spread(found)}"


def _range(found: Dynamics) -> str:
    marks = [reviewer.after for reviewer in found.reviewers if reviewer.after is not None]
    low, high = min(marks), max(marks)
    return f" (от{NBSP}{russian(low)} до{NBSP}{russian(high)})" if low < high else ""


def _spread(found: Dynamics) -> str:
    before, after = found.spread_before, found.spread_after
    if before is None or after is None or abs(after - before) < _LEAST_CHANGE or len(found.reviewers) == 1:
        return ""
    moved = "вырос" if after > before else "сузился"
    return f" (разброс {moved} с{NBSP}{russian(before)} до{NBSP}{russian(after)})"


def _replies(found: Dynamics) -> str:
    replied = [reviewer.replied_after_rebuttal for reviewer in found.reviewers]
    asked = [came for came in replied if came is not None]
    came, of = sum(asked), len(asked)
    if not asked:
        return ""
    if of == 1:
        return f"на{NBSP}ответ авторов рецензент {'откликнулся' if came else 'не откликнулся'}{_open(found)}"
    if came == 0:
        who = "ни один из рецензентов не откликнулся"
    elif came == of:
        who = "откликнулись оба рецензента" if of == 2 else "откликнулись все рецензенты"
    elif came == 1:
        who = f"откликнулся один рецензент из{NBSP}{_of(of)}"
    else:
        who = f"откликнулись {_MANY[came] if came < len(_MANY) else came} из{NBSP}{_of(of)}"
    return f"на{NBSP}ответ авторов {who}{_open(found)}"


def _open(found: Dynamics) -> str:
    count = len(found.open_questions)
    if not count:
        return ""
    answers = "остался ответ" if count == 1 else "остались ответы"
    return f", без внимания {answers} на{NBSP}{count}{NBSP}{plural(count, 'вопрос', 'вопроса', 'вопросов')}"


def _fate(decision: str) -> str:
    return next((words for sign, words in _FATES if re.search(sign, decision, re.IGNORECASE)), "")


def _of(count: int) -> str:
    return _OF[count] if count < len(_OF) else str(count)


def plural(count: int, one: str, few: str, many: str) -> str:
    """The form that Russian has after a number: 1, 21 `one`; 2 to 4, 22 `few`; 0, 5 to 20, 25 `many`."""
    if count % 10 == 1 and count % 100 != 11:
        return one
    return few if 2 <= count % 10 <= 4 and not 12 <= count % 100 <= 14 else many


def russian(number: float) -> str:
    """A number with a decimal comma, at most two places: "6,25", "5,5", "6"."""
    return f"{number:.2f}".rstrip("0").rstrip(".").replace(".", ",")
