"""Repair by small edits. A model names words to replace; code makes the edit only where they occur exactly once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pipeline.replies import Edit, Proof, Repair
from pipeline.writing.typography import typeset
from pipeline.writing.write import Desk, clean_quote
from store.records import Block, Claim, Post

FAULTS_SHOWN = 1000
"""Characters of faults in one round, but at least one fault: a model mends a few well, and many badly."""


@dataclass(frozen=True)
class Repaired:
    """The mended post, and what could not be done, in words for the next round."""

    post: Post
    failed: tuple[str, ...]


def ask_repair(desk: Desk, post: Post, faults: Sequence[tuple[str, str]], failed: Sequence[str]) -> Repair:
    """Ask for edits. `faults`: what is wrong, as (claim id or `post`, message); `failed`: edits of the last round."""
    texts = {claim.id: claim.text for claim in post.claims}
    lines: list[str] = []
    for where, message in faults:
        line = f"{where}: {message}" + (f" | text: {texts[where]}" if where in texts else "")
        if lines and sum(map(len, lines)) + len(line) > FAULTS_SHOWN:
            break
        lines.append(line)
    return desk.ask("repair", Repair, faults="\n".join(lines), failed="; ".join(failed)[:FAULTS_SHOWN] or "none")


def apply_repair(post: Post, repair: Repair) -> Repaired:
    """Make the edits that can be made. Order: edits, then proofs, then drops; a block keeps its last claim."""
    failed: list[str] = []
    for edit in repair.edits:
        post = _edited(post, edit, failed)
    for proof in repair.proofs:
        post = _proven(post, proof, failed)
    for name in repair.drop:
        post = _dropped(post, name, failed)
    return Repaired(post, tuple(failed))


def str_replace(text: str, old: str, new: str) -> str | None:
    """Replace `old` by `new`, or None when `old` does not occur exactly once."""
    return text.replace(old, new) if old and text.count(old) == 1 else None


def _edited(post: Post, edit: Edit, failed: list[str]) -> Post:
    found = sum(claim.text.count(edit.old) for claim in post.claims) if edit.old.strip() else 0
    if found != 1:
        failed.append(f"«{edit.old[:60]}» occurs {found} times")
        return post

    def change(claim: Claim) -> Claim:
        text = str_replace(claim.text, edit.old, edit.new)
        return claim if text is None else claim.model_copy(update={"text": typeset(text)})

    return _with_claims(post, lambda block: tuple(change(claim) for claim in block.claims))


def _proven(post: Post, proof: Proof, failed: list[str]) -> Post:
    if proof.claim not in {claim.id for claim in post.claims}:
        failed.append(f"there is no claim {proof.claim[:20]}")
        return post
    update = {"passages": (), "quote": clean_quote(proof.quote)}
    return _with_claims(
        post,
        lambda block: tuple(c.model_copy(update=update) if c.id == proof.claim else c for c in block.claims),
    )


def _dropped(post: Post, name: str, failed: list[str]) -> Post:
    home = next((block for block in post.blocks if any(claim.id == name for claim in block.claims)), None)
    if home is None or (len(home.claims) == 1 and home.kind != "bullet"):
        failed.append(f"claim {name[:20]} cannot be dropped")
        return post
    post = _with_claims(post, lambda block: tuple(claim for claim in block.claims if claim.id != name))
    return Post(blocks=tuple(block for block in post.blocks if block.claims or block.text))


def _with_claims(post: Post, change: Callable[[Block], tuple[Claim, ...]]) -> Post:
    return Post(blocks=tuple(b.model_copy(update={"claims": change(b)}) if b.claims else b for b in post.blocks))
