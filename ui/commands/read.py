"""The command `read`: what was read in a paper, one passage of it, a page or a figure as a picture."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from ui.commands import shell as sh
from ui.commands.papers import PaperArg
from ui.commands.shell import AsJson, say

if TYPE_CHECKING:
    from store.library import Library
    from ui.reading import Reading


def read(
    ctx: typer.Context,
    paper: PaperArg,
    *,
    passage: Annotated[str, typer.Option(help="Print one passage, and the claims that rest on it.")] = "",
    page: Annotated[int | None, typer.Option("--render", help="A page as PNG, with --passage marked on it.")] = None,
    number: Annotated[str, typer.Option("--figure", help="A figure as PNG: its number, or `main`.")] = "",
    file: Annotated[str, typer.Option("--out", help="Where the PNG goes; an existing file is not replaced.")] = "",
    again: Annotated[bool, typer.Option("--again", help="Read the PDF anew, though it was read before.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show what is read in a paper's PDF: outline, counts, links, warnings; or a passage, a page, a figure of it.

    No model is asked, and no post is made. What is read is kept, so that the search and the dashboard find it and the
    next time it is there at once, without the network. Without --out a picture goes to the current folder, to a file
    named after the paper and the page or figure.
    """
    from ui.commands import outline, pictures
    from ui.queries import document_json, passage_json
    from ui.reading import passage_of, read_paper, watched_in

    shell = sh.shell_of(ctx)
    _refuse_contradictions(passage, page, number, file)
    with shell.library() as library:
        reading = read_paper(paper, shell.settings, library, again=again)
        document = reading.document
        if page is not None or number:
            answer = pictures.write(reading, shell.settings, passage=passage, page=page, number=number, file=file)
            tell = outline.tell_picture
        elif passage:
            answer = passage_json(library, document, passage_of(document, passage))
            tell = outline.tell_passage
        else:
            answer = document_json(document, watched_in(document, shell.settings))
            tell = outline.tell
        if not as_json:
            tell(answer)
        if not reading.kept:
            _keep(shell, library, reading)
        if as_json:
            sh.print_json(answer)
        elif tell is outline.tell:
            outline.tell_next(paper, document, library.post_of(document.paper_id))


def _refuse_contradictions(passage: str, page: int | None, number: str, file: str) -> None:
    """Raises: InputError."""
    from pipeline.errors import InputError

    if number and (page is not None or passage):
        raise InputError("--figure goes with neither --render nor --passage.", "Ask for one of them.")
    if file and page is None and not number:
        raise InputError("--out is for a picture.", "Give --render PAGE or --figure NUMBER with it.")


def _keep(shell: sh.Shell, library: Library, reading: Reading) -> None:
    """Keep the reading, and say which claims of the paper's post have lost their quote by it."""
    from ui.reading import keep, without_quote

    document = reading.document
    say(f"Keeping {document.paper_id}: indexing {len(document.passages)} passages for the search.")
    lost = without_quote(document, library)
    keep(reading, shell.settings, library, shell.search(library))
    if lost:
        say(f"The quotes of {', '.join(lost)} in its post are not where they were; `razbor digest --again` renews it.")
