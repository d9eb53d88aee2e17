"""Commands on the installation: doctor, stats, reindex, settings, ui."""

from __future__ import annotations

import os
import socket
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import urlsplit, urlunsplit

import typer

from ui.commands import shell as sh
from ui.commands.output import clean, megabytes, out, table
from ui.commands.shell import AsJson, say

if TYPE_CHECKING:
    from pipeline.settings import Settings

LOOPBACK = "127.0.0.1"


def doctor(
    ctx: typer.Context,
    no_model: Annotated[bool, typer.Option("--no-model", help="Do not ask the models.")] = False,
    online: Annotated[bool, typer.Option("--online", help="Ask arXiv too.")] = False,
    as_json: AsJson = False,
) -> None:
    """Test every part for real and say what mends it. Exit code 1 if one is not well."""
    from pipeline import doctor as clinic

    shell, parts = sh.shell_of(ctx), []
    for part in clinic.examine(lambda: shell.settings, model=not no_model, online=online):
        parts.append(part)
        if not as_json:
            out(f"{'✓' if part.ok else '✗'} {part.part:<22}{clean(part.detail)}")
            if part.mend:
                out(f"  {'':<22}{clean(part.mend)}")
    if as_json:
        sh.print_json([asdict(part) for part in parts])
    if not all(part.ok for part in parts):
        raise typer.Exit(sh.FAILED)


def stats(ctx: typer.Context, as_json: AsJson = False) -> None:
    """Count what the library holds and how much room it takes."""
    from store.files import Home

    shell = sh.shell_of(ctx)
    with shell.library() as library:
        counts = library.stats()
    root = Home(shell.settings.home).root
    sizes = {place.name: _size(place) for place in sorted(root.iterdir()) if not place.name.startswith(".")}
    if as_json:
        sh.print_json({"home": str(root), "counts": counts, "bytes": sizes})
        return
    table(("what", "count"), sorted(counts.items()))
    table((str(root), "size"), [(name, megabytes(size)) for name, size in sizes.items()])


def _size(place: Path) -> int:
    files = place.rglob("*") if place.is_dir() else (place,)
    return sum(file.stat().st_size for file in files if file.is_file())


def reindex(
    ctx: typer.Context,
    channel: Annotated[
        bool, typer.Option("--channel", help="Only add what is new in the imported channel; stopped, it goes on.")
    ] = False,
) -> None:
    """Throw the search index away and make it again from the library."""
    from ui.commands.progress import Bar

    shell = sh.shell_of(ctx)
    with shell.library() as library:
        search = shell.search(library)
        with Bar("texts").shown() as bar:
            if channel:
                new = search.index_channel(bar.at)
            else:
                search.reindex(bar.at)
        search.check()
        counts = library.stats()
    out(f"Indexed {new} channel posts." if channel else f"Indexed {counts['passages']} passages and the posts.")


def settings(ctx: typer.Context, as_json: AsJson = False) -> None:
    """Show every setting with its value; secrets only as set or not."""
    shell = sh.shell_of(ctx)
    found = settings_json(shell.settings)
    if as_json:
        sh.print_json(found)
        return
    table(("variable", "value", "meaning"), [(s["variable"], s["value"], s["description"]) for s in found])


def settings_json(settings: Settings) -> list[dict[str, Any]]:
    """Each setting: `variable`, `value` (masked where it is a secret), `default`, `description`."""
    from pydantic import SecretStr

    found = []
    for name, field in type(settings).model_fields.items():
        value = getattr(settings, name)
        secret = isinstance(value, SecretStr)
        shown = ("set" if value.get_secret_value() else "") if secret else _masked(str(value))
        default = "" if secret else _masked(str(field.get_default(call_default_factory=True)))
        found.append(
            {
                "variable": field.validation_alias or f"RAZBOR_{name.upper()}",
                "value": shown,
                "is_default": value == field.get_default(call_default_factory=True),
                "default": default,
                "description": field.description,
            }
        )
    return found


def _masked(value: str) -> str:
    """A URL without its password."""
    parts = urlsplit(value) if "://" in value and "@" in value else None
    if parts is None or not parts.password:
        return value
    return urlunsplit(parts._replace(netloc=parts.netloc.replace(f":{parts.password}@", ":***@")))


def ui(
    ctx: typer.Context,
    port: Annotated[int, typer.Option(min=1024, max=65535, help="Port on this machine.")] = 8501,
) -> None:
    """Open the dashboard: only this machine reaches it, and nothing is reported to anyone. Ctrl-C ends it."""
    from pipeline.errors import InputError

    shell = sh.shell_of(ctx)
    with shell.library():
        pass  # what cannot be opened is said here, as one sentence
    with socket.socket() as taken:
        if taken.connect_ex((LOOPBACK, port)) == 0:
            raise InputError(f"Port {port} is in use.", "Give another one: razbor ui --port 8600.")
    app = Path(__file__).resolve().parents[1] / "app.py"
    options = {
        "server.headless": "true",
        "server.address": LOOPBACK,
        "server.port": str(port),
        "server.fileWatcherType": "none",
        "browser.gatherUsageStats": "false",
        "browser.serverAddress": LOOPBACK,
        "client.toolbarMode": "viewer",
    }
    arguments = [piece for name, value in options.items() for piece in (f"--{name}", value)]
    say(f"The dashboard: http://{LOOPBACK}:{port}  (Ctrl-C ends it)")
    sys.stderr.flush()
    os.execv(sys.executable, [sys.executable, "-m", "streamlit", "run", str(app), *arguments])
