"""Mutated PDFs through the door of reading: `python -m tests.bench mutated [N] [FIRST]` reads N of them (2,000),
beginning with seed FIRST (0), and prints what became of them. Seeds are fixed: seed 17 is the same PDF everywhere
where the same papers are at hand. Each is read by `read_pdf`, in a process of its own, as in earnest."""

from __future__ import annotations

import os
import random
import re
import sys
import tempfile
import time
import zlib
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import repeat
from pathlib import Path

from pipeline.errors import BadPdf, ReadingError
from pipeline.reading.reader import Limits, read_pdf
from tests.pdfs import make_paper

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data" / "pdf"
SAMPLE = Path(__file__).resolve().parents[1] / "sample" / "paper.pdf"
LIMITS = Limits(seconds=30, memory_mib=1024)
GRACE = 10.0
LARGEST = 2_000_000
OBJECT = re.compile(rb"\d+ 0 obj.*?endobj", re.DOTALL)
STREAM = re.compile(rb"stream\r?\n(.+?)endstream", re.DOTALL)
NUMBER = re.compile(rb"(?<=[ \[])\d{1,5}(?=[ \]/\r\n])")

Mutation = Callable[[bytes, random.Random], bytes]


def flip_bytes(data: bytes, chance: random.Random) -> bytes:
    """Up to 200 bytes become others."""
    changed = bytearray(data)
    for _ in range(chance.randint(1, 200)):
        changed[chance.randrange(8, len(changed))] = chance.randrange(256)
    return bytes(changed)


def remove_objects(data: bytes, chance: random.Random) -> bytes:
    """Up to five objects vanish."""
    for _ in range(chance.randint(1, 5)):
        data = _replace(data, OBJECT, chance, lambda _: b"")
    return data


def swap_objects(data: bytes, chance: random.Random) -> bytes:
    """References point at other objects."""
    for _ in range(chance.randint(1, 8)):
        data = _replace(data, re.compile(rb"\d+ 0 R"), chance, lambda _: b"%d 0 R" % chance.randint(1, 60))
    return data


def cut_streams(data: bytes, chance: random.Random) -> bytes:
    """A stream ends early; its length still tells the old size."""
    return _replace(data, STREAM, chance, lambda old: old[: chance.randrange(1, len(old))] + b"\nendstream")


def garble_streams(data: bytes, chance: random.Random) -> bytes:
    """A stream's content is replaced by operators and noise, uncompressed or not."""
    noise = b" ".join(chance.choice(OPERATORS) for _ in range(chance.randint(1, 4000)))
    packed = zlib.compress(noise) if chance.random() < 0.7 else noise
    return _replace(data, STREAM, chance, lambda _: b"stream\n" + packed + b"\nendstream")


OPERATORS = (
    b"q", b"Q", b"BT", b"ET", b"1e30", b"-2147483649", b"0 0 0 0 0 0 cm", b"9999999 Tf", b"/F1 1e9 Tf", b"(x) Tj",
    b"[(a) -1e9 (b)] TJ", b"1 0 0 1 1e38 1e38 cm", b"W n", b"/X Do", b"BI /W 99999 /H 99999 ID \x00 EI",
    b"0 0 1e9 1e9 re f",
    b"<< /MCID 0 >> BDC",
    b"EMC", b"/Span << /ActualText (x) >> BDC", b"3 Tr", b"]", b">>", b"(",
)  # fmt: skip


def truncate(data: bytes, chance: random.Random) -> bytes:
    return data[: chance.randrange(20, len(data))]


def break_xref(data: bytes, chance: random.Random) -> bytes:
    """The table of objects, or the pointer to it, is wrong."""
    if chance.random() < 0.5:
        return re.sub(rb"startxref\s+\d+", b"startxref\n%d" % chance.randrange(len(data) * 2), data)
    return re.sub(rb"\d{10} \d{5} n", lambda _: b"%010d 00000 n" % chance.randrange(len(data)), data)


def huge_numbers(data: bytes, chance: random.Random) -> bytes:
    """Sizes, widths, indices become absurd."""
    for _ in range(chance.randint(1, 30)):
        huge = chance.choice((b"99999999999", b"-1", b"2147483648", b"4294967295", b"0", b"1e308", b"0.0000001"))
        data = _replace(data, NUMBER, chance, lambda _, new=huge: new)  # type: ignore[misc]
    return data


def loop_pages(data: bytes, chance: random.Random) -> bytes:
    """The tree of pages, the outline or a form holds itself."""
    kind = chance.choice(
        (rb"/Kids\s*\[[^\]]*\]", rb"/Parent \d+ 0 R", rb"/(?:First|Next) \d+ 0 R", rb"/Contents \d+ 0 R")
    )
    number = b"%d 0 R" % chance.randint(1, 12)
    pattern = re.compile(kind)
    return _replace(data, pattern, chance, lambda old: _loop(old, number))


def _loop(old: bytes, number: bytes) -> bytes:
    name = old.split(b"[")[0].split(b" ")[0]
    return name + b" [" + b" ".join([number] * 40) + b"]" if name == b"/Kids" else name + b" " + number


