"""Tables and posts for a person at a terminal. Words of papers and models cannot steer the terminal."""

from __future__ import annotations

import sys
import unicodedata
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import typer

if TYPE_CHECKING:
    from rich.console import Console

PIPE_WIDTH = 200
"""Columns where stdout is no terminal: wide enough that ids and commands stay whole."""


def clean(text: object) -> str:
    """Without control characters (an escape sequence among them) and direction marks; line breaks and tabs stay."""
    return "".join(
        char for char in str(text) if char in "\n\t" or (unicodedata.category(char) != "Cc" and char not in _DIRECTION)
    )


_DIRECTION = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"


def console(*, err: bool = False) -> Console:
    """A console without markup: square brackets in a title are only brackets."""
    from rich.console import Console

    stream = sys.stderr if err else sys.stdout
    return Console(
        file=stream, markup=False, emoji=False, highlight=False, width=None if stream.isatty() else PIPE_WIDTH
    )


def table(columns: Sequence[str], rows: Iterable[Sequence[Any]], *, title: str = "") -> None:
    """Print a table; nothing where there are no rows. A cell that is too long goes on in the next line."""
    from rich import box
    from rich.table import Table

    made = Table(title=title or None, title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)
    for column in columns:
        made.add_column(column, overflow="fold")
    for row in rows:
        made.add_row(*(clean("" if cell is None else cell) for cell in row))
    if made.rows:
        console().print(made)


def out(text: object = "") -> None:
    """A line on stdout."""
    typer.echo(clean(text))


def megabytes(size: int) -> str:
    return f"{size / 2**20:,.0f} MiB"


def usage_line(usage: dict[str, Any]) -> str:
    """One line on what the model calls took."""
    money = f", ${usage['money']:.4f}" if usage["money"] else ""
    kept = f", {usage['cache_hits']} replies from our cache" if usage.get("cache_hits") else ""
    return (
        f"{usage['calls']} calls, {usage['prompt_tokens']:,} prompt tokens ({usage['cached_tokens']:,} cached), "
        f"{usage['completion_tokens']:,} written, {usage['seconds']:.0f} s{money}{kept}"
    )
