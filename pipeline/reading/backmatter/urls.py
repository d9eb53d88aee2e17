"""Addresses printed in text: found, mended where a line's end broke them, and cleaned. Nothing is fetched."""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import urlsplit

from pipeline.reading.layout.lines import clean

HOSTED = r"(?:github\.com|gitlab\.com|bitbucket\.org|codeberg\.org|huggingface\.co|youtu\.be|zenodo\.org|kaggle\.com)/"
STOPS = r"\s<>\"“”«»{}|\\^`…"
PUNCTUATION = ".,;:!?'’”\"*†‡"
URL = re.compile(rf"https?://[^{STOPS}]+|(?<![\w@./-])(?:www\.[a-z0-9]|{HOSTED})[^{STOPS}]+", re.IGNORECASE)
OPEN_URL = re.compile(
    rf"(?:https?:(?:/{{0,2}}|//[^{STOPS}]+)|(?<![\w@./-])(?:www\.|{HOSTED})[^{STOPS}]*)$", re.IGNORECASE
)
OPEN_DOI = re.compile(r"\b10\.(?:\d{4,9}(?:/\S*[./_(-])?)?$")
ARCHIVE = re.compile(
    r"\b(?:hep-(?:ph|th|ex|lat)|astro-ph|gr-qc|nucl-(?:th|ex)|quant-ph|cond-mat|math-ph|q-(?:bio|fin))"
)
PATH_LIKE = re.compile(r"[\w%~@#(-]*(?:[./_=?&%#~-][\w%~@#/(-]|\d|/)")
HOST_LIKE = re.compile(r"[a-z0-9-]{1,20}(?:\.[a-z]{2,}\b|/|\?)")
LATER_LIKE = re.compile(r"[a-z0-9-]+(?:/|$)|\w+\.\w")
REST_LIKE = re.compile(r"[/?&=_]\w|[\w%-]+/[\w.%-]+/?|[\w%-]+\.(?:html?|pdf|php|git)\b")
ROOT_LIKE = re.compile(r"[/.]\w")
NO_PATH = re.compile(r"(?:https?:|www\.|doi|and/or|w/o|\d{4}[a-z]?[.,)]*(?:\s|$))", re.IGNORECASE)


def mend_urls(text: str) -> str:
    """Take out the blanks at which `https://github.com/ foo/bar` was broken."""
    mended: list[str] = []
    for word in text.split(" "):
        if mended and goes_on(mended[-1], word):
            mended[-1] += word
        else:
            mended.append(word)
    return " ".join(mended)


def goes_on(left: str, right: str) -> bool:
    """Whether an address (URL, DOI, old arXiv number) that ends `left` is continued by the first word of `right`."""
    left, word = left[-300:], right.split(" ", 1)[0]
    if not word:
        return False
    if (broken := re.search(r"\b[a-z]+-$", left)) and (whole := ARCHIVE.match(broken[0] + word)):
        return whole.end() > len(broken[0])
    if OPEN_DOI.search(left):
        return word[0].isdigit() or bool(PATH_LIKE.match(word) and word[0].islower())
    opened = OPEN_URL.search(left)
    return opened is not None and _path_goes_on(opened[0], word)


def _path_goes_on(url: str, word: str) -> bool:
    if re.fullmatch(r"https?:/{0,2}", url, re.IGNORECASE):
        return bool(re.match(r"\w" if url.endswith("//") else r"/{1,2}\w", word))
    if NO_PATH.match(word):
        return url[-1] in "=-_/" and bool(re.match(r"\d{4}/", word))
    host, slash, path = re.sub(r"^https?://", "", url, flags=re.IGNORECASE).partition("/")
    if url[-1] in "-_=?&%~":
        return word[0].isalnum()
    if url[-1] == "/":
        form = PATH_LIKE
    elif url[-1] == ".":
        form = LATER_LIKE if path else HOST_LIKE
    elif slash:
        form = REST_LIKE
    else:  # `https://github.c` and `om/user`
        form = HOST_LIKE if re.search(r"\.[a-z]?$", host) or "." not in host else ROOT_LIKE
    return bool(form.match(word)) and url[-1] not in ",;)"


def find_urls(text: str) -> list[tuple[int, int, str]]:
    """`(start, end, address)` of every address printed in `text`, whose broken ones must be mended before."""
    found = []
    for match in URL.finditer(text):
        url = tidy(match[0])
        if url:
            found.append((match.start(), match.start() + len(match[0].rstrip(PUNCTUATION)), url))
    return found


def tidy(address: str) -> str:
    """An http(s) address without the punctuation after it; empty for what is none. Known hosts get their `https://`."""
    url = re.sub(r"\s", "", clean(address)).rstrip(PUNCTUATION)
    # TeX prints a tilde as an accent, which reading then sets on the next letter
    url = "".join(f"~{d[0]}" if (d := unicodedata.normalize("NFD", c))[1:] == "\u0303" else c for c in url).replace(
        "∼", "~"
    )
    for opened, closed in ("()", "[]"):
        while url.endswith(closed) and url.count(closed) > url.count(opened):
            url = url[:-1].rstrip(PUNCTUATION)
    if not re.match(r"[a-z][a-z0-9+.-]*:", url, re.IGNORECASE):
        url = f"https://{url}"
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:  # `http://[broken`
        return ""
    return url if parts.scheme.lower() in ("http", "https") and re.search(r"\.[a-z]{2,}$", host) else ""


def same_place(url: str) -> str:
    """What two spellings of one address share: no scheme, `www.`, `.git`, last slash or fragment."""
    parts = urlsplit(url)
    path = re.sub(r"(?:\.git|/tree/(?:main|master)|/blob/(?:main|master)/README\.md)?/*$", "", parts.path)
    return (parts.hostname or "").removeprefix("www.") + path + (f"?{parts.query}" if parts.query else "")
