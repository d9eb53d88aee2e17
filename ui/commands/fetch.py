"""The command that asks arXiv: by ids, URLs or a query."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ui.commands import shell as sh
from ui.commands.output import clean, out, table
from ui.commands.shell import AsJson, say

if TYPE_CHECKING:
    from pipeline.sources.arxiv.query import Query
    from pipeline.sources.arxiv.source import Answer, Arxiv
    from store.records import Paper
    from ui.commands.progress import Progress

Day = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], metavar="DATE", help="Of the first submission.")]


def fetch(
    ctx: typer.Context,
    *,
    what: Annotated[
        list[str] | None,
        typer.Argument(metavar="ID|URL|QUERY...", help="arXiv ids or URLs; or words, also in arXiv's own syntax."),
    ] = None,
    category: Annotated[list[str] | None, typer.Option(metavar="CAT", help="Such as cs.CL; repeat for any of.")] = None,
    author: Annotated[list[str] | None, typer.Option(metavar="NAME", help="Repeat for all of.")] = None,
    since: Day = None,
    until: Day = None,
    sort: Annotated[
        str, typer.Option(metavar="relevance|submitted|updated", help="Words: relevance; without words: submitted.")
    ] = "",
    order: Annotated[str, typer.Option(metavar="ascending|descending", help="Which end comes first.")] = "descending",
    limit: Annotated[int, typer.Option(min=1, max=2000, help="Most papers that a query gives.")] = 10,
    pdf: Annotated[bool, typer.Option("--pdf", help="Fetch the PDFs, too; what is kept is not fetched again.")] = False,
    as_json: AsJson = False,
) -> None:
    """Ask arXiv for papers and keep what it knows of them in the library.

    Exit code: 0 done, also when a query finds nothing; 1 some papers are missing, or arXiv did not deliver; 2 nothing
    of what was asked for exists, or the command is off.
    """
    from pipeline.sources.arxiv.query import Query, meant
    from ui.commands.progress import Progress

    shell = sh.shell_of(ctx)
    query = Query(
        categories=tuple(category or ()),
        authors=tuple(author or ()),
        since=_day(since),
        until=_day(until),
        sort=_one_of("--sort", sort, ("relevance", "submitted", "updated")) or None,
        order=_one_of("--order", order, ("ascending", "descending")),
        limit=limit,
    )
    wanted = meant(what or [], query)
    with Progress() as progress, shell.library() as library, _source(shell, progress) as source:
        answer = _ask(source, wanted, query)
        library.save_papers(answer.papers)
        pdfs = _pdfs(source, answer.papers, progress) if pdf else {}
    _tell(shell, answer, pdfs)
    if answer.missing or any("pdf_error" in one for one in pdfs.values()):
        raise typer.Exit(sh.FAILED)


def _day(given: datetime | None) -> date | None:
    return given.date() if given else None


def _one_of(option: str, given: str, known: Iterable[str]) -> Any:
    from pipeline.errors import InputError

    if given and given not in known:
        raise InputError(f"{option} knows no “{given}”.", f"Give one of: {', '.join(known)}.")
    return given


def _source(shell: sh.Shell, progress: Progress) -> Arxiv:
    from pipeline.sources.arxiv.source import Arxiv
    from pipeline.sources.pace import Pace
    from store.files import Home

    home = Home(shell.settings.home)
    return Arxiv(shell.settings, home, Pace(home, "arXiv", shell.settings.arxiv_delay, on_wait=progress.line))


def _ask(source: Arxiv, wanted: Any, query: Query) -> Answer:
    """What arXiv answers.

    Raises:
        UnknownPaper: it has none of the ids.
    """
    from pipeline.errors import UnknownPaper
    from pipeline.sources.arxiv.source import Answer, ordered

    if not isinstance(wanted, list):
        return source.search(wanted)
    answer = source.by_ids(wanted)
    if not answer.papers:
        raise UnknownPaper(f"arXiv knows no paper {', '.join(answer.missing)}.", "Check the id and the version.")
    return Answer(ordered(answer.papers, query.sort, query.order), answer.missing)


def _pdfs(source: Arxiv, papers: Iterable[Paper], progress: Progress) -> dict[str, dict[str, Any]]:
    """`pdf` (its path) or `pdf_error` of each paper; once arXiv wants to be left in peace, it is."""
    from pipeline.errors import SourceBusy
    from store.errors import RazborError, StoreError

    found: dict[str, dict[str, Any]] = {}
    gave_up: RazborError | None = None
    for paper in papers:
        progress.live(f"PDF of {paper.paper_id}")
        try:
            if gave_up:
                raise gave_up
            found[paper.paper_id] = {"pdf": str(source.pdf_path(paper))}
        except StoreError:
            raise
        except RazborError as error:
            gave_up = error if isinstance(error, SourceBusy) and error.gave_up else gave_up
            found[paper.paper_id] = {"pdf": None, "pdf_error": error.message}
            progress.line(f"PDF of {paper.paper_id}: {error}")
    return found


def _tell(shell: sh.Shell, answer: Answer, pdfs: dict[str, dict[str, Any]]) -> None:
    from ui import queries

    papers = [queries.paper_json(paper) | pdfs.get(paper.paper_id, {}) for paper in answer.papers]
    if shell.as_json:
        sh.print_json(papers)
    elif len(papers) == 1:
        _details(papers[0])
    else:
        table(("paper", "version", "submitted", "title", "authors", "categories", ""), map(_row, papers))
    for name in answer.missing:
        say(f"arXiv knows no paper {name}. Check the id and the version.")
    if not papers:
        say("arXiv has no such paper.")


def _details(paper: dict[str, Any]) -> None:
    shown = paper | {"versions": [_version(one) for one in paper["versions"]]}
    for name, value in shown.items():
        out(f"{name:<12}{', '.join(value) if isinstance(value, list) else '' if value is None else value}")
    if paper["withdrawn"]:
        say(f"{paper['paper_id']} was withdrawn.")


def _version(version: dict[str, Any]) -> str:
    return f"v{version['number']}" + (f" ({version['created'][:10]})" if version["created"] else "")


def _row(paper: dict[str, Any]) -> tuple[object, ...]:
    first, more = ", ".join(paper["authors"][:3]), " et al." if len(paper["authors"]) > 3 else ""
    return (
        paper["paper_id"],
        paper["version"],
        (paper["published"] or "")[:10],
        clean(paper["title"]),
        first + more,
        " ".join(paper["categories"][:3]),
        "withdrawn" if paper["withdrawn"] else "",
    )
