"""Watched names in a paper: people, works and handles among its authors, in its acknowledgements, in its references."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from pathlib import Path

from pipeline.errors import SettingsError
from store.records import Document, Watched

LETTERS = str.maketrans(
    {"ł": "l", "ø": "o", "đ": "d", "ı": "i", "æ": "ae", "œ": "oe", "ð": "d", "þ": "th", "’": "'", "‐": "-"}
)
TOKEN = re.compile(r"[^\W_]+(?:['-][^\W_]+)*|[,.;]")
PARTICLES = frozenset(
    ("van", "von", "der", "den", "de", "la", "le", "di", "da", "dos", "del", "el", "al", "bin", "ter", "ten")
)
PATH_LIKE = re.compile(r"^(?:[~./\\]|[A-Za-z]:\\)|\.(?:txt|csv|md|list)$")


def watched_names(setting: str) -> tuple[str, ...]:
    """The names that `RAZBOR_WATCHLIST` means: a file with one a line (`#` begins a comment), or the names themselves.

    Names are parted by semicolons, where there is one or a line's end, else by commas.

    Raises:
        SettingsError: it looks like a file's path and no such file can be read.
    """
    setting = setting.strip()
    if PATH_LIKE.search(setting) and "\n" not in setting:
        try:
            lines = Path(setting).expanduser().read_text(encoding="utf-8-sig").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            raise SettingsError(
                f"RAZBOR_WATCHLIST names a file that cannot be read: {setting} ({error}).",
                "Mend the path, or write the names themselves, parted by semicolons.",
            ) from error
        parts = [line.split("#")[0] for line in lines]
    else:
        parts = re.split(r"[;\n]" if re.search(r"[;\n]", setting) else r",", setting)
    return tuple(dict.fromkeys(part.strip() for part in parts if part.strip()))


def find_watched(document: Document, names: Sequence[str]) -> tuple[Watched, ...]:
    """Every place where one of `names` stands, in the order of `names`, then authors, acknowledgements, references.

    A person is found in all the ways a list prints a name (`Jaehun Jung`, `J. Jung`, `Jung, J.`, `Jung JH`), a work by
    its title or acronym, a handle (`@user`, `github.com/user`, an address of mail) as it is written. Only whole words
    count; capitals and accents do not.
    """
    return tuple(found for name in names if name.strip() for found in _places(document, name.strip()))


def _places(document: Document, name: str) -> Iterator[Watched]:
    for author in document.authors:
        if mentions(author, name):
            yield Watched(name=name, where="authors", page=1, text=author)
    for sentence in re.split(r"(?<=[^\W\d_]{3}[.!?])\s+(?=[^\W\d_])", document.acknowledgements):
        if mentions(sentence, name):
            yield Watched(name=name, where="acknowledgements", page=_page(document, sentence), text=sentence)
    for reference in document.references:
        if mentions(reference.text, name):
            yield Watched(name=name, where="references", page=reference.page, text=reference.text)


def _page(document: Document, sentence: str) -> int:
    """The page of the passage that holds a sentence of the acknowledgements; 0 where it runs over two passages."""
    return next((passage.page for passage in document.passages if sentence[:200] in passage.text), 0)


def mentions(text: str, name: str) -> bool:
    """Whether `text` holds `name` as whole words, or a person of this name in another order or with initials."""
    folded, wanted = _fold(text), _fold(name)
    if re.search(r"[@/]|\.\w", wanted):
        return bool(re.search(rf"(?<![\w-]){re.escape(wanted.lstrip('@'))}(?![\w-]|\.\w)", folded))
    return _phrase(folded, wanted, name) or _person(TOKEN.findall(folded), TOKEN.findall(wanted))


def _fold(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text.casefold().translate(LETTERS))
    return " ".join("".join(c for c in decomposed if not unicodedata.combining(c)).split())


def _phrase(folded: str, wanted: str, name: str) -> bool:
    """The words as they are; a hyphen ends a word of a title or an acronym, not one of a family's name (`Li-Wei`)."""
    words = re.findall(r"\w+", wanted)
    work = len(words) > 1 or len(re.findall(r"[A-ZА-Я\d]", name)) > 1
    edge = r"\w" if work else r"\w'-"
    phrase = r"[\W_]+".join(words)
    return bool(words) and bool(re.search(rf"(?<![{edge}]){phrase}(?![{edge}])", folded))


def _person(tokens: list[str], wanted: list[str]) -> bool:
    """A person's name with given names or initials on either side of the family's."""
    if "," in wanted:
        at = wanted.index(",")
        wanted = [*wanted[at + 1 :], *wanted[:at]]
    wanted = [token for token in wanted if token not in ",.;"]
    start = len(wanted) - 1
    while start > 1 and wanted[start - 1] in PARTICLES:
        start -= 1
    given, family = wanted[:start], wanted[start:]
    if not given or len(wanted) > 5 or len(family[-1]) < 2:
        return False
    size = len(family)
    spots = (i for i in range(len(tokens) - size + 1) if tokens[i : i + size] == family)
    return any(_given_near(tokens, i, i + size, given) for i in spots)


def _given_near(tokens: list[str], start: int, end: int, given: list[str]) -> bool:
    """Given names stand right before the family's (`J. Jung`), or after it (`Jung, J.`, `Jung JH`)."""
    before = start - 1
    while before >= 0 and tokens[before] == "." and before and len(tokens[before - 1]) <= 2:
        before -= 1
    if before >= 0 and tokens[before][0].isalpha() and tokens[before] not in ("and", "и", "in"):
        first = before
        while first > 0 and (tokens[first - 1].isalpha() or (tokens[first - 1] == "." and len(tokens[first - 2]) <= 2)):
            if tokens[first - 1] in ("and", "и", "thank"):
                break
            first -= 1
        near = [token for token in tokens[max(first, before - 5) : before + 1] if token != "."]
        return any(_compatible(near[i:], given) for i in range(len(near)))
    after = [token for token in tokens[end : end + 6] if token != "."]
    if after and after[0] == ",":
        after = after[1:]
    names = after[: next((i for i, token in enumerate(after) if token in ",;"), len(after))]
    return bool(names) and (_compatible(names[: len(given)], given) or _initials(names[0], given))


def _compatible(printed: list[str], given: list[str]) -> bool:
    """Whether the first given names agree, one of them as an initial perhaps; so must the others as far as both go."""
    if not printed:
        return False
    pairs = list(zip(printed, given, strict=False))
    return all(
        one == two or (one[0] == two[0] and 1 in (len(one), len(two), len(one.split("-")[0]))) for one, two in pairs
    )


def _initials(word: str, given: list[str]) -> bool:
    """`jh` for `jaehun h` or `jae-hun`, as medical journals print."""
    letters = "".join(part[0] for token in given for part in token.split("-"))
    return len(word) <= 3 and (letters.startswith(word) or word.startswith(letters))
