from __future__ import annotations

import os
import shutil
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path

import numpy as np
import pytest

from store.errors import IndexBroken, IndexMismatch
from store.files import Home
from store.vectors import Item, Vectors

DIMENSION = 8


def unit(seed: int) -> np.ndarray:
    vector = np.random.default_rng(seed).normal(size=DIMENSION).astype(np.float32)
    return vector / np.linalg.norm(vector)


def items(paper_id: str, *seeds: int) -> list[Item]:
    return [Item(paper_id, f"p{seed}", unit(seed)) for seed in seeds]


@pytest.fixture
def vectors(home: Home) -> Vectors:
    return Vectors(home.chroma, model="m", dimension=DIMENSION)


def test_nearest_first_with_cosines(vectors: Vectors) -> None:
    vectors.upsert("passage", items("a", 1, 2, 3))
    near = vectors.query(unit(2) * 5, 10)
    assert near[0][:3] == ("a", "p2", "passage")
    assert near[0].score == pytest.approx(1, abs=1e-5)
    expected = {f"p{seed}": float(unit(seed) @ unit(2)) for seed in (1, 2, 3)}
    assert {n.passage_id: n.score for n in near} == pytest.approx(expected, abs=1e-5)
    assert len(vectors.query(unit(2), 2)) == 2


def test_empty_index_answers_nothing(vectors: Vectors) -> None:
    assert vectors.count() == 0
    assert vectors.query(unit(1), 5) == []
    vectors.delete_paper("a")
    vectors.replace("a", "passage", [])
    assert vectors.query(unit(1), 5) == []


def test_replace_leaves_nothing_stale_and_touches_nothing_else(vectors: Vectors) -> None:
    vectors.replace("a", "passage", items("a", 1, 2, 3))
    vectors.replace("a", "post", [Item("a", "post", unit(9))])
    vectors.replace("b", "passage", items("b", 1))
    vectors.replace("a", "passage", items("a", 3, 4))
    found = {(n.paper_id, n.passage_id) for n in vectors.query(unit(1), 10)}
    assert found == {("a", "p3"), ("a", "p4"), ("a", "post"), ("b", "p1")}
    assert [n.passage_id for n in vectors.query(unit(1), 10, kind="post")] == ["post"]
    vectors.delete_paper("a")
    assert {n.paper_id for n in vectors.query(unit(1), 10)} == {"b"}
    assert vectors.count() == 1


def test_ids_are_never_mixed_up(vectors: Vectors) -> None:
    odd = ["a", "a b", "a\0", "Ё", "a/../b", "x" * 300]
    for paper_id in odd:
        vectors.upsert("passage", [Item(paper_id, "b c", unit(1))])
    assert sorted(n.paper_id for n in vectors.query(unit(1), 10)) == sorted(odd)


@pytest.mark.parametrize(("model", "dimension"), [("other", DIMENSION), ("m", DIMENSION + 1)])
def test_index_of_another_model_is_refused(home: Home, vectors: Vectors, model: str, dimension: int) -> None:
    vectors.upsert("passage", items("a", 1))
    other = Vectors(home.chroma, model=model, dimension=dimension)
    vector = np.ones(dimension, dtype=np.float32)
    for work in (
        lambda: other.query(vector, 1),
        lambda: other.upsert("passage", [Item("a", "p", vector)]),
        lambda: other.replace("a", "passage", []),
        lambda: other.delete_paper("a"),
        other.count,
    ):
        with pytest.raises(IndexMismatch) as caught:
            work()
        assert "razbor reindex" in caught.value.mend
    assert vectors.count() == 1
    other.clear()
    other.upsert("passage", [Item("a", "p", vector)])
    assert other.count() == 1


def spoil_sqlite(folder: Path) -> None:
    (folder / "chroma.sqlite3").write_bytes(os.urandom(5000))


def lose_graph(folder: Path) -> None:
    shutil.rmtree(next(path for path in folder.iterdir() if path.is_dir()))


def spoil_graph(folder: Path) -> None:
    next(folder.glob("*/header.bin")).write_bytes(os.urandom(100))


def lose_vectors(folder: Path) -> None:
    os.truncate(next(folder.glob("*/data_level0.bin")), 10)


def put_a_file_in_the_way(folder: Path) -> None:
    shutil.rmtree(folder)
    folder.write_text("x")


@pytest.mark.parametrize("harm", [spoil_sqlite, lose_graph, spoil_graph, lose_vectors, put_a_file_in_the_way])
def test_damaged_folder_is_one_clear_error_and_can_be_cleared(
    home: Home, vectors: Vectors, harm: Callable[[Path], None]
) -> None:
    vectors.upsert("passage", items("a", *range(1200)))  # Chroma writes its graph to files from 1,000 on
    harm(home.chroma)
    with pytest.raises(IndexBroken) as caught:
        vectors.query(unit(1), 10)
    assert "razbor reindex" in caught.value.mend
    vectors.clear()
    vectors.upsert("passage", items("a", 1))
    assert vectors.count() == len(vectors.query(unit(1), 10)) == 1


def test_closing_frees_the_folder(home: Home, vectors: Vectors) -> None:
    """Chroma closes its files in a thread of its own, a moment after its client is closed."""
    vectors.upsert("passage", items("a", 1))
    vectors.query(unit(1), 1)
    deadline = time.monotonic() + 10
    while held := [path for path in open_files() if path.startswith(str(home.chroma))]:
        assert time.monotonic() < deadline, held
    with closing(sqlite3.connect(home.chroma / "chroma.sqlite3", timeout=0)) as connection:
        connection.execute("BEGIN EXCLUSIVE")


def open_files() -> list[str]:
    """What this process holds open; a descriptor may close while we look."""
    found = []
    for link in Path("/proc/self/fd").iterdir():
        with suppress(FileNotFoundError):
            found.append(str(link.readlink()))
    return found


WRITE = """
import sys
from pathlib import Path
from store.vectors import Item, Vectors
from tests.store.test_vectors import DIMENSION, items
vectors = Vectors(Path(sys.argv[1]), model="m", dimension=DIMENSION)
print("ready", flush=True)
sys.stdin.readline()
first = int(sys.argv[2])
for start in range(first, first + 600, 100):
    vectors.upsert("passage", items("a", *range(start, start + 100)))
"""


def test_writes_of_other_processes_are_seen_and_two_writers_do_no_harm(home: Home, vectors: Vectors, python) -> None:
    vectors.upsert("passage", items("b", 5000))
    assert len(vectors.query(unit(1), 10)) == 1
    writers = [python(WRITE, home.chroma, first) for first in (0, 600)]
    for writer in writers:
        assert writer.stdout.readline() == "ready\n", writer.stderr.read()
    for writer in writers:
        writer.stdin.write("go\n")
        writer.stdin.flush()
    for writer in writers:
        _, err = writer.communicate()
        assert writer.returncode == 0, err
    assert vectors.count() == 1201
    missed = [seed for seed in range(0, 1200, 40) if vectors.query(unit(seed), 3)[0].passage_id != f"p{seed}"]
    assert missed == []
