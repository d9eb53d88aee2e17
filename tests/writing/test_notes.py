"""A long paper's notes fit the room, keep only what the paper says, and lose nothing unrecorded."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import ContextTooSmall
from pipeline.prompts import PromptBook
from pipeline.writing.notes import RESERVED, Part, PartNotes, room_for_paper, split_paper, take_notes
from pipeline.writing.prefix import paper_layer, part_layer, reading_record
from pipeline.writing.write import Desk
from store.records import Document, Passage
from tests.fakes import FakeModels

BOOK = PromptBook()


def document(*sizes: int, sections: int = 3, appendix: int = 0) -> Document:
    """Passages of so many bytes, in `sections` sections after an abstract; the last `appendix` of them stand behind."""
    last = len(sizes) - appendix
    passages = [Passage(id="p1", page=1, bbox=(0, 0, 1, 1), section="Abstract", text="We study long papers.")]
    for index, size in enumerate(sizes):
        behind = index >= last
        name = f"Appendix / A{index}" if behind else f"{index * sections // len(sizes) + 1} Part"
        words = (f"w{index} " * size)[: size - 1] + "."
        passages.append(
            Passage(id=f"p{index + 2}", page=1, bbox=(0, 0, 1, 1), section=name, text=words, appendix=behind)
        )
    return Document(paper_id="file:0", title="Long", pages=1, passages=tuple(passages))


def noted(paper: Document, room: int, keep: list[str]) -> list[PartNotes]:
    models = FakeModels({"notes": [{"gist": "It says much.", "keep": keep}]})
    notes = []
    for part in split_paper(paper, room):
        desk = Desk(models, BOOK, "d", paper.paper_id, {"paper": part_layer(paper, part, BOOK.glossary)})
        notes.append(take_notes(desk, part, paper))
    return notes


def shown(text: str) -> list[str]:
    return re.findall(r"^\[(p\d+)\]", text, re.MULTILINE)


def test_a_paper_that_fits_is_not_split() -> None:
    paper = document(300, 300, 300)
    assert split_paper(paper, 2_000) == ()
    assert shown(paper_layer(paper, BOOK.glossary)) == ["p1", "p2", "p3", "p4"]


def test_the_model_chooses_what_stays_whole_and_the_rest_is_told() -> None:
    paper = document(*[800] * 9)
    notes = noted(paper, 6_000, ["p3", "p10"])
    layer = paper_layer(paper, BOOK.glossary, notes)
    kept = shown(layer)
    assert {"p1", "p3", "p10"} <= set(kept)
    assert len(kept) < 10
    assert kept == sorted(kept, key=lambda name: int(name[1:]))
    assert "condensed: It says much." in layer
    assert len(layer.encode()) <= 6_000
    record = reading_record(paper, notes)
    assert sum(int(line.split(": ")[1].split(" of ")[0]) for line in record.condensed) == len(kept) - 1


def test_the_appendix_gives_way_first() -> None:
    paper = document(*[500] * 4, *[900] * 6, appendix=6)
    notes = noted(paper, 5_000, [])
    assert all(name.startswith("Appendix") for name in (note.part.title for note in notes))
    assert set(shown(paper_layer(paper, BOOK.glossary, notes))) >= {"p1", "p2", "p3", "p4", "p5"}


def test_ids_that_the_part_does_not_have_choose_nothing() -> None:
    paper = document(*[800] * 9)
    (first, *_) = noted(paper, 6_000, ["p999", "p1", "p4"])
    assert "p4" in first.kept
    assert set(first.kept) <= set(first.part.passages)


def test_notes_are_asked_over_their_part_alone() -> None:
    paper = document(*[9_000] * 8)
    parts = split_paper(paper, 30_000)
    assert len(parts) > 1
    assert [name for part in parts for name in part.passages] == [f"p{n}" for n in range(2, 10)]
    text = part_layer(paper, parts[1], BOOK.glossary)
    assert shown(text) == list(parts[1].passages)


@given(
    st.lists(st.integers(40, 4_000), min_size=1, max_size=60),
    st.integers(0, 20),
    st.integers(5_000, 60_000),
    st.data(),
)
def test_whatever_the_model_keeps_the_layer_fits(sizes: list[int], behind: int, room: int, data: Any) -> None:
    paper = document(*sizes, appendix=min(behind, len(sizes)))
    names = data.draw(st.lists(st.sampled_from([p.id for p in paper.passages]), max_size=30))
    notes = noted(paper, room, names)
    parts = [name for note in notes for name in note.part.passages]
    assert len(parts) == len(set(parts))
    slack = 1_000 * len(notes)  # a part's gist is always told
    assert len(paper_layer(paper, BOOK.glossary, notes).encode()) <= room + slack


@pytest.mark.parametrize("context", [2_048, RESERVED])
def test_a_context_without_room_for_notes_is_refused(context: int) -> None:
    with pytest.raises(ContextTooSmall) as caught:
        room_for_paper(context)
    assert "RAZBOR_EMBEDDED_CONTEXT" in caught.value.mend


def test_a_gist_is_cut_at_whole_letters() -> None:
    paper = document(*[800] * 9)
    part = split_paper(paper, 6_000)[0]
    models = FakeModels({"notes": [{"gist": "длинно " * 200, "keep": []}]})
    notes = take_notes(Desk(models, BOOK, "d", "file:0", {"paper": ""}), part, paper)
    assert len(notes.gist.encode()) <= 700
    assert "\ufffd" not in notes.gist
    assert isinstance(part, Part)
