"""The only door to Chroma: an index that SQL can rebuild at any time.

Embedded Chroma is not made for several processes: measured with 1.5.9, an open reader does not see another process's
writes, and two writers damage the index for good. So each operation opens it, works and closes it, alone, under a lock.
"""

from __future__ import annotations

import shutil
import struct
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from copy import copy
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, cast

from store.errors import DiskFull, IndexBroken, IndexMismatch, Locked, RazborError

if TYPE_CHECKING:
    import numpy as np
    from chromadb import Collection
    from chromadb.api.client import Client
    from numpy.typing import NDArray

    Vector = NDArray[np.float32]

Kind = Literal["passage", "post", "channel"]
_WAIT_SECONDS = 120
_REINDEX = "Run `razbor reindex`."
# Recall@10 against exact search 0.99 at 100,000 × 384, where the defaults reach 0.88; a query takes milliseconds.
_HNSW: Any = {"hnsw": {"space": "cosine", "ef_construction": 200, "ef_search": 400, "max_neighbors": 32}}


class Item(NamedTuple):
    """One vector to index, shape (dimension,)."""

    paper_id: str
    passage_id: str
    vector: Vector


class Near(NamedTuple):
    """One neighbour; `score` is the cosine."""

    paper_id: str
    passage_id: str
    kind: str
    score: float


