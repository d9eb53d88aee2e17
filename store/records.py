"""The typed records everyone passes: small, frozen, JSON in and out.

Nothing here knows a database, a model or a page of the dashboard. Boxes are `(x0, y0, x1, y1)` in PDF points from
the top left corner of the page; pages count from 1; money is in US dollars; times are UTC.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Literal
from uuid import uuid4

from pydantic import BaseModel, ConfigDict, Field

Box = tuple[float, float, float, float]
Outcome = Literal["accepted", "needs_person", "skipped", "failed"]
Severity = Literal["error", "warning"]
PaperKind = Literal["method", "benchmark", "theory", "empirical", "system", "survey", "position", "report"]
POST = "post"  # the id under which a search finds a post; no passage bears it
ABSTRACT = "abstract"  # and that of a paper of which nothing but the metadata is known
PassageKind = Literal["text", "footnote", "caption", "table", "figure"]
NoteKind = Literal["review", "reply", "comment", "metareview", "decision", "withdrawal", "desk_rejection"]
ForumStatus = Literal["active", "withdrawn", "desk_rejected"]
TextStyle = Literal["plain", "bold", "italic", "underline", "strikethrough", "spoiler", "code", "pre", "blockquote"]
PieceKind = TextStyle | Literal["link", "text_link", "mention", "hashtag", "custom_emoji"]
BlockKind = Literal["title", "link", "lead", "heading", "paragraph", "bullet", "code", "postscript"]


def now() -> datetime:
    """The current time in UTC."""
    return datetime.now(UTC)


class Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


# --- a paper and what was read in it ---------------------------------------------------------------------------


class Version(Record):
    """One version of a paper; not every source knows when each was made."""

    number: int
    created: datetime | None = None


class Paper(Record):
    """One work. `paper_id`: `arxiv:2407.18370`, `openreview:…`, `file:<16 hex digits>`, `other:…`.

    `version` is the one that the rest speaks of; `versions` are all that are known, from the first on.
    """

    paper_id: str
    version: int | None = None
    versions: tuple[Version, ...] = ()
    title: str = ""
    authors: tuple[str, ...] = ()
    abstract: str = ""
    categories: tuple[str, ...] = ()
    published: datetime | None = None
    updated: datetime | None = None
    withdrawn: bool = False
    url: str = ""
    comment: str = ""

    def updated_by(self, new: Paper) -> Paper:
        """What is known after `new` was heard of the same paper. What it does not say stays; an older version adds only
        itself to `versions`."""
        numbers = {v.number: v for v in (*self.versions, *new.versions)}
        dated = numbers | {v.number: v for v in (*self.versions, *new.versions) if v.created}
        facts = {name: value for name, value in new if value not in (None, "", (), False)}
        if new.comment:
            facts["withdrawn"] = new.withdrawn
        if new.version and self.version and new.version < self.version:
            facts = {}
        return self.model_copy(update=facts | {"versions": tuple(dated[number] for number in sorted(dated))})

    def completed_from(self, document: Document) -> Paper:
        """Fill what the source did not know from what was read in the PDF; what it knew stays."""
        read = {"title": document.title, "authors": document.authors, "abstract": document.abstract}
        return self.model_copy(update={name: value for name, value in read.items() if not getattr(self, name)})


class Section(Record):
    """A heading. `level` counts from 1; `appendix` marks the appendix and what is under it."""

    number: str
    title: str
    level: int
    page: int
    appendix: bool = False


class Place(Record):
    """A part of a page."""

    page: int
    bbox: Box


class Passage(Record):
    """A paragraph with its places. `id` is unique in its paper and stable over readings of the same PDF.

    `section` is the path of headings above it; `page` and `bbox` are the first of `places`: a paragraph that goes on
    in the next column or page has one place in each.
    """

    id: str
    page: int
    bbox: Box
    section: str
    text: str
    kind: PassageKind = "text"
    appendix: bool = False
    places: tuple[Place, ...] = ()


class Figure(Record):
    """`bbox` is the figure's region without its caption; `passage` is the caption's passage."""

    number: str
    page: int
    caption: str
    bbox: Box
    passage: str = ""


class MainFigure(Record):
    """The figure that shows the paper best, proposed by code; `reason` says why in a few words."""

    number: str
    page: int
    reason: str


class Table(Record):
    """`rows` are cells from top to bottom, `header` of them at the top name the columns."""

    number: str
    page: int
    caption: str
    rows: tuple[tuple[str, ...], ...] = ()
    header: int = 1
    bbox: Box | None = None
    passage: str = ""

    def markdown(self) -> str:
        """The rows as a Markdown table, several header rows joined to one; empty where there are no rows."""
        if not self.rows:
            return ""
        cells = [
            [" ".join(cell.replace("\\", "\\\\").replace("|", "\\|").split()) for cell in row] for row in self.rows
        ]
        names = [" ".join(filter(None, column)) for column in zip(*cells[: self.header], strict=True)]
        names = names or [""] * len(cells[0])
        lines = [names, ["---"] * len(names), *cells[self.header :]]
        return "\n".join(f"| {' | '.join(line)} |" for line in lines)


class Citation(Record):
    """A mark in the running text that points at a reference: `[7]`, `Jung et al. (2024)`."""

    marker: str
    passage: str


class Reference(Record):
    """One entry of the list; `label` is its printed mark (`[7]`), empty where the list has none."""

    text: str
    title: str = ""
    year: int | None = None
    arxiv_id: str = ""
    doi: str = ""
    label: str = ""
    page: int = 0
    citations: tuple[Citation, ...] = ()


class Link(Record):
    """`own`: the paper's own code, data or video, not a work it cites; `reason` says what shows it."""

    kind: str
    url: str
    page: int
    own: bool = False
    reason: str = ""


