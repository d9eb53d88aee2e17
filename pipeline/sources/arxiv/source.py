"""arXiv: metadata through the `arxiv` package, PDFs once each; see `arxiv_session` for the bad days."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, NamedTuple, Self

from pipeline.errors import InputError, SourceError, UnknownPaper, Withdrawn
from pipeline.settings import Settings
from pipeline.sources.arxiv.query import Query
from pipeline.sources.arxiv.session import LATER, ArxivSession
from pipeline.sources.identity import Target, arxiv_target
from pipeline.sources.pace import Pace
from store.records import Paper, Version

if TYPE_CHECKING:
    import arxiv

    from pipeline.sources.arxiv.query import Order, Sort
    from store.files import Home

PAGE = 100
_THING = r"(?:paper|article|submission|manuscript|preprint|work|version|note)"
# arXiv says only in the comment, or in place of the abstract, that a paper was withdrawn:
# https://info.arxiv.org/help/withdraw.html
_GONE = (
    r"withdrawn\b(?=\W*$|\s*[^\w\s]"
    r"|\s+(?:by|due|owing|because|as|since|for|from\s+arxiv|in|to|and|until|pending|after|temporarily)\b)"
)
WITHDRAWN = re.compile(
    rf"^\W*(?:(?:the|this)\s+)?(?:{_THING}\s+)?(?:(?:is|was|has been)\s+)?(?:temporarily\s+)?{_GONE}"
    rf"|\b(?:this|the|our)\s+{_THING}\s+(?:has been|had been|is|was)\s+(?:temporarily\s+)?{_GONE}"
    r"|\bwithdrawn\s+by\s+(?:the\s+)?(?:authors?|submitter|arxiv)\b"
    rf"|\bauthors?\s+(?:have\s+|has\s+)?withdr(?:aw|aws|ew|awn)\s+(?:this|the)\s+{_THING}\b",
    re.IGNORECASE,
)
log = logging.getLogger(__name__)


class Answer(NamedTuple):
    """Papers, each once, in the order asked for; `missing` are the ids that arXiv does not know."""

    papers: tuple[Paper, ...]
    missing: tuple[str, ...] = ()


class Arxiv:
    """arXiv, asked at the pace that all processes over the data folder share. Use as a context; one for each thread.

    Every method raises:
        SourceBusy: no connection, broken off; throttled and given up (`gave_up`).
        SourceError: arXiv refuses, or answers with something else than it should.
    """

    def __init__(self, settings: Settings, home: Home, pace: Pace | None = None) -> None:
        self._settings, self._home = settings, home
        self._session = ArxivSession(pace or Pace(home, "arXiv", settings.arxiv_delay))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._session.close()

    def by_ids(self, targets: Sequence[Target]) -> Answer:
        """Metadata of the asked versions, or the newest ones. One paper under two names is one paper."""
        names = list(dict.fromkeys(map(_name, targets)))
        found = self._look_up(names)
        versioned = [target.arxiv_id for target in targets if target.version and _name(target) in found]
        newest = found | self._look_up([name for name in dict.fromkeys(versioned) if name not in found])
        papers = [
            found[name].model_copy(update={"versions": newest.get(_bare(name), found[name]).versions})
            for name in names
            if name in found
        ]
        return Answer(one_each(papers), tuple(name for name in names if name not in found))

    def one(self, target: Target) -> Paper:
        """Metadata of one paper.

        Raises:
            UnknownPaper: arXiv has no such id or version.
        """
        answer = self.by_ids([target])
        if not answer.papers:
            raise UnknownPaper(f"arXiv knows no paper {_name(target)}.", "Check the id and the version.")
        return answer.papers[0]

    def search(self, query: Query) -> Answer:
        """At most `query.limit` papers; fewer where arXiv's listing ends early, as it sometimes does.

        Raises:
            InputError: arXiv does not understand the query.
        """
        import arxiv

        wanted = arxiv.Search(
            query=query.expression(),
            max_results=query.limit,
            sort_by=arxiv.SortCriterion(_CRITERIA[query.sorted_by]),
            sort_order=arxiv.SortOrder(query.order),
        )
        try:
            return Answer(one_each(self._results(wanted)))
        except UnknownPaper as error:
            raise InputError(f"{error.message} The query was: {wanted.query}", "Mend the query.") from error

    def pdf(self, paper: Paper) -> str:
        """The SHA-256 of the kept PDF of the paper's version; what is kept is not fetched again.

        Raises:
            Withdrawn: arXiv has no PDF of a withdrawn version.   UnknownPaper: no PDF.   ReadingError: too large.
        """
        name = f"{paper.paper_id.removeprefix('arxiv:')}v{paper.version}"
        kept = self._home.named_pdf(f"arxiv-{name}")
        if kept:
            return kept
        url = f"{self._settings.arxiv_pdf_url.rstrip('/')}/pdf/{name}"
        try:
            sha = self._home.keep_pdf(self._session.pdf(url, self._settings.read_bytes))
        except UnknownPaper as error:
            if paper.withdrawn:
                raise _withdrawn(paper) from error
            raise UnknownPaper(f"arXiv has no PDF of {name}.", "It may not be made yet; look at its page.") from error
        self._home.name_pdf(f"arxiv-{name}", sha)
        return sha

    def pdf_path(self, paper: Paper) -> Path:
        """Where the kept PDF of the paper's version lies, fetched where it is not kept; raises as `pdf`."""
        return self._home.pdf(self.pdf(paper))

    def _look_up(self, names: list[str]) -> dict[str, Paper]:
        """Papers by the names asked for."""
        found: dict[str, Paper] = {}
        for start in range(0, len(names), PAGE):
            found |= self._batch(names[start : start + PAGE])
        return found

    def _batch(self, names: list[str]) -> dict[str, Paper]:
        """One malformed id spoils the whole answer: without it, or by halves, the rest is asked for."""
        import arxiv

        try:
            papers = self._results(arxiv.Search(id_list=names, max_results=len(names)))
        except UnknownPaper as error:
            others = [name for name in names if name not in error.message.rstrip(".").split()]
            if len(others) < len(names):
                return self._batch(others) if others else {}
            half = len(names) // 2
            return self._batch(names[:half]) | self._batch(names[half:]) if half else {}
        known: dict[str, Paper] = {}
        for paper in sorted(papers, key=lambda paper: paper.version or 0):
            bare = paper.paper_id.removeprefix("arxiv:")
            known |= {bare: paper, f"{bare}v{paper.version}": paper}
        return {name: known[name] for name in names if name in known}

    def _results(self, search: arxiv.Search) -> list[Paper]:
        import arxiv

        client = arxiv.Client(page_size=min(PAGE, search.max_results), delay_seconds=0, num_retries=1)
        client.query_url_format = self._settings.arxiv_api_url.rstrip("/") + "/api/query?{}"
        client._session = self._session  # the pace and the retries are there; one more try is for an empty later page
        found: list[Paper] = []
        try:
            for result in client.results(search):
                found.append(to_paper(result))
        except arxiv.UnexpectedEmptyPageError:
            log.info("arXiv's listing ended after %d papers", len(found))
        except arxiv.ArxivError as error:
            raise SourceError(f"arXiv gave no usable answer: {error.message}.", LATER) from error
        return found