def bomb(data: bytes, chance: random.Random) -> bytes:
    """A small stream that unpacks to 10 to 400 MB."""
    size = chance.choice((10, 60, 400))
    unit = chance.choice((b" ", b"(a) Tj ", b"[", b"0 0 1 1 re f ", b"q "))
    packer = zlib.compressobj(9)
    block = unit * (1_000_000 // len(unit))
    packed = b"".join(packer.compress(block) for _ in range(size)) + packer.flush()
    if chance.random() < 0.3:
        return _replace(data, STREAM, chance, lambda _: b"stream\n" + packed + b"\nendstream")
    extra = b"\n9000 0 obj\n<</Filter/FlateDecode/Length %d>>\nstream\n%s\nendstream\nendobj\n" % (len(packed), packed)
    data = re.sub(rb"/Contents \d+ 0 R", b"/Contents 9000 0 R", data, count=1)
    return data.replace(b"\nxref", extra + b"\nxref", 1) if b"\nxref" in data else data + extra


def repeat_piece(data: bytes, chance: random.Random) -> bytes:
    start = chance.randrange(len(data))
    piece = data[start : start + chance.randint(1, 5000)]
    where = chance.randrange(len(data))
    return data[:where] + piece * chance.randint(1, 50) + data[where:]


MUTATIONS: tuple[Mutation, ...] = (
    flip_bytes, remove_objects, swap_objects, cut_streams, garble_streams, truncate, break_xref, huge_numbers,
    loop_pages, bomb, repeat_piece,
)  # fmt: skip


def _replace(data: bytes, pattern: re.Pattern[bytes], chance: random.Random, by: Callable[[bytes], bytes]) -> bytes:
    """One match, by chance, replaced; the data as they are where there is none."""
    start = chance.randrange(len(data))
    match = pattern.search(data, start) or pattern.search(data)
    return data[: match.start()] + by(match[0]) + data[match.end() :] if match else data


def mutate(papers: Sequence[bytes], seed: int) -> tuple[str, bytes]:
    """The name of what was done, and the PDF of this seed: one mutation in turn, sometimes two."""
    chance = random.Random(seed)
    first = MUTATIONS[seed % len(MUTATIONS)]
    paper = chance.choice(papers)
    data = first(paper, chance)
    if data == paper:  # nothing of the kind is in this paper
        data = flip_bytes(paper, chance)
    if chance.random() < 0.2 and len(data) > 100:
        data = chance.choice(MUTATIONS[:-2])(data, chance)
    return first.__name__, data


def make_papers(folder: Path) -> list[bytes]:
    """PDFs that need nothing but this repository: plain and packed, one column and two, and the sample paper."""
    import pymupdf

    plain = make_paper(folder / "plain.pdf")
    with pymupdf.open(make_paper(folder / "two.pdf", columns=2)) as pdf:
        pdf.set_toc([[1, "1 Introduction", 1], [1, "6 Conclusion", 2]])
        pdf.save(folder / "packed.pdf", garbage=3, deflate=True, use_objstms=1)
    return [path.read_bytes() for path in (plain, folder / "packed.pdf", SAMPLE)]


def outcome(path: Path) -> str:
    """What reading made of it. Anything but a document or a typed error of reading is raised."""
    began = time.monotonic()
    try:
        document = read_pdf(path, "file:0", LIMITS)
        said = "document" if document.whole else "document, not whole"
    except BadPdf as error:
        said = f"BadPdf: {error.kind}"
    except ReadingError as error:
        said = "ReadingError: " + re.sub(r"\(.*?\)|[\d.,]+|:.*", "", error.message)[:48].strip()
    if time.monotonic() - began > LIMITS.seconds + GRACE:
        raise AssertionError(f"{path} took {time.monotonic() - began:.0f} s, past the limit of {LIMITS.seconds:g}")
    return said


def read_seed(papers: Sequence[bytes], folder: Path, seed: int) -> tuple[str, str]:
    """The mutation and the outcome of one seed; its PDF stays only when the outcome is an escape."""
    name, data = mutate(papers, seed)
    path = folder / f"{seed}.pdf"
    path.write_bytes(data)
    said = outcome(path)
    path.unlink()
    return name, said


def main(arguments: Sequence[str]) -> None:
    count = int(arguments[0]) if arguments else 2000
    first = int(arguments[1]) if len(arguments) > 1 else 0
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        shared = [path.read_bytes() for path in sorted(SHARED.glob("*.pdf")) if path.stat().st_size < LARGEST]
        papers = make_papers(folder) + shared
        began = time.monotonic()
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            seen = Counter(pool.map(read_seed, repeat(papers), repeat(folder), range(first, first + count)))
    print(f"{count} mutated PDFs of {len(papers)} papers in {time.monotonic() - began:.0f} s; no crash, no hang.\n")
    print_table(seen)


def print_table(seen: Counter[tuple[str, str]]) -> None:
    names = list(dict.fromkeys(mutation.__name__ for mutation in MUTATIONS))
    print("| outcome | " + " | ".join(names) + " | all |\n" + "|---" * (len(names) + 2) + "|")
    for said in sorted({said for _, said in seen}):
        row = [seen[name, said] for name in names]
        print(f"| {said} | " + " | ".join(map(str, row)) + f" | {sum(row)} |")


if __name__ == "__main__":
    main(sys.argv[1:])
