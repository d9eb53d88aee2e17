"""What a model may answer: one schema for each prompt.

Fields come in the order in which a model should think: evidence before the sentence it proves, reasons before marks,
marks before the decision. Lengths are checked after the reply, never in the schema: a grammar that enforces them cuts
words in half.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from store.records import PaperKind

ONE_SENTENCE = (
    r'^[^" \\\n]{1,40}( [^" \\\n]{1,40}){2} '
    r'([^".\\\n]|\.[0-9,;:)’]|\.[A-Za-z]\.|\. [a-z(0-9])+\.?$'
)
"""At least four words, on to a full stop that no small letter, digit or parenthesis follows: "et al. (2025)", "84.6".

A run-in heading ("The test. If …") is shorter than four words, so the quote goes on to the sentence's own end.
"""

LONGEST_WORD = 30
WORD = rf'[^ "\\\n]{{1,{LONGEST_WORD}}}'
SIGNS = "0-9α-ωΑ-Ω,:;!?%()«»…№°×·+=/—–≤≥≈±→<>~^|&*’"
CYRILLIC = f"[а-яА-ЯёЁ{SIGNS}]{{1,{LONGEST_WORD}}}"
LATIN = f"[a-zA-ZÀ-ɏ{SIGNS}]{{1,{LONGEST_WORD}}}"
JOINED = f"((-|[.][0-9])({CYRILLIC}|{LATIN})?){{0,4}}"
ONE_SCRIPT = f"({CYRILLIC}|{LATIN}){JOINED}"
"""A word of one script: «судья», "LLM", joined «LLM-судья» or "GPT-3.5", but no word that changes half-way."""


def words(most: int) -> Any:
    """A guide to at most so many words.

    Counting words, not letters, cuts none in half; a word's own limit keeps a model from gluing words together.
    """
    return Field(json_schema_extra={"pattern": f"^{WORD}( {WORD}){{0,{most - 1}}}$"})


def russian(most: int) -> Any:
    """As `words`, for the one sentence that the reader sees: who begins in Russian goes on in Russian."""
    pattern = rf"^[«А-ЯЁ]({CYRILLIC})?{JOINED}( {ONE_SCRIPT}){{0,{most - 1}}}\.?$"
    return Field(json_schema_extra={"pattern": pattern})


Quote = Annotated[str, Field(json_schema_extra={"pattern": ONE_SENTENCE})]
"""A sentence copied from the paper. Patterns only guide models whose replies follow a grammar: a weak one would copy
whole passages and never end. A longer reply is not refused."""


PassageId = Annotated[str, Field(json_schema_extra={"pattern": "^p[0-9]{1,5}$"})]
ClaimId = Annotated[str, Field(json_schema_extra={"pattern": "^c[0-9]{1,3}$"})]


class Reply(BaseModel):
    """Frozen, strict, and documented: descriptions reach the model with the schema."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Sentence(Reply):
    """One sentence of the post after the quote that proves it; code finds the passage that holds the quote."""

    quote: Quote
    text: str = russian(40)


class Brief(Reply):
    kind: PaperKind
    problem: str = words(30)
    idea: str = words(35)
    results: list[Quote] = Field(min_length=1, max_length=5)
    limits: str = words(35)
    worth_a_post: bool
    why: str = words(10)


class Notes(Reply):
    """What stays of one part of a long paper."""

    gist: str = words(80)
    keep: list[PassageId] = Field(max_length=200)


class SectionPlan(Reply):
    heading: str = russian(7)
    idea: str = words(20)
    passages: list[str] = Field(min_length=1, max_length=4)


class Outline(Reply):
    title: str = russian(14)
    sections: list[SectionPlan] = Field(min_length=2, max_length=5)


class SectionDraft(Reply):
    sentences: list[Sentence] = Field(min_length=2, max_length=6)


class Frame(Reply):
    """What holds the sections together: the opening sentence and the closing list."""

    lead: Sentence
    takeaways: list[Sentence] = Field(min_length=2, max_length=4)


class Edit(Reply):
    old: str = words(12)
    new: str = words(25)


class Proof(Reply):
    claim: ClaimId
    quote: Quote


class Repair(Reply):
    edits: list[Edit] = Field(max_length=4)
    proofs: list[Proof] = Field(max_length=3)
    drop: list[ClaimId] = Field(max_length=6)


Mark = Literal[1, 2, 3, 4, 5]


class Marks(Reply):
    faithful: Mark
    clear: Mark
    complete: Mark
    russian: Mark
    format: Mark


class Judgement(Reply):
    reasons: str = words(90)
    marks: Marks
    decision: Literal["accept", "revise", "abstain"]
    fixes: list[str] = Field(max_length=5)


REPLIES: dict[str, type[Reply]] = {
    schema.__name__: schema for schema in (Notes, Brief, Outline, SectionDraft, Frame, Repair, Judgement)
}
