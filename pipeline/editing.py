"""A person edits a draft: the text becomes a new revision, and the checks in code run again."""

from __future__ import annotations

from pipeline.checking.checks import run_checks
from pipeline.checking.outcome import decide
from pipeline.errors import InputError
from pipeline.prompts import Glossary
from pipeline.writing.post import parse, plain
from store.library import Library
from store.records import Finding, Post, Provenance, Revision
from store.search import Search

PERSON = "person"


def preview(library: Library, glossary: Glossary, post_id: str, text: str) -> tuple[Post, tuple[Finding, ...]]:
    """The post that `text` would become and what the checks say of it; nothing is stored.

    Raises:
        InputError: the text is empty.
        NotFound: no such post.
    """
    if not text.strip():
        raise InputError("The post is empty.", "To give a post up, leave it as it is.")
    post = parse(text, library.revision(post_id).post)
    document = library.document(library.post(post_id).paper_id)
    return post, run_checks(post, document, glossary)


def save_edit(
    library: Library, search: Search, glossary: Glossary, post_id: str, text: str, *, after: int | None = None
) -> Revision:
    """Store an edited text as the next revision. A text that changes nothing gives the newest revision back.

    The person stands in for the judge: without an objection of the checks the post is accepted. `after` is the number
    of the revision that the person began from; if there is a newer one by now, nothing is stored.

    Raises: as `preview`; Superseded; StoreError, also when the revision is stored and only the index fails.
    """
    newest = library.revision(post_id)
    post, findings = preview(library, glossary, post_id, text)
    if plain(post) == plain(newest.post):
        return newest
    outcome, reasons = decide(findings, judged=False)
    provenance = Provenance(read=newest.provenance.read, notes=(f"edited from revision {newest.number}",))
    revision = Revision(post_id=post_id, number=0, author=PERSON, post=post, findings=findings, provenance=provenance)
    saved = library.append_revision(revision, outcome, reasons, after=after)
    search.index_post(library.post(post_id).paper_id, post.text)
    return saved
