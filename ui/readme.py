"""The tables and the picture of the README, made from the code: `python -m ui.readme`; `--check` only compares."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

README = Path(__file__).resolve().parent.parent / "README.md"


def commands() -> str:
    """Every command with its options and the first sentence of its help."""
    import typer

    from ui.cli import app

    rows = [f"| `razbor {words}` | {first} |" for words, first in _commands(typer.main.get_command(app), ())]
    return "\n".join(["| command | what it does |", "|---|---|", *rows])


def _commands(command: Any, path: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    if hasattr(command, "commands"):
        for name, inner in command.commands.items():
            yield from _commands(inner, (*path, name))
        return
    words = [*path, *filter(None, map(_usage, command.params))]
    first = re.split(r"(?<=[.;])\s", " ".join(command.help.split()), maxsplit=1)[0].rstrip(";.")
    yield _cell(" ".join(words)), _cell(first + ".")


def _usage(param: Any) -> str:
    if param.param_type_name == "argument":
        return str(param.metavar) if param.required else f"[{param.metavar}]"
    option = max(param.opts, key=len)
    if param.is_flag:
        return f"[{option}]"
    wanted = f"{option} {param.name.upper()}"
    return wanted if param.required else f"[{wanted}]"


def settings() -> str:
    """Every setting with its default and meaning."""
    from pydantic import SecretStr

    from pipeline.settings import Settings

    rows = []
    for name, field in Settings.model_fields.items():
        alias = field.validation_alias
        variable = alias if isinstance(alias, str) else f"RAZBOR_{name.upper()}"
        default = "" if isinstance(field.default, SecretStr) else field.default
        shown = "the user's data folder" if name == "home" else f"`{default}`" if str(default) else ""
        rows.append(f"| `{variable}` | {shown} | {_cell(field.description or '')} |")
    return "\n".join(["| variable | default | meaning |", "|---|---|---|", *rows])


def graph() -> str:
    """The workflow as LangGraph draws it."""
    from pipeline.graph import build_graph

    return f"```mermaid\n{build_graph().get_graph().draw_mermaid().strip()}\n```"


PARTS: dict[str, Callable[[], str]] = {"commands": commands, "settings": settings, "graph": graph}


def renewed(text: str) -> str:
    """The README's text with what stands between `<!-- name -->` and `<!-- /name -->` made anew.

    Raises:
        ValueError: the two marks of a part are not there exactly once.
    """
    for name, make in PARTS.items():
        marks = re.compile(rf"(<!-- {name} -->\n).*?(<!-- /{name} -->)", re.DOTALL)
        if len(marks.findall(text)) != 1:
            raise ValueError(f"README.md needs <!-- {name} --> and <!-- /{name} --> once")
        made = make()
        text = marks.sub(lambda match, made=made: f"{match[1]}{made}\n{match[2]}", text)  # type: ignore[misc]
    return text


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def main() -> int:
    """0: current, or made so; 1: `--check` found it stale."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="compare, write nothing")
    check = parser.parse_args().check
    before = README.read_text(encoding="utf-8")
    after = renewed(before)
    if check and before != after:
        sys.stderr.write("README.md is stale; run: python -m ui.readme\n")
        return 1
    if before != after:
        README.write_text(after, encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
