"""The command line. Every command imports what it needs when it runs, so that `razbor --help` loads only typer."""

from __future__ import annotations

import logging
import sys
from typing import Annotated

import typer

from ui.commands import nights, papers, posts, upkeep
from ui.commands.fetch import fetch
from ui.commands.imports import imports
from ui.commands.models import models
from ui.commands.prompts import prompts
from ui.commands.read import read
from ui.commands.reviews import reviews, venue
from ui.commands.shell import Guard, shell_of

app = typer.Typer(
    cls=Guard,
    help="Takes machine-learning papers apart: reads them whole, writes Russian posts, proves every claim.",
    epilog="Exit codes: 0 done, 1 a part failed, 2 could not start or a person is needed, 130 stopped by Ctrl-C.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


def _version(value: bool) -> None:
    if value:
        from importlib.metadata import version

        typer.echo(version("razbor"))
        raise typer.Exit


@app.callback()
def main(
    ctx: typer.Context,
    debug: Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")] = False,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    shell_of(ctx).debug = debug
    logging.lastResort = logging.NullHandler()  # what is logged before there is a log file is said to the person anyway
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # a terminal that lacks a letter shows a question mark, not a traceback
            stream.reconfigure(errors="replace")


app.command()(papers.digest)
app.command()(read)
app.command()(fetch)
app.add_typer(imports, name="import")
app.command()(reviews)
app.command()(venue)
app.command()(posts.show)
app.command("list")(posts.list_posts)
app.command()(posts.edit)
app.command()(posts.search)
app.command()(nights.nightly)
app.add_typer(nights.runs, name="runs")
app.command()(upkeep.ui)
app.command()(upkeep.doctor)
app.add_typer(models, name="models")
app.add_typer(prompts, name="prompts")
app.command()(upkeep.stats)
app.command()(upkeep.reindex)
app.command()(upkeep.settings)

if __name__ == "__main__":
    app(prog_name="razbor")
