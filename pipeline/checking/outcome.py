"""What becomes of a post: pure functions of the findings and the verdict."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.checking import grounding, numbers
from store.records import Claim, Finding, Outcome, Verdict

_PROOF = (grounding.CHECK, numbers.CHECK)


def is_proven(claim: Claim, findings: Sequence[Finding]) -> bool:
    """A claim is proven when it has evidence and no check of evidence or numbers objects."""
    return not any(finding.where == claim.id and finding.check in _PROOF for finding in findings)


def errors(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """The findings that keep a post from being accepted."""
    return tuple(finding for finding in findings if finding.severity == "error")


def decide(
    findings: Sequence[Finding], verdict: Verdict | None = None, *, judged: bool = True, reply_error: str = ""
) -> tuple[Outcome, tuple[str, ...]]:
    """`accepted` when no check objects and the judge accepts; else `needs_person` with every reason, in Russian.

    Not `judged`: a person wrote this text, and only the checks have a say. `reply_error`: why the
    judge or the repair gave no usable reply.
    """
    reasons = [f"{finding.where}: {finding.message}" for finding in errors(findings)]
    if verdict is not None and verdict.decision != "accept":
        said = "судья воздержался" if verdict.decision == "abstain" else "судья хочет правки"
        reasons.append(f"{said}: {verdict.reasons}")
    if reply_error:
        reasons.append(f"модель не дала годного ответа: {reply_error}")
    if judged and verdict is None and not reasons:
        reasons.append("судья не высказался")
    return ("needs_person" if reasons else "accepted"), tuple(reasons)
