"""The stations of the graph. Each unpacks the state, calls one plain function, returns the keys it changed."""

from __future__ import annotations

from dataclasses import replace

from langgraph.runtime import Runtime

from pipeline.checking.checks import run_checks
from pipeline.checking.grounding import placed
from pipeline.checking.judge import ask_judge
from pipeline.checking.outcome import decide, errors
from pipeline.deps import Deps
from pipeline.errors import ModelReplyError
from pipeline.keeping import best_round, keep_post, keep_skipped
from pipeline.prompts import Layer
from pipeline.reviews import discuss
from pipeline.sources.identity import identify
from pipeline.state import NumberedDraft, PartTask, Round, SectionTask, State
from pipeline.writing import write
from pipeline.writing.discussion import with_reviews
from pipeline.writing.notes import room_for_paper, split_paper, take_notes
from pipeline.writing.prefix import paper_layer, part_layer, reading_record
from pipeline.writing.repair import apply_repair, ask_repair
from pipeline.writing.write import Desk
from store.records import Document


def fetch(state: State, runtime: Runtime[Deps]) -> State:
    target = replace(identify(state["target"]), paper_id=state["paper_id"])
    paper, pdf = runtime.context.fetch(target)
    if target.path:
        paper = runtime.context.library.completed(paper)
    runtime.context.library.save_paper(paper)
    return {"paper": paper, "pdf": pdf}


def read(state: State, runtime: Runtime[Deps]) -> State:
    deps = runtime.context
    document = deps.read(deps.home.pdf(state["pdf"]), state["paper_id"])
    paper = state["paper"].completed_from(document)
    deps.library.save_paper(paper)
    deps.library.save_document(document, pdf=state["pdf"])
    deps.search.index_document(document)
    room = room_for_paper(min(deps.models.endpoint(role).context for role in ("writer", "judge")))
    return {"paper": paper, "reading": reading_record(document), "parts": split_paper(document, room)}


def condense(state: PartTask, runtime: Runtime[Deps]) -> State:
    deps, document = runtime.context, _document(state, runtime.context)
    layer = part_layer(document, state["part"], deps.prompts.glossary)
    desk = Desk(deps.models, deps.prompts, state["digest_id"], state["paper_id"], {"paper": layer}, state["anew"])
    return {"notes": [take_notes(desk, state["part"], document)]}


def reviews(state: State, runtime: Runtime[Deps]) -> State:
    deps = runtime.context
    return {"discussion": discuss(state["paper"], _document(state, deps), deps.settings, deps.library)}


def brief(state: State, runtime: Runtime[Deps]) -> State:
    return {"brief": write.write_brief(_desk(state, runtime.context))}


def route(state: State) -> State:
    worth_it = state["named"] or state["brief"].worth_a_post
    return {"route": state["brief"].kind if worth_it else "skip"}


def outline(state: State, runtime: Runtime[Deps]) -> State:
    return {"outline": write.write_outline(_desk(state, runtime.context), state["brief"].kind)}


def write_section(state: SectionTask, runtime: Runtime[Deps]) -> State:
    draft = write.write_section(_desk(state, runtime.context), state["outline"], state["index"])
    return {"sections": [NumberedDraft(index=state["index"], draft=draft)]}


def assemble(state: State, runtime: Runtime[Deps]) -> State:
    drafts = [section.draft for section in sorted(state["sections"], key=lambda section: section.index)]
    frame = write.write_frame(_desk(state, runtime.context))
    post = write.assemble(state["paper"], state["outline"], drafts, frame)
    post = with_reviews(post, state["discussion"].url, state["discussion"].sentence)
    return {"draft": placed(post, _document(state, runtime.context)), "rounds": []}


def check(state: State, runtime: Runtime[Deps]) -> State:
    document = _document(state, runtime.context)
    findings = run_checks(state["draft"], document, runtime.context.prompts.glossary)
    return {"rounds": [*state["rounds"], Round(post=state["draft"], findings=findings)]}


def judge(state: State, runtime: Runtime[Deps]) -> State:
    *earlier, last = state["rounds"]
    model = runtime.context.models.endpoint("judge").model
    try:
        verdict = ask_judge(_desk(state, runtime.context), last.post, model)
    except ModelReplyError as error:  # the draft stands; a person reads why nobody judged it
        return {"reply_error": str(error)}
    return {"rounds": [*earlier, last.model_copy(update={"verdict": verdict})]}


def repair(state: State, runtime: Runtime[Deps]) -> State:
    last, desk = state["rounds"][-1], _desk(state, runtime.context)
    faults = [(finding.where, finding.message) for finding in errors(last.findings)]
    faults += [("post", f"судья: {fix}") for fix in (last.verdict.fixes if last.verdict else ())]
    try:
        answer = ask_repair(desk, last.post, faults, state.get("failed_edits", ()))
    except ModelReplyError as error:  # the draft stands; the loop ends, and a person reads why
        return {"draft": last.post, "reply_error": str(error)}
    repaired = apply_repair(last.post, answer)
    return {"draft": placed(repaired.post, _document(state, runtime.context)), "failed_edits": repaired.failed}


def keep(state: State, runtime: Runtime[Deps]) -> State:
    if state["route"] == "skip":
        keep_skipped(state, runtime.context)
        return {"outcome": "skipped", "reasons": (state["brief"].why,)}
    best = best_round(state["rounds"])
    outcome, reasons = decide(best.findings, best.verdict, reply_error=state.get("reply_error", ""))
    keep_post(state, runtime.context, outcome, reasons)
    return {"outcome": outcome, "reasons": reasons}


def _document(state: State | SectionTask | PartTask, deps: Deps) -> Document:
    return deps.library.document(state["paper_id"])


def _desk(state: State | SectionTask, deps: Deps) -> Desk:
    """The layers grow in one order, so every question about the paper begins with the same bytes."""
    text = paper_layer(_document(state, deps), deps.prompts.glossary, state.get("notes", []))
    layers: dict[Layer, str] = {"paper": text}
    if "brief" in state:
        layers["brief"] = state["brief"].model_dump_json()
    if "outline" in state:
        layers["outline"] = state["outline"].model_dump_json()
    return Desk(deps.models, deps.prompts, state["digest_id"], state["paper_id"], layers, state["anew"])
