"""Commands on nights: nightly, runs."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from ui.commands import shell as sh
from ui.commands.output import out, table, usage_line
from ui.commands.shell import AsJson

if TYPE_CHECKING:
    from pipeline.nightly import Report

log = logging.getLogger(__name__)
runs = typer.Typer(no_args_is_help=True, help="Show past nights.")


def nightly(
    ctx: typer.Context,
    *,
    folder: Annotated[Path | None, typer.Option(help="Digest every new PDF of this folder.")] = None,
    ids: Annotated[Path | None, typer.Option(help="Digest every new arXiv id of this list, one a line.")] = None,
    venue: Annotated[str, typer.Option(help="Digest the best papers of this venue by their reviews.")] = "",
    top: Annotated[int, typer.Option(min=1, help="How many of the venue's papers.")] = 15,
    by: Annotated[
        Literal["rating", "spread", "confidence", "change"],
        typer.Option(help="What makes a paper of the venue the best."),
    ] = "rating",
    as_json: AsJson = False,
) -> None:
    """Digest all that is new, several papers at once, within the budget; for cron.

    Exit code: 0 done, also when nothing is new; 1 a paper failed or the budget ended; 2 the night could not start, or
    posts wait for a person.
    """
    from pipeline.errors import InputError
    from pipeline.nightly import best_of_venue, night, targets_of
    from ui.commands.progress import Progress

    shell = sh.shell_of(ctx)
    if folder is None and ids is None and not venue:
        raise InputError("Nothing to do in this night.", "Give --folder, --ids or --venue.")
    targets = targets_of(folder, ids)
    with (
        Progress() as progress,
        sh.stops_at_once("the same command", progress.stop),
        shell.deps(progress.model) as deps,
    ):
        progress.line(f"{deps.models.endpoint('writer').place}: {deps.models.endpoint('writer').why}")

        def on_paper(target: str, event: str) -> None:
            log.info("night: %s: %s", target, event)
            progress.line(f"{target}: {event}")

        best = best_of_venue(deps.library, venue, top, by) if venue else []
        sh.require_model(deps)
        report = night([*targets, *best], deps, on_paper)
    _tell(shell, report)
    if report.failed or report.outcome != "done":
        raise typer.Exit(sh.FAILED)
    if report.waiting:
        raise typer.Exit(sh.PERSON)


@runs.command("list")
def list_runs(ctx: typer.Context, as_json: AsJson = False) -> None:
    """List the nights, the newest first."""
    with sh.shell_of(ctx).library() as library:
        found = library.runs()
    if as_json:
        sh.print_json([run.model_dump(mode="json") for run in found])
        return
    table(
        ("run", "outcome", "started", "finished", "note"),
        [
            (r.run_id, r.outcome, f"{r.started:%Y-%m-%d %H:%M}", r.finished and f"{r.finished:%H:%M}", r.note)
            for r in found
        ],
    )


@runs.command("show")
def show_run(
    ctx: typer.Context,
    run: Annotated[str, typer.Argument(metavar="ID", help="A run's id; the newest without it.")] = "",
    as_json: AsJson = False,
) -> None:
    """Show the report of a night."""
    from pipeline.nightly import report
    from store.errors import NotFound

    shell = sh.shell_of(ctx)
    with shell.library() as library:
        newest = next(iter(library.runs()), None)
        if not run and newest is None:
            raise NotFound("There was no night yet.", "Begin one: razbor nightly --folder DIR")
        _tell(shell, report(library, run or (newest.run_id if newest else "")))


def _tell(shell: sh.Shell, report: Report) -> None:
    from ui import queries

    if shell.as_json:
        sh.print_json(queries.report_json(report))
        return
    out(f"Night {report.run_id}: {report.outcome}")
    for what in ("made", "waiting", "skipped"):
        papers = getattr(report, what)
        out(f"  {what:<8}{len(papers):>4}  {', '.join(papers)}".rstrip())
    out(f"  {'failed':<8}{len(report.failed):>4}")
    for failure in report.failed:
        out(f"    {failure.paper_id} at {failure.stage}: {failure.error}")
        out(f"      continue with: {failure.continue_with}")
    out(f"  Model: {usage_line(report.usage.model_dump())}")
    if report.note:
        out(f"  {report.note}")
