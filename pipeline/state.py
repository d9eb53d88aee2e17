"""What travels through the graph: typed, so that a checkpoint reads back. The paper's text stays in the store."""

from __future__ import annotations

import operator
from typing import Annotated, Literal, TypedDict

from pydantic import BaseModel, ConfigDict

from pipeline.replies import Brief, Outline, SectionDraft
from pipeline.reviews import Discussion
from pipeline.writing.notes import Part, PartNotes
from store.records import Finding, Outcome, Paper, PaperKind, Post, ReadingRecord, Verdict


class NumberedDraft(BaseModel):
    """One written section with its place in the outline: parallel workers finish in any order."""

    model_config = ConfigDict(frozen=True)

    index: int
    draft: SectionDraft


class Round(BaseModel):
    """One turn of the evaluator loop; it becomes one revision."""

    model_config = ConfigDict(frozen=True)

    post: Post
    findings: tuple[Finding, ...]
    verdict: Verdict | None = None


class State(TypedDict, total=False):
    # given at the start
    target: str
    paper_id: str
    digest_id: str
    named: bool  # a person named this paper: it gets a post whatever the brief thinks of it
    anew: bool  # write again, without the replies kept from earlier digests
    # fetch, read, condense
    paper: Paper
    pdf: str
    reading: ReadingRecord
    parts: tuple[Part, ...]  # of a paper longer than the context
    notes: Annotated[list[PartNotes], operator.add]
    # reviews
    discussion: Discussion
    # brief, route, outline, write_section
    brief: Brief
    route: PaperKind | Literal["skip"]
    outline: Outline
    sections: Annotated[list[NumberedDraft], operator.add]
    # assemble and the evaluator loop
    draft: Post
    rounds: list[Round]
    failed_edits: tuple[str, ...]
    reply_error: str
    # keep
    outcome: Outcome
    reasons: tuple[str, ...]


class PartTask(TypedDict):
    """What one worker gets that takes notes."""

    digest_id: str
    paper_id: str
    anew: bool
    part: Part


class SectionTask(TypedDict):
    """What one worker gets that writes a section."""

    digest_id: str
    paper_id: str
    anew: bool
    index: int
    notes: list[PartNotes]
    brief: Brief
    outline: Outline
