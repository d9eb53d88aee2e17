"""Commands on models: list, pull, test."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Literal

import typer

from ui.commands import shell as sh
from ui.commands.output import clean, megabytes, out, table
from ui.commands.shell import AsJson, say

models = typer.Typer(no_args_is_help=True, help="The embedded models, and the models that answer.")
RoleName = Literal["writer", "judge", "strong_judge"]


@models.command("list")
def list_models(ctx: typer.Context, as_json: AsJson = False) -> None:
    """List the embedded models that Razbor knows, and which are installed."""
    from pipeline.models import catalogue, files
    from store.files import Home

    settings = sh.shell_of(ctx).settings
    here = {model.name for model in files.installed(Home(settings.home).models)}
    fields = ("name", "size", "licence", "context", "note", "file_name", "hub_repo")
    found = [
        {name: getattr(model, name) for name in fields}
        | {"installed": model.name in here, "chosen": model.name == settings.embedded_model}
        for model in catalogue.CATALOGUE
    ]
    if as_json:
        sh.print_json(found)
        return
    rows = [
        (
            f"{'* ' if model['chosen'] else '  '}{model['name']}",
            "installed" if model["installed"] else "",
            megabytes(model["size"]) if model["size"] else "?",
            model["licence"],
            f"{model['context']:,}",
            model["note"],
        )
        for model in found
    ]
    table(("model", "here", "size", "licence", "context", "note"), rows)
    out("* RAZBOR_EMBEDDED_MODEL. Fetch one with: razbor models pull NAME")


@models.command("pull")
def pull(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="The model; without it the one of the settings.")] = "",
    if_needed: Annotated[
        bool, typer.Option("--if-needed", help="Only when the settings let an embedded model write, and in silence.")
    ] = False,
) -> None:
    """Fetch an embedded model, verify it by SHA-256, and go on where a broken download stopped."""
    from pipeline.models import files
    from pipeline.models.endpoints import from_settings
    from store.files import Home
    from ui.commands.progress import Bar

    settings = sh.shell_of(ctx).settings
    if if_needed and not from_settings(settings)["writer"].local:
        return
    model = files.known(name or settings.embedded_model)
    folder = Home(settings.home).models
    if model in files.installed(folder):
        if if_needed:
            return
        out(f"{model.name} is here already: {folder / model.file_name}")
        return
    with _log_told(), Bar(model.name).shown() as bar:
        path = files.pull(model.name, folder, source=settings.pull_from, progress=bar.at)
    out(f"{model.name}: {megabytes(path.stat().st_size)}, verified by SHA-256, kept as {path}")


@contextmanager
def _log_told() -> Iterator[None]:
    """While it is open, a person reads on stderr what the fetching of models logs: above all, from where."""
    log, handler = logging.getLogger("pipeline.models"), _Said()
    before = log.level
    log.addHandler(handler)
    log.setLevel(logging.INFO)
    try:
        yield
    finally:
        log.removeHandler(handler)
        log.setLevel(before)


class _Said(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        say(clean(record.getMessage()))


@models.command("test")
def ask(
    ctx: typer.Context,
    role: Annotated[RoleName, typer.Option(help="Whose model to ask.")] = "writer",
    as_json: AsJson = False,
) -> None:
    """Ask a model one sentence for real; say which model it is and why, and how fast it answers."""
    from pipeline.models.endpoints import from_settings
    from pipeline.models.probe import probe
    from ui.commands.progress import Progress

    settings = sh.shell_of(ctx).settings
    endpoint = from_settings(settings)[role]
    with Progress() as progress, sh.stops_at_once(f"razbor models test --role {role}", progress.stop):
        progress.line(f"{endpoint.place}: {endpoint.why}")
        answer = probe(endpoint, settings, progress.model)
    if as_json:
        known = {"role": role, "model": endpoint.model, "base_url": endpoint.base_url, "why": endpoint.why}
        wanted = {"prompt_tokens", "cached_tokens", "completion_tokens", "money", "seconds"}
        sh.print_json(
            known
            | {"sentence": answer.sentence, "tokens_per_second": answer.tokens_per_second}
            | answer.call.model_dump(include=wanted)
        )
        return
    out(answer.sentence)
