"""Where a paper goes next. Pure functions of the state; the `Literal` return types draw the picture."""

from __future__ import annotations

from typing import Literal

from langgraph.runtime import Runtime
from langgraph.types import Send

from pipeline.checking.outcome import errors
from pipeline.deps import Deps
from pipeline.state import SectionTask, State


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
                index=index,
                brief=state["brief"],
                outline=state["outline"],
            ),
        )
        for index in range(len(state["outline"].sections))
    ]


def after_check(state: State, runtime: Runtime[Deps]) -> Literal["repair", "judge"]:
    """Cheap before dear: while rounds are left, what code rejects is mended before a judge reads it."""
    return "repair" if errors(state["rounds"][-1].findings) and rounds_left(state, runtime) else "judge"


def after_judge(state: State, runtime: Runtime[Deps]) -> Literal["repair", "keep"]:
    """The judge may ask for one more round; its abstention goes to a person."""
    verdict = state["rounds"][-1].verdict
    revise = verdict is not None and verdict.decision == "revise"
    return "repair" if revise and rounds_left(state, runtime) else "keep"


def rounds_left(state: State, runtime: Runtime[Deps]) -> bool:
    """The first round is the draft itself; the setting counts the repairs after it."""
    return len(state["rounds"]) <= runtime.context.settings.max_rounds
