"""Commands on posts: show, list, edit, search."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from ui.commands import shell as sh
from ui.commands.output import clean, out, table, usage_line
from ui.commands.shell import AsJson, say

PostArg = Annotated[str, typer.Argument(metavar="POST", help="A post's id, or its paper: id, URL or PDF.")]
Form = Literal["text", "html", "markdown"]
OutcomeName = Literal["accepted", "needs_person", "skipped", "failed"]
IN_CHANNEL = 3
"""Posts of the channel that stand below the papers that a search found."""


def show(
    ctx: typer.Context,
    post: PostArg,
    form: Annotated[Form | None, typer.Option(help="Print the post alone, in this form.")] = None,
    revision: Annotated[int | None, typer.Option(help="Which revision; the newest without it.")] = None,
    as_json: AsJson = False,
) -> None:
    """Show a post with its outcome, the evidence of each claim, checks, verdicts and provenance."""
    from ui import queries

    with sh.shell_of(ctx).library() as library:
        entry = queries.find_post(library, post)
        found = queries.post_json(library, entry, revision)
        if as_json:
            sh.print_json(found)
        elif form and found["post"]:
            out(found["post"][form])
        else:
            pages = {}
            if library.has_document(entry.paper_id):
                pages = {passage.id: passage.page for passage in library.document(entry.paper_id).passages}
            _whole(found, pages)


def _whole(found: dict[str, Any], pages: dict[str, int]) -> None:
    if found["post"]:
        out(f"{found['post']['text']}\n")
    out(f"{found['post_id']} ({found['paper_id']}): {found['outcome']}")
    for reason in found["reasons"]:
        out(f"  - {reason}")
    if not found["post"]:
        return
    _claims(found["claims"], pages)
    rows = [(c["severity"], c["where"], c["check"], c["message"]) for c in found["checks"]]
    table(("severity", "where", "check", "message"), rows, title="Checks")
    for verdict in found["verdicts"]:
        marks = ", ".join(f"{name} {mark}" for name, mark in verdict["marks"].items())
        out(f"\n{verdict['role']} ({verdict['model']}): {verdict['decision']}; {marks}\n{verdict['reasons']}")
        for fix in verdict["fixes"]:
            out(f"  - {fix}")
    _provenance(found)


def _claims(claims: list[dict[str, Any]], pages: dict[str, int]) -> None:
    proven = sum(claim["proven"] for claim in claims)
    out(f"\nClaims: {proven} of {len(claims)} proven")
    for claim in claims:
        out(f"{'✓' if claim['proven'] else '✗'} {claim['id']}  {claim['text']}")
        places = ", ".join(f"{name}, page {pages.get(name, '?')}" for name in claim["passages"]) or "no passage"
        out(f"      “{claim['quote']}” ({places})" if claim["quote"] else f"      no quote ({places})")


def _provenance(found: dict[str, Any]) -> None:
    made = found["provenance"]
    out(f"\nRevision {found['revision']} of {found['revisions']} by {found['author']}, {found['created']}")
    out(f"Model: {usage_line(found['usage'])}")
    for title, values in (("Models", made["models"]), ("Prompts", made["prompts"])):
        if values:
            out(f"{title}: " + ", ".join(f"{name} {value}" for name, value in values.items()))
    if read := found["read"]:
        out(f"Read: {read['pages']} pages, {read['passages']} passages")
        for what in ("condensed", "left_out"):
            if read[what]:
                out(f"  {what.replace('_', ' ')}: {', '.join(read[what])}")
    for note in made["notes"]:
        out(f"Note: {note}")


def list_posts(
    ctx: typer.Context,
    outcome: Annotated[OutcomeName | None, typer.Option(help="Only posts with this outcome.")] = None,
    as_json: AsJson = False,
) -> None:
    """List the posts, and the attempts that failed or did not finish, each with the command that continues."""
    from ui import queries

    with sh.shell_of(ctx).library() as library:
        posts = library.posts(outcome)
        attempts = queries.unfinished(library) if outcome in (None, "failed") else []
    if as_json:
        sh.print_json(queries.list_json(posts, attempts))
        return
    rows = [(p.post_id, p.outcome, p.revisions, f"{p.updated:%Y-%m-%d %H:%M}", p.title) for p in posts]
    table(("post", "outcome", "revisions", "updated", "title"), rows)
    if not (posts or attempts):
        out("Nothing here yet. Begin with: razbor digest PAPER")
    if attempts:
        out("Failed or not finished:")
    for attempt in attempts:
        out(f"  {attempt.paper_id or attempt.target}: {attempt.outcome or 'not finished'} at {attempt.stage}")
        if attempt.error:
            out(f"    {attempt.error}")
        if not attempt.permanent:
            out(f"    continue with: {attempt.continue_with}")


def edit(
    ctx: typer.Context,
    post: PostArg,
    file: Annotated[str, typer.Option(help="Take the text from this file; - is stdin.")] = "",
    as_json: AsJson = False,
) -> None:
    """Edit a post as plain text, in $EDITOR or from a file; it becomes a revision and is checked again."""
    from pipeline.editing import save_edit
    from pipeline.prompts import PromptBook
    from pipeline.writing.post import plain
    from ui import queries

    shell = sh.shell_of(ctx)
    with shell.library() as library:
        entry = queries.find_post(library, post)
        before = library.revision(entry.post_id)
        with _from_file(file) if file else _from_editor(entry.post_id, plain(before.post)) as text:
            saved = save_edit(
                library, shell.search(library), PromptBook().glossary, entry.post_id, text, after=before.number
            )
        found = queries.post_json(library, library.post(entry.post_id))
    if as_json:
        sh.print_json(found)
        return
    if saved.number == before.number:
        out(f"Nothing changed; revision {before.number} stays.")
        return
    out(f"Saved as revision {saved.number} of {entry.post_id}: {found['outcome']}")
    for finding in saved.findings:
        out(f"  {finding.severity:<8}{finding.where:<6}{clean(finding.message)}")


@contextmanager
def _from_file(name: str) -> Iterator[str]:
    """Raises: InputError."""
    from pipeline.errors import InputError

    try:
        text = sys.stdin.read() if name == "-" else Path(name).read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise InputError(f"{name} cannot be read: {reason}.", "Check the file.") from error
    yield text


@contextmanager
def _from_editor(post_id: str, text: str) -> Iterator[str]:
    """The text as the person left it; its file goes when the work with it has succeeded, and stays when not.

    Raises:
        InputError: there is no terminal, or the editor does not start or fails.
    """
    path = Path(tempfile.mkdtemp(prefix="razbor-")) / f"{post_id}.txt"
    path.write_text(text, encoding="utf-8")
    try:
        _run_editor(path)
        yield path.read_text(encoding="utf-8")
    except BaseException:
        say(f"The text stays here; save it with: razbor edit {post_id} --file {shlex.quote(str(path))}")
        raise
    path.unlink()
    path.parent.rmdir()


def _run_editor(path: Path) -> None:
    """Raises: InputError."""
    from pipeline.errors import InputError

    if not sys.stdin.isatty():
        raise InputError("There is no terminal to edit in.", "Give the text with --file.")
    editor = os.environ.get("VISUAL") or os.environ.get("EDITOR") or ("notepad" if os.name == "nt" else "vi")
    try:
        done = subprocess.run([*shlex.split(editor), str(path)], check=False)
    except (OSError, ValueError) as error:
        raise InputError(f"The editor «{editor}» does not start: {error}.", "Set EDITOR, or use --file.") from error
    if done.returncode:
        raise InputError(f"The editor ended with code {done.returncode}; nothing was saved.", "Edit again.")


def search(
    ctx: typer.Context,
    query: Annotated[str, typer.Argument(metavar="QUERY", help="Words in Russian or English.")],
    limit: Annotated[int, typer.Option(min=1, help="How many papers, or posts of the channel.")] = 10,
    channel: Annotated[bool, typer.Option("--channel", help="Find only posts of the imported channel.")] = False,
    as_json: AsJson = False,
) -> None:
    """Find papers by their passages and posts, by meaning and by words, across Russian and English.

    Below them stand the posts of the imported channel that answer best; with --json there are only papers, or with
    --channel only posts.
    """
    from ui import queries

    shell = sh.shell_of(ctx)
    with shell.library() as library:
        search = shell.search(library)
        found = [] if channel else search.search(query, limit)
        wanted = limit if channel else 0 if as_json else IN_CHANNEL
        posts = search.search_channel(query, wanted) if wanted and library.has_channel() else []
    if as_json:
        in_channel = [queries.channel_json(one.post, one.score) for one in posts]
        sh.print_json(in_channel if channel else queries.found_json(found))
        return
    for paper in found:
        out(f"{paper.score:6.2f}  {paper.title}  ({paper.paper_id})")
        for passage in paper.passages:
            place = f"page {passage.page}, {passage.id}" if passage.page else passage.id
            out(f"        [{place}] {' '.join(passage.text.split())[:300]}")
    if posts and not channel:
        out("\nIn the channel:")
    for one in posts:
        out(f"{one.score:6.2f}  {queries.channel_line(one.post)}")
        out(f"        [channel] {' '.join(one.post.text.split())[:300]}")
    if not found and not posts:
        say("Nothing found.")