class HiddenText(Record):
    """Text that a reader does not see. `addressed` when it speaks to a reviewer or a language model."""

    kind: str
    page: int
    bbox: Box
    text: str
    addressed: bool = False


class Watched(Record):
    """A watched name found in a paper: `where` is `authors`, `acknowledgements` or `references`; page 0 is unknown."""

    name: str
    where: Literal["authors", "acknowledgements", "references"]
    page: int
    text: str


class Document(Record):
    """What was read in one PDF. Not `whole`: text is known to be missing; `ocr`: text was recognised in pictures."""

    paper_id: str
    title: str
    authors: tuple[str, ...] = ()
    abstract: str = ""
    pages: int
    language: str = "en"
    sections: tuple[Section, ...] = ()
    passages: tuple[Passage, ...] = ()
    figures: tuple[Figure, ...] = ()
    main_figure: MainFigure | None = None
    tables: tuple[Table, ...] = ()
    references: tuple[Reference, ...] = ()
    links: tuple[Link, ...] = ()
    acknowledgements: str = ""
    hidden_text: tuple[HiddenText, ...] = ()
    whole: bool = True
    ocr: bool = False
    warnings: tuple[str, ...] = ()


class ReadingRecord(Record):
    """What of the paper reached the model; what was condensed or left out, each with its reason."""

    pages: int
    passages: int
    condensed: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()


# --- the discussion around a paper ---------------------------------------------------------------------------


class Score(Record):
    """What one reviewer gave at one time. `reviewer` is the name the venue shows, or a number in an imported list."""

    reviewer: str
    rating: float | None = None
    confidence: float | None = None


class NoteEdit(Record):
    """The scores that a note bore from `at` on, where the venue shows its edits."""

    at: datetime
    rating: float | None = None
    confidence: float | None = None


class Note(Record):
    """One note of a forum. `author` is the last part of the signature that the venue shows: `Reviewer_x7Qp`.

    `fields` are the venue's own fields as text, in its order; `rating` and `confidence` are the numbers in them.
    `edits` are in the order of time, the first being the note as it was posted.
    """

    id: str
    kind: NoteKind
    author: str
    reply_to: str = ""
    created: datetime | None = None
    modified: datetime | None = None
    rating: float | None = None
    confidence: float | None = None
    fields: dict[str, str] = Field(default_factory=dict)
    edits: tuple[NoteEdit, ...] = ()


class Forum(Record):
    """A submission on OpenReview. `decision` in the venue's words, empty while there is none.

    `paper_id` is the paper of the library that it belongs to, and `matched_by` says how that was found.
    """

    forum: str
    venue: str = ""
    title: str = ""
    authors: tuple[str, ...] = ()
    abstract: str = ""
    arxiv_id: str = ""
    decision: str = ""
    status: ForumStatus = "active"
    pdf: str = ""
    created: datetime | None = None
    paper_id: str | None = None
    matched_by: str = ""


class Snapshot(Record):
    """What one fetch (`api`) or one imported list (`import`) saw; `seen` is when it was last found unchanged."""

    forum: str
    taken: datetime
    seen: datetime
    source: Literal["api", "import"]
    scores: tuple[Score, ...]
    notes: tuple[Note, ...] = ()


# --- a post ----------------------------------------------------------------------------------------------------


class Claim(Record):
    """One sentence of a post. `passages` are ids in the paper; `quote` is exact English text of one of them."""

    id: str
    text: str
    passages: tuple[str, ...] = ()
    quote: str = ""


class Block(Record):
    """One block: lead, paragraph, bullet and postscript carry `claims`; title, link, heading and code carry `text`."""

    kind: BlockKind
    text: str = ""
    url: str = ""
    claims: tuple[Claim, ...] = ()