_CRITERIA = {"relevance": "relevance", "submitted": "submittedDate", "updated": "lastUpdatedDate"}


def fetch_arxiv(target: Target, settings: Settings, home: Home, pace: Pace | None = None) -> tuple[Paper, str]:
    """Metadata and PDF of one arXiv paper; return the paper and the SHA-256 of the kept PDF.

    Raises: as `Arxiv.one` and `Arxiv.pdf`.
    """
    with Arxiv(settings, home, pace) as source:
        paper = source.one(target)
        return paper, source.pdf(paper)


def to_paper(result: arxiv.Result) -> Paper:
    """The package's result as our record.

    Raises:
        SourceError: its id is none of arXiv's.
    """
    target = arxiv_target(result.entry_id)
    if target is None:
        raise SourceError(f"arXiv's answer has an entry that is no paper: {result.entry_id}.", LATER)
    version, comment, abstract = target.version or 1, result.comment or "", " ".join(result.summary.split())
    return Paper(
        paper_id=target.paper_id,
        version=version,
        versions=_versions(version, result.published, result.updated),
        title=" ".join(result.title.split()),
        authors=tuple(" ".join(author.name.split()) for author in result.authors),
        abstract=abstract,
        categories=tuple(dict.fromkeys(result.categories)),
        published=result.published,
        updated=result.updated,
        withdrawn=is_withdrawn(comment, abstract),
        url=f"https://arxiv.org/abs/{target.arxiv_id}v{version}",
        comment=comment,
    )


def is_withdrawn(comment: str, abstract: str) -> bool:
    """Whether the authors say in the comment, or in place of the abstract, that the paper was withdrawn."""
    return bool(WITHDRAWN.search(comment) or WITHDRAWN.match(abstract))


def one_each(papers: Iterable[Paper]) -> tuple[Paper, ...]:
    """Each paper once, in its newest version, at its first place."""
    newest: dict[str, Paper] = {}
    for paper in papers:
        known = newest.get(paper.paper_id)
        if known is None or (paper.version or 0) > (known.version or 0):
            newest[paper.paper_id] = paper
    return tuple(newest.values())


def ordered(papers: Iterable[Paper], sort: Sort | None, order: Order) -> tuple[Paper, ...]:
    """Papers sorted as arXiv would; by relevance (or nothing) they stay as they were asked for."""
    if sort in (None, "relevance"):
        return tuple(papers)
    never = datetime.min.replace(tzinfo=UTC)
    return tuple(
        sorted(
            papers,
            key=lambda paper: (paper.published if sort == "submitted" else paper.updated) or never,
            reverse=order == "descending",
        )
    )


def _versions(newest: int, published: datetime, updated: datetime) -> tuple[Version, ...]:
    """All versions so far; arXiv's API dates the first and the asked one."""
    dates = {1: published, newest: updated}
    return tuple(Version(number=number, created=dates.get(number)) for number in range(1, newest + 1))


def _name(target: Target) -> str:
    return target.arxiv_id + (f"v{target.version}" if target.version else "")


def _bare(name: str) -> str:
    return re.sub(r"v\d+$", "", name)


def _withdrawn(paper: Paper) -> Withdrawn:
    name, before = paper.paper_id.removeprefix("arxiv:"), (paper.version or 1) - 1
    mend = f"An earlier version may be readable: {name}v{before}." if before else "There is nothing to read."
    return Withdrawn(f"{name} was withdrawn; arXiv has no PDF of version {paper.version}.", mend)
