"""What one entry of the references says: title, year, arXiv number, DOI, told from its form alone."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from pipeline.reading.backmatter.names import UPPER, Authors, read_authors, sentence_end
from store.records import Reference

LABEL = re.compile(r"^(?:\[([^\[\]]{1,40})\]|\(?(\d{1,3})[.)](?=\s|[^\W\d_])|(\d{1,3})(?=\s\D))\s*")
YEAR = re.compile(r"(?<![\w.:/=-])((?:19|20)\d\d)([a-z])?(?![\w/]|[.,:]\d|[–-]\d)")
AFTER_AUTHORS = re.compile(
    r"[\s,.:;]*(\(?)((?:19|20)\d\d)([a-z])?\b(?:/[a-z\d]+)?(?:,[^()]{0,20}(?=\)))?(\)?)([.,:;]*)\s*"
)
ARCHIVES = r"astro-ph|hep-(?:ph|th|ex|lat)|gr-qc|nucl-(?:th|ex)|quant-ph|cond-mat|math-ph|nlin|physics|math|cs|q-bio"
NEW_NUMBER = r"\d{2}(?:0[1-9]|1[0-2])\.\d{4,5}"
ARXIV = re.compile(
    r"(?:arxiv[\s:.]*(?:preprint|e-?prints?)?[\s:,]*(?:arxiv[\s:.]*)?|arxiv\.org/(?:abs|pdf|html)/|\babs/|\[)"
    rf"({NEW_NUMBER})|\b((?:{ARCHIVES})(?:\.[A-Z]{{2}})?/\d{{7}})",
    re.IGNORECASE,
)
DOI = re.compile(r"\b10\.\d{4,9}/[^\s\"“”<>]+")
ADDRESS = re.compile(r"https?://\S+|www\.\S+")
ACCESSED = re.compile(r"\(?\b(?:last |date )?(?:accessed|retrieved|visited|дата обращения)\b.*", re.IGNORECASE)
QUOTED = re.compile(r"\s*[“\"„]([^”\"“]{4,400})[”\"“](?=(.{0,12}))")
TITLED = rf"(?:[{UPPER}][\w.&’'/-]*|of|and|the|on|for|in|de|der|für|&|\(\w{{1,12}}\))"
VOLUME = rf"(?:[Vv]ol\.?\s|[Nn]o\.?\s)?[{UPPER}]{{0,4}}#?(?!(?:19|20)\d\d\.?$)\d+[A-Z]?"
JOURNAL = re.compile(  # `Phys. Rev. D 68, 037502`, `ApJ, 741, 90`, `Nature 521 (2015)`, `JCAP06(2007)025`
    rf"[{UPPER}][\w.&’'/-]*(?:\s{TITLED}){{0,9}},?\s?{VOLUME}(?:\s?\(\d|[,:;]\s?[A-Z]{{0,2}}\d|\s[A-Z]?\d|\.?$)"
)
VENUES = (
    r"[Ii]n:?\s(?=Proc|[A-Z(])",
    r"\[|//|https?:|www\.|doi\b",
    r"\(?(?:19|20)\d\d\b",
    r"ar[xX]iv|CoRR|e-?print",
    r"Ph\.? ?D|[Mm]aster\S{0,2} [Tt]hesis|[Tt]ech(?:nical|\.) [Rr]ep",
    r"[Vv]ol(?:ume|\.)\s|pp\.",
    r"Springer\b|Elsevier\b|Wiley\b|(?:\w+ ){1,3}(?:University )?Press\b",
    r"Proc(?:eedings|\.)\s|talk (?:at|given)|Accepted|Submitted|[Tt]o appear",
    r"[A-Z][\w&.]{1,12},? (?:submitted|in press)|[A-Z]{2,6}\s\d+,|(?:[A-Z][a-z]*\. ?){2}",
)
VENUE = re.compile(r"\s*(?:" + "|".join(VENUES) + ")")
BRACKETS = re.compile(r"\s*\[(?:Текст|Электронный ресурс|[Oo]nline|[Ii]nternet|[a-z]{2,}[\w., -]*)\]")
EDITORS = re.compile(r"\s*,?\s*\(?(?:[Ee]ds?\.?|[Ee]ditors?|ред\.)\)?(?=[\s.,:])")
TAILS = (  # what may follow a title without a full stop between them
    r"[,;.]\s*(?:[A-Z][a-z]{2,8}\.?\s(?:\d{1,2},?\s)?|\d{1,2}[\s/.])?\(?(?:19|20)\d\d[a-z]?\)?|\s\((?:19|20)\d\d[a-z]?\)",
    r",?\s\((?:\d\w*\s[Ee]d(?:ition|n|\.)?|[A-Z][^()]*(?:Press|Verlag|Springer|Wiley|(?:19|20)\d\d)[^()]*\)?).*",
    r",?\s(?:[A-Z]\w+\s){0,3}[Tt]echnical [Rr]eport\b.*\d.*",
    r"\s\([^()]*\b[Vv]ol\.?\s?\d.*|\s\((?=[A-Z][\w.-]*(?:[,:][^()]*)?$).*",
    r"(?:,\s[Ii]n:?|\s[Ii]n:)\s(?=[A-Z\d]).*",
    r",?\s\(?\d\w{1,2}\s[Ee]d(?:ition|n|\.)?\b.*",
    r",\s(?:ar[xX]iv|CoRR|Ph\.?\s?D|[Mm]asters?\b|[Tt]ech(?:nical|\.) [Rr]ep|[Vv]ol(?:ume|\.)\s|[Aa]ccessed).*",
    r",\s[A-Z]{3,8}(?:\s\d{4})?$",
    r"\.\s[\w.]+\.(?:io|com|org|net)\b.*|,?\s*https?:.*",
    r"\s/\s.*|\.?\s[—–-]\s(?=[МM]\.|[^\W\d_]+\s?:).*",
)
TAIL = re.compile("(?:" + "|".join(TAILS) + ")$")


def parse_reference(text: str, label: str | None = None, page: int = 0) -> Reference:
    """The fields of one entry; where `label` is not given, it is looked for at the start of the text."""
    own = LABEL.match(text)
    if label is None:
        label = own[0].strip() if own else ""
    body = text[own.end() :] if own and (label or own[1]) else text
    arxiv, doi = ARXIV.search(text), DOI.search(text)
    return Reference(
        text=text,
        title=title_of(body),
        year=year_of(body)[0],
        arxiv_id=(arxiv[1] or arxiv[2]) if arxiv else "",
        doi=_whole_doi(doi[0]) if doi else "",
        label=label,
        page=page,
    )


def _whole_doi(doi: str) -> str:
    doi = re.sub(r"(?:\.pdf)?[.,;:)\]}’'\"]*$", "", doi)
    return doi if doi.count("(") <= doi.count(")") else doi + ")"


def without_label(text: str) -> str:
    """An entry without the mark it begins with."""
    return LABEL.sub("", text, count=1)


def year_of(body: str) -> tuple[int | None, str]:
    """The year and its letter (`2023`, `b`): right after the authors, else the last one that is no page or address."""
    authors = read_authors(body)
    after = AFTER_AUTHORS.match(body, authors.end)
    if after:
        return int(after[2]), after[3] or ""
    years = [m for m in YEAR.finditer(ACCESSED.sub("", ARXIV.sub(" ", ADDRESS.sub(" ", body)))) if _past(m[1])]
    return (int(years[-1][1]), years[-1][2] or "") if years else (None, "")


def _past(year: str) -> bool:
    return int(year) <= datetime.now(UTC).year + 2


def title_of(body: str) -> str:
    """The title; empty where the entry prints none (the habit of physics journals)."""
    if "//" in body and (head := re.match(r"(.{10,}?)\s//\s", ADDRESS.sub(" ", body))):
        return _tidy(_after_authors(head[1]))
    return _tidy(_after_authors(body))


def _after_authors(body: str) -> str:
    authors = read_authors(body)
    rest = EDITORS.sub("", body[authors.end :], count=1) if EDITORS.match(body, authors.end) else body[authors.end :]
    after = AFTER_AUTHORS.match(rest)
    dated = after is not None and after.end() < len(rest)
    mark = rest.lstrip()[:1]
    if dated and after:
        mark, rest = (after[5] or after[4] or " ")[-1], rest[after.end() :]
    else:
        rest = re.sub(r"^\s?[.,:;]+", "", rest)
    rest = rest.lstrip(" .,:;")
    quoted = QUOTED.match(rest) or (None if dated else QUOTED.search(body[: len(body) * 2 // 3]))
    if quoted and _closes(quoted):
        return quoted[1]
    if re.match(r"(?:URL|https?)\b", rest) and not dated:
        rest = ""  # a page of the web: its name is all there is
    elif _is_venue(rest):
        return ""
    return _cut_at_commas(rest) if mark == "," or (dated and mark == " ") else _sentence(rest, authors)


def _is_venue(rest: str) -> bool:
    """Whether an entry names its journal right here, and no title: a sentence before the journal would be one."""
    if VENUE.match(rest):
        return True
    journal = JOURNAL.match(rest)
    first = re.match(r"(?:\S+ ){2,}\S*?[a-z]{2,}\.(?= [A-Z])", journal[0] if journal else "")
    return journal is not None and (first is None or bool(re.match(r"Journal|Annals|Proc|Review|Reports", rest)))


def _closes(quoted: re.Match[str]) -> bool:
    """Whether the quotation marks hold the whole title, not its first words."""
    return quoted[1][-1] in ",." or bool(
        re.match(r"\s?[,.;(]|\s(?:in|[Ii]n:?)\s|\s?$|\s[A-Z][\w.]*\s[A-Z\d]", quoted[2])
    )


def _sentence(rest: str, authors: Authors) -> str:
    if not rest:
        return authors.text if not authors.form else ""
    return rest[: sentence_end(rest, 0)]


def _cut_at_commas(rest: str) -> str:
    """`Title, with a comma, Phys. Rev. D 68, 037502 (2003)`: up to the comma before the journal."""
    for comma in re.finditer(r"[,.?]\s", rest):
        tail = rest[comma.end() :]
        if VENUE.match(tail) or JOURNAL.match(tail):
            return rest[: comma.end() - 1].rstrip(",.")
    return rest[: sentence_end(rest, 0)]


def _tidy(title: str) -> str:
    title = BRACKETS.sub("", title).strip(' .,:;“”"«»')
    for _ in range(3):
        title = TAIL.sub("", title).strip(' .,:;“”"')
    if ADDRESS.match(title) or len(title) > 400 or _is_venue(title):
        return ""
    return title if sum(c.isalpha() for c in title) >= 4 else ""