class Post(Record):
    blocks: tuple[Block, ...]

    @property
    def title(self) -> str:
        return next((block.text for block in self.blocks if block.kind == "title"), "")

    @property
    def claims(self) -> tuple[Claim, ...]:
        return tuple(claim for block in self.blocks for claim in block.claims)

    @property
    def text(self) -> str:
        """Every word of the post, one block a line: what a search reads, not what is published."""
        return "\n".join(" ".join(filter(None, (b.text, *(claim.text for claim in b.claims)))) for b in self.blocks)


class Finding(Record):
    """What a check in code has to say. `where` is a claim id, or `post` for the whole."""

    check: str
    severity: Severity
    where: str
    message: str


class Verdict(Record):
    """What a judge says: reasons first, then marks from 1 to 5, then the decision, then what to fix."""

    role: str
    model: str
    reasons: str
    marks: dict[str, int]
    decision: Literal["accept", "revise", "abstain"]
    fixes: tuple[str, ...] = ()


class Usage(Record):
    """Sums over calls; `cached_tokens` came from the provider's prefix cache, `cache_hits` from our reply cache."""

    prompt_tokens: int = 0
    cached_tokens: int = 0
    completion_tokens: int = 0
    calls: int = 0
    cache_hits: int = 0
    money: float = 0.0
    seconds: float = 0.0


class Provenance(Record):
    """How a revision came to be. `digest_id` is empty for a person's edit."""

    digest_id: str = ""
    prompts: dict[str, str] = Field(default_factory=dict)
    models: dict[str, str] = Field(default_factory=dict)
    usage: Usage = Usage()
    read: ReadingRecord | None = None
    notes: tuple[str, ...] = ()


class Revision(Record):
    """One saved state of a post. `number` counts from 1 within the post; `author` is a model's name or `person`."""

    post_id: str
    number: int
    author: str
    post: Post
    findings: tuple[Finding, ...] = ()
    verdicts: tuple[Verdict, ...] = ()
    provenance: Provenance = Provenance()
    created: datetime = Field(default_factory=now)


class PostEntry(Record):
    """One row of the list of posts: the outcome with its reasons, and where the newest revision stands."""

    post_id: str
    paper_id: str
    title: str
    outcome: Outcome
    reasons: tuple[str, ...] = ()
    revisions: int
    created: datetime
    updated: datetime


# --- the author's channel --------------------------------------------------------------------------------------


class Piece(Record):
    """A run of a channel post's text in one style. `target`: the URL of a `text_link`, the language of a `pre`."""

    kind: PieceKind
    text: str
    target: str = ""


class ChannelPost(Record):
    """A post that stands in the author's channel. `papers` are the ids of those it links to, in order.

    `photos` are paths within the export. A post with `forwarded_from` holds another author's words.
    """

    channel: str
    message_id: int
    date: datetime
    edited: datetime | None = None
    author: str = ""
    forwarded_from: str = ""
    reply_to: int | None = None
    photos: tuple[str, ...] = ()
    pieces: tuple[Piece, ...]
    papers: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """What a reader sees, without styles."""
        return "".join(piece.text for piece in self.pieces)

    @property
    def title(self) -> str:
        """The first line that has words."""
        return next((line.strip() for line in self.text.splitlines() if line.strip()), "")


class FoundPost(Record):
    """One channel post of a search's answer; `score` is comparable within one answer only."""

    post: ChannelPost
    score: float


# --- work done -------------------------------------------------------------------------------------------------


class ModelCall(Record):
    """One row of the ledger."""

    digest_id: str
    paper_id: str
    role: str
    model: str
    prompt: str
    prompt_hash: str
    prompt_tokens: int
    cached_tokens: int
    completion_tokens: int
    money: float
    seconds: float
    from_reply_cache: bool = False
    created: datetime = Field(default_factory=now)


class Attempt(Record):
    """One try to digest one target, by hand (`run_id` empty) or in a night. Tries that go on share a `digest_id`.

    A failure keeps its stage, the command that continues, and whether trying again unchanged can help (`permanent`).
    """

    attempt_id: str = Field(default_factory=lambda: uuid4().hex)
    digest_id: str
    target: str
    run_id: str = ""
    paper_id: str = ""
    post_id: str = ""
    outcome: Outcome | None = None
    stage: str = ""
    error: str = ""
    continue_with: str = ""
    permanent: bool = False
    started: datetime = Field(default_factory=now)
    finished: datetime | None = None


class Run(Record):
    """One night."""

    run_id: str
    started: datetime = Field(default_factory=now)
    finished: datetime | None = None
    outcome: Literal["running", "done", "partly_failed", "stopped"] = "running"
    note: str = ""


class FoundPassage(Record):
    """A passage of the paper, its post (`id` is `post`), or its abstract (`abstract`): then `page` is 0."""

    id: str
    page: int
    text: str


class Found(Record):
    """One paper of a search's answer with its best passages; `score` is comparable within one answer only."""

    paper_id: str
    title: str
    score: float
    passages: tuple[FoundPassage, ...]
