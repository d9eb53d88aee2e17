"""Commands that bring in what others made: `razbor import metadata`, `scores`, `telegram`."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ui.commands import shell as sh
from ui.commands.output import out
from ui.commands.shell import AsJson, say

if TYPE_CHECKING:
    from pipeline.sources.imported import Imported

imports = typer.Typer(no_args_is_help=True, help="Bring in dumps and exports; the same file twice changes nothing.")
SHOWN = 20
"""Refused lines that a person is shown; `--json` has them all."""


@imports.command()
def metadata(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Records of papers, one JSON object a line; also .gz.")],
    as_json: AsJson = False,
) -> None:
    """Import titles and abstracts of many papers: `{id, title, abstract, authors?, categories?, published?}` a line.

    Exit code: 0 all lines are in, 1 some were refused, 2 the file cannot be read.
    """
    from pipeline.sources.arxiv.metadata import import_metadata
    from ui.commands.progress import Bar

    with sh.shell_of(ctx).library() as library, Bar(file.name).shown() as bar:
        imported = import_metadata(file, library, bar.at)
    tell(ctx, imported)


@imports.command()
def scores(
    ctx: typer.Context,
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="CSV or a JSON list: id, title, ratings, confidences, decision …")
    ],
    venue: Annotated[str, typer.Option(metavar="VENUE", help="The venue; else a column's, else the file's name.")] = "",
    taken: Annotated[
        str,
        typer.Option(metavar="DATE", help="When they stood so, 2022-11-05; else in the file's name, else now."),
    ] = "",
    as_json: AsJson = False,
) -> None:
    """Import a venue's marks; one file before and one after the rebuttal show who changed.

    Exit code: 0 all rows are in, 1 some were refused, 2 the file cannot be read.
    """
    from pipeline.sources.openreview.scores import date_of, import_scores
    from ui.commands.progress import Bar

    with sh.shell_of(ctx).library() as library, Bar(file.name).shown() as bar:
        imported = import_scores(file, library, venue=venue, taken=date_of(taken), progress=bar.at)
    say(f"{imported.venue}, as of {imported.taken[:10]}: the ratings of {imported.changed} papers changed.")
    tell(ctx, imported)


@imports.command()
def telegram(
    ctx: typer.Context,
    path: Annotated[
        Path, typer.Argument(metavar="PATH", help="The export's folder, its result.json or its messages.html.")
    ],
    any_chat: Annotated[bool, typer.Option("--any", help="Import a chat that is no channel, too.")] = False,
    zone: Annotated[
        str,
        typer.Option(metavar="ZONE", help="Zone of times that have none, such as Europe/Moscow; else this machine's."),
    ] = "",
    as_json: AsJson = False,
) -> None:
    """Import the channel that you write from an export of Telegram Desktop, so that Razbor knows what was posted.

    Exit code: 0 all messages are in, 1 some were refused, 2 the export cannot be read.
    """
    from pipeline.sources.telegram.importing import import_telegram, zone_of
    from ui.commands.progress import Bar

    with sh.shell_of(ctx).library() as library, Bar("messages").shown() as bar:
        imported = import_telegram(path, library, any_chat=any_chat, zone=zone_of(zone), progress=bar.at)
    for note in imported.notes:
        say(note)
    say(f"«{imported.channel}»: {imported.messages} messages in the export; those without words are left out.")
    if imported.added or imported.updated:
        say("They are found by their words now, and by meaning after: razbor reindex --channel")
    tell(ctx, imported)


def tell(ctx: typer.Context, imported: Imported) -> None:
    """Print what an import did, and leave with 1 where lines were refused."""
    if sh.shell_of(ctx).as_json:
        sh.print_json(asdict(imported))
    else:
        out(f"{imported.added} added, {imported.updated} updated, {imported.unchanged} unchanged.")
    for refused in imported.refused[:SHOWN]:
        say(f"Line {refused.line} is refused: {refused.why}")
    if len(imported.refused) > SHOWN:
        say(f"{len(imported.refused)} lines are refused in all; --json lists them.")
    if imported.refused:
        raise typer.Exit(sh.FAILED)
