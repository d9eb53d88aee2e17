"""What the last station writes: every round as a revision with its findings, verdict and provenance, then the index."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.checking.outcome import errors
from pipeline.deps import Deps
from pipeline.state import Round, State
from pipeline.writing.prefix import reading_record
from store.records import Outcome, Provenance, Revision


def post_id_of(paper_id: str) -> str:
    """One post per paper; the id is fit for file names and URLs."""
    return paper_id.replace(":", "-").replace("/", "_")


def best_round(rounds: Sequence[Round]) -> Round:
    """The round with the fewest errors, the latest of these: a repair can make things worse."""
    return min(reversed(rounds), key=lambda turn: len(errors(turn.findings)))


def keep_post(state: State, deps: Deps, outcome: Outcome, reasons: Sequence[str]) -> None:
    """Store all rounds in one transaction, the best one last; the same digest kept twice leaves the same rows."""
    best = best_round(state["rounds"])
    rounds = [*(turn for turn in state["rounds"] if turn is not best), best]
    provenance = _provenance(state, deps)
    post_id = post_id_of(state["paper_id"])
    revisions = [
        Revision(
            post_id=post_id,
            number=number,
            author=deps.models.endpoint("writer").model,
            post=turn.post,
            findings=turn.findings,
            verdicts=(turn.verdict,) if turn.verdict else (),
            provenance=provenance,
        )
        for number, turn in enumerate(rounds, 1)
    ]
    deps.library.keep_digest(state["paper_id"], revisions, outcome=outcome, reasons=reasons)
    deps.search.index_post(state["paper_id"], deps.library.revision(post_id).post.text)


def keep_skipped(state: State, deps: Deps) -> None:
    """Store that the paper gets no post, and why."""
    deps.library.set_outcome(
        post_id_of(state["paper_id"]), "skipped", (state["brief"].why,), paper_id=state["paper_id"]
    )


def _provenance(state: State, deps: Deps) -> Provenance:
    calls = deps.library.calls(state["digest_id"])
    return Provenance(
        digest_id=state["digest_id"],
        prompts={call.prompt: call.prompt_hash for call in calls},
        models={call.role: call.model for call in calls},
        usage=deps.library.usage(state["digest_id"]),
        read=reading_record(deps.library.document(state["paper_id"]), state.get("notes", [])),
        notes=tuple(filter(None, [state["discussion"].note])),
    )