class Vectors:
    """The vectors of passages and posts, made with one embedding model.

    `of_channel` are those of the author's channel: a collection of their own, so that neither crowds out the other.

    Every method raises:
        IndexMismatch: the index was made with another model.
        IndexBroken: the folder cannot be read.
        DiskFull: no room is left.
        Locked: another process keeps the index busy for minutes.
    """

    def __init__(self, folder: Path, *, model: str, dimension: int, collection: str = "texts") -> None:
        self._folder, self._name = folder, collection
        self._made_with = {"model": model, "dimension": dimension}

    @property
    def of_channel(self) -> Vectors:
        """The vectors of channel posts, in the same folder and made with the same model."""
        channel = copy(self)
        channel._name = "channel"
        return channel

    def replace(self, paper_id: str, kind: Kind, items: Sequence[Item]) -> None:
        """Make these the paper's vectors of this kind; earlier ones that are not among them go."""
        with self._open() as client:
            collection = self._collection(client) or self._made(client)
            old = collection.get(where=_of(paper_id, kind), include=[])["ids"]
            self._write(client, collection, kind, items)
            gone = set(old) - {_id(item, kind) for item in items}
            _delete(client, collection, sorted(gone))

    def upsert(self, kind: Kind, items: Sequence[Item]) -> None:
        """Add vectors, or replace those of the same passages."""
        with self._open() as client:
            self._write(client, self._collection(client) or self._made(client), kind, items)

    def query(self, vector: Vector, limit: int, kind: Kind | None = None) -> list[Near]:
        """The nearest texts by cosine, best first; none from an index that was never filled."""
        with self._open() as client:
            collection = self._collection(client)
            count = collection.count() if collection else 0
            if collection is None or count == 0:
                return []
            where: Any = {"kind": kind} if kind else None
            wanted = min(limit, count)
            answer = collection.query(vector[None], n_results=wanted, where=where, include=["metadatas", "distances"])
            near = [
                Near(str(about["paper_id"]), str(about["passage_id"]), str(about["kind"]), 1.0 - distance)
                for about, distance in zip(
                    (answer["metadatas"] or [[]])[0], (answer["distances"] or [[]])[0], strict=True
                )
            ]
        # Chroma answers from a lost graph file without an error. HNSW may miss a few, never most.
        if kind is None and len(near) < wanted / 2:
            raise IndexBroken(f"The index in {self._folder} holds {count} texts but finds {len(near)}.", _REINDEX)
        return near

    def held(self) -> set[tuple[str, str]]:
        """`(paper_id, passage_id)` of everything that is indexed."""
        with self._open() as client:
            collection = self._collection(client)
            found = collection.get(include=["metadatas"])["metadatas"] if collection else None
            return {(str(about["paper_id"]), str(about["passage_id"])) for about in found or ()}

    def delete(self, kind: Kind, keys: Iterable[tuple[str, str]]) -> None:
        """Forget vectors by `(paper_id, passage_id)`."""
        with self._open() as client:
            collection = self._collection(client)
            if collection is not None:
                _delete(client, collection, [f"{kind} {paper_id} {passage_id}" for paper_id, passage_id in keys])

    def delete_paper(self, paper_id: str) -> None:
        """Forget the paper's vectors, if there are any."""
        with self._open() as client:
            collection = self._collection(client)
            if collection is not None:
                _delete(client, collection, collection.get(where={"paper_id": paper_id}, include=[])["ids"])

    def count(self) -> int:
        with self._open() as client:
            collection = self._collection(client)
            return collection.count() if collection else 0

    def clear(self) -> None:
        """Throw the index away, whatever state it is in."""
        with self._alone():
            try:
                if self._folder.is_dir():
                    shutil.rmtree(self._folder)
                else:
                    self._folder.unlink(missing_ok=True)
            except OSError as error:
                raise IndexBroken(f"Cannot delete {self._folder}: {error}.", "Delete it by hand.") from error

    def _write(self, client: Client, collection: Collection, kind: Kind, items: Sequence[Item]) -> None:
        import numpy as np

        left = iter(items)
        while batch := list(islice(left, client.get_max_batch_size())):
            collection.upsert(
                ids=[_id(item, kind) for item in batch],
                embeddings=np.stack([item.vector for item in batch]),
                metadatas=[{"paper_id": i.paper_id, "passage_id": i.passage_id, "kind": kind} for i in batch],
            )

    def _collection(self, client: Client) -> Collection | None:
        from chromadb.errors import NotFoundError

        try:
            collection = client.get_collection(self._name, embedding_function=None)
        except NotFoundError:
            return None
        if collection.metadata != self._made_with:
            theirs, ours = _words(collection.metadata or {}), _words(self._made_with)
            raise IndexMismatch(f"The index was made with {theirs}, the setting asks for {ours}.", _REINDEX)
        return collection

    def _made(self, client: Client) -> Collection:
        return client.create_collection(
            self._name, configuration=_HNSW, metadata=self._made_with, embedding_function=None
        )

    @contextmanager
    def _open(self) -> Iterator[Client]:
        """A client that is closed, and forgotten by Chroma's cache, when the operation ends."""
        import chromadb
        from chromadb.api.shared_system_client import SharedSystemClient
        from chromadb.config import Settings

        with self._alone():
            self._refuse_cut_graph()
            try:
                settings = Settings(anonymized_telemetry=False)
                with cast("Client", chromadb.PersistentClient(self._folder, settings)) as client:
                    yield client
            except RazborError:
                raise
            except Exception as error:  # Chroma raises ChromaError, ValueError, OSError and more for a bad folder
                SharedSystemClient.clear_system_cache()  # a client that failed to open stays there, half made
                if "code: 13" in str(error) or "No space left" in str(error):
                    raise DiskFull(f"No room left for the index in {self._folder}.", "Free some space.") from error
                raise IndexBroken(f"The index in {self._folder} fails: {error}.", _REINDEX) from error

    def _refuse_cut_graph(self) -> None:
        """Refuse a graph file that is shorter than its header says, as a full disk leaves it: Chroma would crash on it.

        The header is hnswlib's `saveIndex`, version 1: int version; size_t offset, capacity, elements, bytes each.
        """
        for header in self._folder.glob("*/header.bin"):
            fields = header.read_bytes()[:36].ljust(36, b"\0")
            version, _, _, elements, size = struct.unpack("<iQQQQ", fields)
            level = header.with_name("data_level0.bin")
            if version == 1 and level.exists() and level.stat().st_size < elements * size:
                raise IndexBroken(f"The index file {level} is cut short.", _REINDEX)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        from filelock import FileLock, Timeout

        # Beside the folder, because `clear` removes the folder.
        path = self._folder.with_name(f"{self._folder.name}.lock")
        lock = FileLock(path, timeout=_WAIT_SECONDS, mode=0o600, thread_local=False)
        try:
            lock.acquire()
        except Timeout:
            raise Locked(f"Another process keeps the index {self._folder} busy.", "Run the same again later.") from None
        except OSError as error:
            raise IndexBroken(f"Cannot write beside {self._folder}: {error}.", "Make the folder writable.") from error
        try:
            yield
        finally:
            lock.release()


def _id(item: Item, kind: Kind) -> str:
    return f"{kind} {item.paper_id} {item.passage_id}"


def _of(paper_id: str, kind: Kind) -> Any:
    return {"$and": [{"paper_id": paper_id}, {"kind": kind}]}


def _delete(client: Client, collection: Collection, ids: list[str]) -> None:
    size = client.get_max_batch_size()
    for start in range(0, len(ids), size):
        collection.delete(ids=ids[start : start + size])


def _words(made_with: Any) -> str:
    return f"{made_with.get('model')} ({made_with.get('dimension')} dimensions)"
