"""Every part of Razbor tested for real, one by one: a part that fails never hides the others."""

from __future__ import annotations

import shutil
import tempfile
import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, get_args

from pipeline.prompts import PROMPTS_FOLDER, PromptBook
from pipeline.settings import ModelRole, Settings
from store.errors import RazborError, StoreError

ROLES: tuple[ModelRole, ...] = get_args(ModelRole)
if TYPE_CHECKING:
    from pipeline.models.endpoints import Endpoint

LEAST_ROOM = 2**30
"""Bytes that should be free: a night of papers with their index."""
SENTENCES = (
    "Razbor wrote this page to see that it can read one.",
    "It holds more than a handful of words, because a page without text is taken for a scan.",
    "The doctor looks for this sentence among the passages of the paper.",
)
Test = Callable[[], str]


@dataclass(frozen=True)
class Part:
    """One tested part: `detail` says what was seen, `mend` what to do where it is not `ok`."""

    part: str
    ok: bool
    detail: str
    mend: str = ""


def examine(
    load: Callable[[], Settings], *, model: bool = True, online: bool = False, prompts: Path = PROMPTS_FOLDER
) -> Iterator[Part]:
    """Test part after part. `model`: ask the models one question each; `online`: ask arXiv for one paper."""
    yield _tested("packages", packages)
    yield _tested("prompts", partial(prompt_files, prompts))
    yield _tested("index engine", index_engine)
    try:
        settings = load()
    except RazborError as error:
        yield Part("settings", False, error.message, error.mend)
        return
    yield Part("settings", True, f"read; the data folder is {settings.home}")
    for name, test in _of_settings(settings, model=model, online=online):
        yield _tested(name, test)


def _of_settings(settings: Settings, *, model: bool, online: bool) -> Iterator[tuple[str, Test]]:
    yield "data folder", partial(data_folder, settings)
    yield "disk", partial(disk, settings)
    yield "database", partial(database, settings)
    yield "embedder", partial(embedder, settings)
    yield "index", partial(index, settings)
    yield "PDF reader", partial(pdf_reader, settings)
    yield from _models(settings, ask=model)
    if online:
        yield "arXiv", partial(arxiv_host, settings)


def _tested(name: str, test: Test) -> Part:
    try:
        return Part(name, True, test())
    except RazborError as error:
        return Part(name, False, error.message, error.mend)
    except Exception as error:  # noqa: BLE001 - whatever a broken installation raises is what the doctor is asked for
        return Part(name, False, f"{type(error).__name__}: {error}", "Install Razbor anew; else report this.")


def packages() -> str:
    """The installed packages against the pins."""
    pins = [line.partition("==") for line in metadata.requires("razbor") or () if ";" not in line]
    wrong = []
    for name, _, pin in pins:
        try:
            found = metadata.version(name).split("+")[0]  # 2.13.0+cpu is 2.13.0
        except metadata.PackageNotFoundError:
            found = "absent"
        if found != pin:
            wrong.append(f"{name} {found} instead of {pin}")
    if wrong:
        raise RazborError(f"Not the tested versions: {', '.join(wrong)}.", "Run: make setup.")
    return f"{len(pins)} packages are the tested versions; Razbor {metadata.version('razbor')}"


def prompt_files(folder: Path) -> str:
    """All prompts and the glossary, checked."""
    book = PromptBook(folder)
    return f"{len(book.names)} prompts, {len(book.glossary.terms)} terms of the glossary"


def data_folder(settings: Settings) -> str:
    """A file written, read and removed."""
    from store.files import Home

    home = Home(settings.home)
    path = home.root / f".doctor-{uuid.uuid4().hex}"
    try:
        home.write_atomic(path, b"doctor")
        if path.read_bytes() != b"doctor":
            raise StoreError(f"{home.root} does not keep what is written.", "Check the disk.")
    finally:
        path.unlink(missing_ok=True)
    return f"{home.root} can be written"


def disk(settings: Settings) -> str:
    """Room on the disk of the data folder."""
    folder = next(place for place in (settings.home, *settings.home.parents) if place.exists())
    free = shutil.disk_usage(folder).free
    if free < LEAST_ROOM:
        raise StoreError(
            f"Only {free / 2**30:.1f} GiB are free.", "Make room, or set RAZBOR_HOME to a folder on another disk."
        )
    return f"{free / 2**30:.1f} GiB free"


def database(settings: Settings) -> str:
    """A paper written, read and deleted; the schema is the newest, or opening would have failed."""
    from pipeline.wiring import open_library
    from store import migrations
    from store.records import Paper

    paper = Paper(paper_id=f"doctor:{uuid.uuid4().hex}", title="Проверка")
    with open_library(settings) as library:
        library.save_paper(paper)
        try:
            same = library.paper(paper.paper_id) == paper
        finally:
            library.delete_paper(paper.paper_id)
        if not same:
            raise StoreError("The database does not give back what was written.", "Restore a backup.")
        counts = library.stats()
    return f"written, read, deleted; schema {migrations.HEAD}; {counts['papers']} papers, {counts['posts']} posts"


