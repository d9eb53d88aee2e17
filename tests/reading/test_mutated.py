"""A bounded set of mutated PDFs, seeds fixed: each a document or a typed error. `python -m tests.bench mutated` reads
thousands."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.bench.mutated import MUTATIONS, make_papers, mutate, outcome, read_seed

SEEDS = 5


@pytest.fixture(scope="module")
def papers(tmp_path_factory: pytest.TempPathFactory) -> list[bytes]:
    return make_papers(tmp_path_factory.mktemp("papers"))


@pytest.mark.parametrize("kind", range(len(MUTATIONS)), ids=[mutation.__name__ for mutation in MUTATIONS])
def test_mutated_pdfs_give_a_document_or_a_typed_error(tmp_path: Path, papers: list[bytes], kind: int) -> None:
    for number in range(SEEDS):
        seed = kind + number * len(MUTATIONS)
        name, said = read_seed(papers, tmp_path, seed)
        assert name == MUTATIONS[kind].__name__
        assert said.startswith(("document", "BadPdf", "ReadingError")), seed


def test_a_seed_is_always_the_same_pdf(papers: list[bytes]) -> None:
    assert mutate(papers, 7) == mutate(papers, 7)
    assert len({mutate(papers, seed)[1] for seed in range(40)}) == 40


def test_mutations_change_something_and_the_papers_themselves_are_read(tmp_path: Path, papers: list[bytes]) -> None:
    assert all(mutate(papers, seed)[1] not in papers for seed in range(40))
    path = tmp_path / "whole.pdf"
    path.write_bytes(papers[0])
    assert outcome(path) == "document"
