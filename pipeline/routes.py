"""Where a paper goes next. Pure functions of the state; the `Literal` return types draw the picture."""

from __future__ import annotations

from typing import Literal

from langgraph.runtime import Runtime
from langgraph.types import Send

from pipeline.checking.outcome import errors
from pipeline.deps import Deps
from pipeline.state import PartTask, Round, SectionTask, State


def send_parts(state: State) -> list[Send] | Literal["brief"]:
    """One parallel worker for each part of a paper that is too long to be read at once."""
    return [
        Send(
            "condense",
            PartTask(digest_id=state["digest_id"], paper_id=state["paper_id"], anew=state["anew"], part=part),
        )
        for part in state["parts"]
    ] or "brief"


def worth_a_post(state: State) -> Literal["outline", "keep"]:
    """A paper that no person named and that is worth no post is kept with the reason."""
    return "keep" if state["route"] == "skip" else "outline"


def send_sections(state: State) -> list[Send]:
    """One parallel worker for each section of the outline."""
    return [
        Send(
            "write_section",
            SectionTask(
                digest_id=state["digest_id"],
                paper_id=state["paper_id"],
                anew=state["anew"],
                index=index,
                notes=state.get("notes", []),
                brief=state["brief"],
                outline=state["outline"],
            ),
        )
        for index in range(len(state["outline"].sections))
    ]


def after_check(state: State, runtime: Runtime[Deps]) -> Literal["repair", "judge", "keep"]:
    """Cheap before dear: what code rejects is mended while rounds are left and help, and never costs a judge."""
    faults = errors(state["rounds"][-1].findings)
    if not faults:
        return "judge"
    mendable = any(finding.where != "post" for finding in faults)
    return "repair" if mendable and rounds_left(state, runtime) and _better(state["rounds"]) else "keep"


def after_judge(state: State, runtime: Runtime[Deps]) -> Literal["repair", "keep"]:
    """The judge may ask for one more round; its abstention goes to a person."""
    verdict = state["rounds"][-1].verdict
    revise = verdict is not None and verdict.decision == "revise" and "reply_error" not in state
    return "repair" if revise and rounds_left(state, runtime) else "keep"


def rounds_left(state: State, runtime: Runtime[Deps]) -> bool:
    """The first round is the draft itself; the settings count the repairs after it."""
    settings, writer = runtime.context.settings, runtime.context.models.endpoint("writer")
    return len(state["rounds"]) <= (settings.embedded_max_rounds if writer.local else settings.max_rounds)


def _better(rounds: list[Round]) -> bool:
    """The last repair left fewer errors than there were before it, or there was none yet."""
    return len(rounds) < 2 or len(errors(rounds[-1].findings)) < len(errors(rounds[-2].findings))
