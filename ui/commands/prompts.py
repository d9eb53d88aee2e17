"""Commands on prompts, for whoever edits them: check, show, try."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from ui.commands import shell as sh
from ui.commands.output import out, usage_line
from ui.commands.shell import AsJson, say

if TYPE_CHECKING:
    from pipeline.prompts import Layer, PromptBook, Rendered
    from pipeline.replies import Reply
    from pipeline.writing.write import Desk
    from store.records import Document

    R = TypeVar("R", bound=Reply)

prompts = typer.Typer(no_args_is_help=True, help="The prompt files: check them, see them, try them on a paper.")
FolderOption = Annotated[Path | None, typer.Option("--folder", help="Another folder of prompts than Razbor's own.")]
NameArg = Annotated[str, typer.Argument(metavar="NAME", help="The prompt: its file's name without .md.")]
LATER_LAYERS: tuple[Layer, ...] = ("brief", "outline")
ASKED_FIRST = "(what the model answers to the prompt «{layer}» stands here)"


def _book(folder: Path | None) -> PromptBook:
    """Raises: PromptError."""
    from pipeline.prompts import PROMPTS_FOLDER, PromptBook

    return PromptBook(folder or PROMPTS_FOLDER)


@prompts.command("check")
def check(ctx: typer.Context, folder: FolderOption = None, as_json: AsJson = False) -> None:
    """Check all prompt files and the glossary; exit code 2 and the place of the fault if one is wrong."""
    book = _book(folder)
    terms = len(book.glossary.terms)
    if as_json:
        sh.print_json({"prompts": [_about(book, name) for name in book.names], "terms": terms})
        return
    for name in book.names:
        head = book[name].head
        out(f"{name:<10}{head.role:<14}{head.reply:<14}{' > '.join(head.context):<26}{head.purpose}")
    out(f"{'glossary':<10}{terms} terms")


def _about(book: PromptBook, name: str) -> dict[str, object]:
    return {"name": name, "hash": book[name].hash, **book[name].head.model_dump(mode="json")}


@prompts.command("show")
def show(ctx: typer.Context, name: NameArg, folder: FolderOption = None, as_json: AsJson = False) -> None:
    """Show one prompt: what it is for, what it needs, its text."""
    book = _book(folder)
    about, task = _about(book, name), book[name].task
    if as_json:
        sh.print_json(about | {"task": task})
        return
    for key in ("name", "purpose", "role", "reply", "context", "max_tokens", "hash"):
        value = about[key]
        out(f"{key:<12}{' > '.join(value) if isinstance(value, list) else value}")
    for key, meaning in book[name].head.inputs.items():
        out(f"  {key:<10}{meaning}")
    out(f"\n{task}")


@prompts.command("try")
def try_prompt(
    ctx: typer.Context,
    name: NameArg,
    *,
    paper: Annotated[str, typer.Option(help="A paper of the library, or a PDF.")],
    value: Annotated[
        list[str] | None,
        typer.Option(
            help="An input as key=text; brief= and outline= take JSON, else the model is asked for them first."
        ),
    ] = None,
    dry: Annotated[bool, typer.Option("--dry", help="Print the messages; ask nothing.")] = False,
    folder: FolderOption = None,
    as_json: AsJson = False,
) -> None:
    """Fill a prompt over a paper, ask the model, and show its reply and what it took. Nothing is kept as a post."""
    from ui.commands.progress import Progress
    from ui.reading import read_paper

    shell, book = sh.shell_of(ctx), _book(folder)
    values = _values(value or [])
    with shell.library() as library:
        document = read_paper(paper, shell.settings, library).document
    given = {layer: values.pop(layer) for layer in LATER_LAYERS if layer in values}
    if dry:
        _print(shell, book.render(name, _placeholders(book, document, given), **values))
        return
    with (
        Progress() as progress,
        sh.stops_at_once("the same command", progress.stop),
        shell.deps(progress.model) as deps,
    ):
        from pipeline.writing.write import Desk

        desk = Desk(deps.models, book, f"try-{uuid.uuid4().hex}", document.paper_id, _first(book, document))
        _ask_layers(desk, book[name].head.context, given)
        reply = desk.ask(name, book[name].reply, **values)
        usage = deps.library.usage(desk.digest_id).model_dump()
    if as_json:
        sh.print_json({"prompt": name, "reply": reply.model_dump(mode="json"), "usage": usage})
        return
    out(reply.model_dump_json(indent=2))
    say(f"Model: {usage_line(usage)}.")


def _values(pairs: list[str]) -> dict[str, str]:
    """Raises: InputError."""
    from pipeline.errors import InputError

    for pair in pairs:
        if "=" not in pair:
            raise InputError(f"--value {pair} has no «=».", "Write --value key=text.")
    return {key: text for key, _, text in (pair.partition("=") for pair in pairs)}


def _first(book: PromptBook, document: Document) -> dict[Layer, str]:
    from pipeline.writing.prefix import paper_layer

    return {"paper": paper_layer(document, book.glossary)}


def _placeholders(book: PromptBook, document: Document, given: dict[Layer, str]) -> dict[Layer, str]:
    first = _first(book, document)
    return first | {name: given.get(name, ASKED_FIRST.format(layer=name)) for name in LATER_LAYERS}


def _ask_layers(desk: Desk, context: tuple[Layer, ...], given: dict[Layer, str]) -> None:
    """Fill the layers that the prompt needs: as given, else by asking the stations before it."""
    from pipeline.replies import Brief, Outline
    from pipeline.writing.write import write_brief, write_outline

    if "brief" in context:
        brief = _read(Brief, "brief", given) or write_brief(desk)
        desk.layers["brief"] = brief.model_dump_json()
        if "outline" in context:
            outline = _read(Outline, "outline", given) or write_outline(desk, brief.kind)
            desk.layers["outline"] = outline.model_dump_json()


def _read(kind: type[R], layer: Layer, given: dict[Layer, str]) -> R | None:
    """Raises: InputError."""
    from pydantic import ValidationError

    from pipeline.errors import InputError

    if layer not in given:
        return None
    try:
        return kind.model_validate_json(given[layer])
    except ValidationError as error:
        wrong = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors(include_input=False))
        raise InputError(f"--value {layer}= does not fit its schema: {wrong}.", "Mend the JSON.") from error


def _print(shell: sh.Shell, rendered: Rendered) -> None:
    if shell.as_json:
        messages = [{"role": role, "content": getattr(rendered, role)} for role in ("system", "user")]
        sh.print_json({"prompt": rendered.name, "hash": rendered.hash, "messages": messages})
        return
    out(f"--- system\n{rendered.system}\n\n--- user\n{rendered.user}")
