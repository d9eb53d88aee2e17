"""The writing stations: each asks one prompt or puts pieces together. Nothing here knows the graph."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol, TypeVar

from pipeline.errors import ModelReplyError
from pipeline.prompts import Layer, PromptBook, Rendered
from pipeline.replies import Brief, Frame, Outline, Reply, SectionDraft, Sentence
from pipeline.writing.typography import typeset
from store.records import Block, BlockKind, Claim, Paper, PaperKind, Post

R = TypeVar("R", bound=Reply)

SHAPES: dict[PaperKind, str] = {
    "method": "First the problem, then how the method works, then what it gives, with numbers.",
    "benchmark": "First what is measured and why, then how the data were made, then how models did, with numbers.",
    "theory": "First the question, then the result and the idea of the proof, then what follows from it.",
    "empirical": "First the question, then how the experiment was made, then what was found, with numbers.",
    "system": "First what the system is for, then how it is built, then what it reaches, with numbers.",
    "survey": "First the map of the field, then the main lines, then open questions.",
    "position": "First the authors' thesis, then their arguments, then what could be objected.",
    "report": "First what model this is, then how it was trained, then what it can and cannot do, with numbers.",
}


class Asks(Protocol):
    """Who answers prompts: `pipeline.models.client.Models`, or a fake."""

    def ask(self, prompt: Rendered, reply: type[R], *, digest_id: str, paper_id: str) -> R: ...


@dataclass(frozen=True)
class Desk:
    """What every writing station of one digest needs. `anew`: replies kept from earlier digests are not used."""

    models: Asks
    prompts: PromptBook
    digest_id: str
    paper_id: str
    layers: dict[Layer, str]
    anew: bool = False

    def ask(self, name: str, reply: type[R], **values: str) -> R:
        """Ask one prompt over the paper.

        Raises:
            ModelError: see `pipeline.errors`.
        """
        rendered = self.prompts.render(name, self.layers, **values)
        if self.anew:
            rendered = replace(rendered, salt=self.digest_id)
        return self.models.ask(rendered, reply, digest_id=self.digest_id, paper_id=self.paper_id)


def write_brief(desk: Desk) -> Brief:
    return desk.ask("brief", Brief)


def write_outline(desk: Desk, kind: PaperKind) -> Outline:
    return desk.ask("outline", Outline, shape=SHAPES[kind])


def write_section(desk: Desk, outline: Outline, index: int) -> SectionDraft:
    plan = outline.sections[index]
    return desk.ask(
        "section",
        SectionDraft,
        number=str(index + 1),
        passages=", ".join(re.findall(r"\bp\d+\b", " ".join(plan.passages))),
    )


def write_frame(desk: Desk) -> Frame:
    return desk.ask("frame", Frame)


def assemble(paper: Paper, outline: Outline, sections: Sequence[SectionDraft], frame: Frame) -> Post:
    """Put the pieces together: title, links from the sources (never from a model), lead, sections, closing list.

    Claims carry their quotes; `checking.grounding.placed` finds the passages. Sentences are typeset, and one that
    repeats an earlier one word for word is left out.

    Raises:
        ModelReplyError: nothing is left of the sections.
    """
    claims = _Numbering()
    blocks = [Block(kind="title", text=typeset(outline.title).rstrip("."))]
    if paper.url.startswith("https://"):
        blocks.append(Block(kind="link", text="Статья", url=paper.url))
    blocks += claims.block("lead", [frame.lead])
    for plan, draft in zip(outline.sections, sections, strict=True):
        paragraph = claims.block("paragraph", draft.sentences)
        if paragraph:
            blocks += [Block(kind="heading", text=typeset(plan.heading).rstrip(".:")), *paragraph]
    if not any(block.kind == "paragraph" for block in blocks):
        raise ModelReplyError("The sections hold no text.", "Try another model.")
    for sentence in frame.takeaways:
        blocks += claims.block("bullet", [sentence])
    return Post(blocks=tuple(blocks))


class _Numbering:
    """Gives claims their ids and drops empty and repeated sentences."""

    def __init__(self) -> None:
        self._seen: set[str] = set()

    def block(self, kind: BlockKind, sentences: Sequence[Sentence]) -> list[Block]:
        claims = []
        for sentence in sentences:
            text = typeset(sentence.text)
            if text and text.casefold() not in self._seen:
                self._seen.add(text.casefold())
                claims.append(Claim(id=f"c{len(self._seen)}", text=text, quote=clean_quote(sentence.quote)))
        return [Block(kind=kind, claims=tuple(claims))] if claims else []


def clean_quote(quote: str) -> str:
    """A quote without the passage's id that models like to copy with it, its white space folded."""
    return re.sub(r"^\[p\d+\]", "", " ".join(quote.split())).strip()
