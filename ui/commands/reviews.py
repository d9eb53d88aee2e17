"""Commands on the discussion around papers: reviews, venue."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from ui.commands import shell as sh
from ui.commands.output import out, table
from ui.commands.shell import AsJson, say

if TYPE_CHECKING:
    from pipeline.sources.openreview.dynamics import Dynamics

QUESTIONS = 12
"""Open questions that a person is shown; `--json` has them all."""


def reviews(
    ctx: typer.Context,
    paper: Annotated[
        str, typer.Argument(metavar="PAPER", help="A forum's id or URL, openreview:ID, or a paper of the library.")
    ],
    forum: Annotated[str, typer.Option(metavar="FORUM", help="The id or URL of the forum that discusses PAPER.")] = "",
    offline: Annotated[bool, typer.Option("--offline", help="Ask nobody; show what was seen before.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show a paper's reviews: marks before and after the rebuttal, who came back, what nobody took up.

    Each look is kept as a snapshot. Exit code: 0 done, 1 OpenReview does not answer (what was seen before is shown),
    2 no forum or several fit, or it wants a login.
    """
    from pipeline.reviews import reviews_of
    from ui.discussions import reviews_json

    shell = sh.shell_of(ctx)
    with shell.library() as library:
        found, trouble = reviews_of(paper, shell.settings, library, forum=forum, offline=offline)
    if as_json:
        sh.print_json(reviews_json(found, trouble))
    else:
        _show(found)
    if trouble:
        say(f"This was seen before; nothing newer: {trouble}")
        raise typer.Exit(sh.FAILED)


def _show(found: Dynamics) -> None:
    from pipeline.reviews import url_of
    from pipeline.writing.discussion import reviews_sentence

    forum = found.forum
    out(forum.title)
    out(f"{url_of(forum.forum)} · {forum.venue}")
    if forum.matched_by:
        out(f"{forum.paper_id}, matched by: {forum.matched_by}")
    rows = [
        (one.id, _mark(one.before), _mark(one.after), _mark(one.confidence), _came(one.replied_after_rebuttal))
        for one in found.reviewers
    ]
    rows.append(("mean", _mark(found.mean_before), _mark(found.mean_after), "", ""))
    rows.append(("spread", _mark(found.spread_before), _mark(found.spread_after), "", ""))
    table(("reviewer", "before", "after", "confidence", "after the rebuttal"), rows)
    out(f"Decision: {found.decision or 'none yet'}. Snapshots: {found.snapshots}.")
    if found.open_questions:
        out(f"\nAnswered by the authors, taken up by nobody ({len(found.open_questions)}):")
    for question in found.open_questions[:QUESTIONS]:
        out(f"  - {question}")
    if sentence := reviews_sentence(found):
        out(f"\n{sentence}")


def _mark(value: float | None) -> str:
    return "?" if value is None else f"{value:g}"


def _came(value: bool | None) -> str:
    return {True: "came back", False: "silent", None: "no rebuttal seen"}[value]


def venue(
    ctx: typer.Context,
    name: Annotated[
        str,
        typer.Argument(metavar="VENUE", help="As on its page: ICLR.cc/2025/Conference; or a list's name."),
    ],
    *,
    top: Annotated[int, typer.Option(metavar="N", min=1, help="How many papers.")] = 15,
    by: Annotated[
        Literal["rating", "spread", "confidence", "change"],
        typer.Option(metavar="WHAT", help="rating, spread, confidence, or change: how much the mean rose."),
    ] = "rating",
    fetch: Annotated[bool, typer.Option("--fetch", help="Take a new snapshot of the whole venue first.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show a venue's papers by their reviews, with decisions; a venue that is not known is fetched from OpenReview."""
    from pipeline.sources.openreview.venues import fetch_venue, known_venues, top_of_venue
    from ui.commands.progress import Progress
    from ui.discussions import venue_json

    shell = sh.shell_of(ctx)
    with shell.library() as library:
        if fetch or not known_venues(library, name):
            from pipeline.sources.openreview.source import shared_client

            with Progress() as progress:
                client = shared_client(shell.settings)
                fetch_venue(name, client, library, lambda done: progress.live(f"{name}: {done} submissions"))
        ranked = venue_json(top_of_venue(library, name, top, by))
    if as_json:
        sh.print_json(ranked)
    else:
        table(("", "mean", "was", "spread", "confidence", "ratings", "decision", "forum", "title"), _rows(ranked))


def _rows(ranked: list[dict[str, Any]]) -> list[tuple[str, ...]]:
    return [
        (
            str(place),
            _mark(paper["mean"]),
            _mark(paper["mean_before"]),
            _mark(paper["spread"]),
            _mark(paper["confidence"]),
            " ".join(map(_mark, paper["ratings"])),
            paper["decision"],
            paper["forum"],
            paper["title"],
        )
        for place, paper in enumerate(ranked, 1)
    ]
