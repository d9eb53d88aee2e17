"""The judge: a model reads the post against the paper, gives reasons, then marks, then a decision."""

from __future__ import annotations

from pipeline.replies import Judgement
from pipeline.writing.post import text_of
from pipeline.writing.write import Desk
from store.records import Post, Verdict


def ask_judge(desk: Desk, post: Post, model: str) -> Verdict:
    """Ask the judge once. `model` is the name that the verdict is signed with."""
    judgement = desk.ask("judge", Judgement, draft=_numbered(post))
    return Verdict(
        role="judge",
        model=model,
        reasons=judgement.reasons,
        marks=judgement.marks.model_dump(),
        decision=judgement.decision,
        fixes=tuple(judgement.fixes),
    )


def _numbered(post: Post) -> str:
    lines = []
    for block in post.blocks:
        if block.claims:
            lines.append("\n".join(f"({claim.id}) {claim.text} ← {claim.quote}" for claim in block.claims))
        elif block.kind in ("title", "heading"):
            lines.append(f"# {text_of(block)}")
    return "\n".join(lines)
