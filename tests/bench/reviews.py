"""How well questions are found in real reviews, and how long a venue's marks take to import and rank.

`python -m tests.bench reviews`. The reviews are those of DISAPERE, whose sentences people labelled: of the sentences
that ask the authors for something and end with a question mark, how many are found (recall), and how many of the found
ones were labelled so (precision).
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
import zipfile
from pathlib import Path
from typing import Any

from pipeline.sources.openreview.questions import questions_of
from pipeline.sources.openreview.scores import import_scores
from pipeline.sources.openreview.venues import top_of_venue
from store.library import Library

DATA = Path(__file__).resolve().parents[3] / "shared" / "data" / "openreview"
REQUEST = "arg_request"


def main(arguments: list[str]) -> None:
    if not DATA.is_dir():
        sys.exit(f"{DATA} is absent: there is nothing to measure.")
    questions()
    venue()


def questions() -> None:
    asked = found = extracted = right = reviews = 0
    with zipfile.ZipFile(DATA / "disapere" / "DISAPERE.zip") as archive:
        for name in archive.namelist():
            if "/final_dataset/" not in name or not name.endswith(".json"):
                continue
            sentences: list[dict[str, Any]] = json.loads(archive.read(name))["review_sentences"]
            text = "".join(sentence["text"] + (sentence["suffix"] or " ") for sentence in sentences)
            ours = questions_of({"review": text})
            requests = [_plain(one["text"]) for one in sentences if one["review_action"] == REQUEST]
            wanted = [request for request in requests if request.endswith("?")]
            reviews, asked, extracted = reviews + 1, asked + len(wanted), extracted + len(ours)
            found += sum(any(one in request or request in one for one in ours) for request in wanted)
            right += sum(any(one in request or request in one for request in requests) for one in ours)
    print(f"\n{reviews} labelled reviews: recall {found} / {asked} = {found / asked:.3f}, ", end="")
    print(f"precision {right} / {extracted} = {right / extracted:.3f}")


def venue() -> None:
    with tempfile.TemporaryDirectory() as folder, Library.open(Path(folder) / "library.sqlite") as library:
        for file in sorted((DATA / "iclr2023").glob("*.csv")):
            began = time.monotonic()
            told = import_scores(file, library)
            print(
                f"{file.name}: {told.added} added, {told.updated} updated, {told.unchanged} unchanged, "
                f"ratings of {told.changed} changed, {time.monotonic() - began:.1f} s"
            )
        began = time.monotonic()
        top_of_venue(library, "iclr2023", 15)
        print(f"ranked in {time.monotonic() - began:.2f} s")


def _plain(text: str) -> str:
    return " ".join(text.split())