def embedder(settings: Settings) -> str:
    """Vectors of the right shape, and a meaning that crosses languages."""
    from store.embedding import load_embedder
    from store.errors import EmbeddingError
    from store.files import Home

    made = load_embedder(settings.embedding_model, Home(settings.home).models)
    near, far = made.passages(["A judge abstains when it is unsure.", "Bread is baked from flour, water and salt."])
    query = made.query("судья воздерживается, если не уверен")
    if query.shape != (made.dimension,) or near.shape != (made.dimension,):
        raise EmbeddingError(f"{made.name} gives {query.shape}, not {made.dimension}.", "Install Razbor anew.")
    if query @ near <= query @ far:
        raise EmbeddingError(
            f"{made.name} finds a Russian question nearer to the wrong English text.",
            "Set RAZBOR_EMBEDDING_MODEL to a multilingual model, or unset it.",
        )
    return f"{made.name}, {made.dimension} dimensions"


def index_engine() -> str:
    """Chroma in a temporary folder: written, found, deleted."""
    import numpy as np

    from store.errors import IndexBroken
    from store.vectors import Item, Vectors

    with tempfile.TemporaryDirectory(prefix="razbor-doctor-") as folder:
        vectors = Vectors(Path(folder) / "chroma", model="doctor", dimension=3)
        axes = np.eye(3, dtype=np.float32)
        vectors.replace("doctor", "passage", [Item("doctor", f"p{place}", axis) for place, axis in enumerate(axes)])
        found = vectors.query(axes[1], 1)
        vectors.delete_paper("doctor")
        if [near.passage_id for near in found] != ["p1"] or vectors.count():
            raise IndexBroken("Chroma does not give back what was written.", "Install Razbor anew.")
    return "Chroma: written, found, deleted in a temporary folder"


def index(settings: Settings) -> str:
    """The index holds what the library holds, and was made with the embedding model of the settings."""
    from pipeline.wiring import open_library, open_search

    with open_library(settings) as library:
        open_search(settings, library).check()
        return f"in step with the library ({library.stats()['passages']} passages)"


def pdf_reader(settings: Settings) -> str:
    """A PDF made on the spot and read by the worker process."""
    import pymupdf

    from pipeline.errors import ReadingError
    from pipeline.reading.reader import Limits, read_pdf

    with tempfile.TemporaryDirectory(prefix="razbor-doctor-") as folder:
        path = Path(folder) / "doctor.pdf"
        with pymupdf.open() as pdf:  # type: ignore[no-untyped-call]
            page = pdf.new_page()
            for row, sentence in enumerate(SENTENCES * 4):
                page.insert_text((72, 90 + 14 * row), sentence, fontsize=10)
            pdf.save(path)
        document = read_pdf(path, "doctor", Limits.of(settings))
    if SENTENCES[0] not in " ".join(passage.text for passage in document.passages):
        raise ReadingError("The PDF reader lost a sentence of a plain page.", "Install Razbor anew.")
    return f"a page of {len(SENTENCES) * 4} lines read"


def _models(settings: Settings, *, ask: bool) -> Iterator[tuple[str, Test]]:
    """One test for each model that is set, whichever roles it plays."""
    from pipeline.models.endpoints import from_settings

    try:
        endpoints = from_settings(settings)
    except RazborError as wrong:
        yield "models", partial(_raise, wrong)
        return
    tested: dict[tuple[str, str], list[ModelRole]] = {}
    for role in ROLES:
        tested.setdefault((endpoints[role].base_url, endpoints[role].model), []).append(role)
    for roles in tested.values():
        yield _model_part(roles), partial(model_answers, endpoints[roles[0]], settings, ask=ask)


def _model_part(roles: Sequence[str]) -> str:
    return "model" if len(roles) == len(ROLES) else f"model of {', '.join(roles)}"


def _raise(error: RazborError) -> str:
    raise error


def model_answers(endpoint: Endpoint, settings: Settings, *, ask: bool) -> str:
    """The embedded model's file is there and whole; the model answers one question."""
    from pipeline.models.probe import probe

    place = f"{endpoint.model}, {'in this process' if endpoint.local else endpoint.base_url}"
    if endpoint.local:
        _model_file(endpoint, settings)
    if not ask:
        return f"{place}; not asked"
    answer = probe(endpoint, settings)
    return f"{place}; answered in {answer.call.seconds:.1f} s ({answer.tokens_per_second:.1f} tokens/s)"


def _model_file(endpoint: Endpoint, settings: Settings) -> None:
    from pipeline.errors import ModelFileError
    from pipeline.models import files
    from store.files import Home

    known = files.known(endpoint.model)
    path = files.require(known, Home(settings.home).models)
    if known.size and path.stat().st_size != known.size:
        raise ModelFileError(
            f"{path.name} has {path.stat().st_size:,} bytes instead of {known.size:,}.",
            f"Delete it, then run: razbor models pull {known.name}",
        )


def arxiv_host(settings: Settings) -> str:
    """arXiv's API gives the metadata of one paper."""
    from pipeline.sources.arxiv.source import Arxiv
    from pipeline.sources.identity import identify
    from store.files import Home

    with Arxiv(settings, Home(settings.home)) as source:
        found = source.one(identify("2407.18370"))
    return f"{settings.arxiv_api_url} answers: {found.title}"
