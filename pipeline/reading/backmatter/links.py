"""Links of the paper: code, video, data, and which of them are its own. Addresses are read, never fetched."""

from __future__ import annotations

import re
from collections.abc import Sequence, Set
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from pipeline.reading.backmatter.urls import find_urls, goes_on, mend_urls, same_place, tidy
from pipeline.reading.layout.lines import Line
from pipeline.reading.layout.pages import Page
from pipeline.reading.text.sections import fold
from store.records import Box, Link

KINDS = {
    "data": r"huggingface\.co/datasets/|hf\.co/datasets/|zenodo\.org|kaggle\.com|figshare\.com|datadryad\.org|"
    r"dataverse\.|osf\.io|data\.mendeley\.com|archive\.ics\.uci\.edu",
    "code": r"github\.(?:com|io)|gitlab\.|bitbucket\.org|codeberg\.org|huggingface\.co|hf\.co|code\.google\.com|sr\.ht|"
    r"sourceforge\.net|anonymous\.4open\.science|colab\.research\.google\.com|modelscope\.cn|gitee\.com",
    "video": r"youtube\.com|youtu\.be|vimeo\.com|bilibili\.com|rutube\.ru|vk\.com/video|slideslive\.com|"
    r"videolectures\.net",
    "paper": r"arxiv\.org|doi\.org|openreview\.net|aclanthology\.org|aclweb\.org/anthology|proceedings\.",
}
OWN_KINDS = ("code", "data", "video")
FULL_STOP = re.compile(r"(?<=[.!?])[”’)]?(?: (?=[A-ZА-Я])|\s*$)")
THINGS = (
    r"(?:codes?|code ?base|implementations?|scripts?|data|datasets?|corpus|corpora|benchmarks?|models?|weights|"
    r"checkpoints?|demos?|videos?|project (?:page|website)|web ?site|web ?page|page|repository|repo|materials?|"
    r"resources?|artifacts?|library|toolkit|software|package|leaderboard|appendix|код|данные|репозиторий)"
)
SAID = re.compile(  # `our code …` · `we release …`, `is available` · `Code: …` · `the data can be found …`
    rf"\b(?:our|this paper[’']s|the (?:paper|project)[’']s)\b[^.]{{0,60}}\b{THINGS}\b|"
    r"\b(?:we|authors?|is|are|be|been|also|and|was|were|will|have)\s(?:\w+\s){0,4}?(?:release[sd]?|open-?sourced?|"
    r"publish(?:ed)?|(?:publicly |freely |openly )?(?:available|accessible)|hosted|provided?|share[ds]?|found at|"
    r"make|made)\b|"
    rf"^\W*(?:\w+ ){{0,3}}{THINGS}\s?(?:and \w+ )?[:：]|"
    rf"\b{THINGS}\b[^.]{{0,80}}\b(?:available|released|found|accessed|retrieved|can be downloaded|hosted|open-?sourced|"
    r"published|доступн\w+|опубликован\w*)\b|\bproject (?:page|website)\b|мы (?:публикуем|выложили)",
    re.IGNORECASE,
)
SURELY = re.compile(
    rf"\b{THINGS}\b[^.]{{0,80}}\b(?:available|released|accessed|hosted|found|published)\b[^.]{{0,30}}⟨⟩",
    re.IGNORECASE,
)
OTHERS = re.compile(r"\bet al\b|\bofficial\b|\btheir\b|\bprovided by\b|\boriginal\b|\[\d", re.IGNORECASE)
USED = re.compile(
    r"\b(?:(?:we|by|and|is|are|was|were) (?:\w+ )?"
    r"(?:us(?:e|es|ed|ing)|follow(?:ing)?|adopt(?:ed)?|adapt(?:ed)?|employ(?:ed)?|utili[sz]ed?)|"
    r"using|based on|built (?:on|upon|with)|implemented (?:in|with|using)|thanks? to|provided by|official|their|et al|"
    r"see also|from the (?:official|public|original)|downloaded from|taken from|obtained from|inspired by|"
    r"licen[cs]ed?)\b",
    re.IGNORECASE,
)
SMALL_WORDS = frozenset(("the", "and", "for", "with", "from", "via", "are", "learning", "models", "model", "language",
                         "large", "data", "code", "using"))  # fmt: skip


@dataclass(slots=True)
class Mention:
    """One place where an address stands: the rows around it, whether among the references."""

    url: str
    page: int
    around: str
    cited: bool
    front: bool


@dataclass(slots=True)
class _Text:
    """The paper's rows with their addresses put together over line ends."""

    rows: Sequence[Line]
    cited: Set[int]
    first: int = 1
    mentions: list[Mention] = field(default_factory=list)

    def read(self) -> list[Mention]:
        at = 0
        while at < len(self.rows):
            end, text = at + 1, self.rows[at].text
            while end < len(self.rows) and self.beside(end) and goes_on(text, self.rows[end].text):
                text += self.rows[end].text
                end += 1
            text = mend_urls(text)
            for start, stop, url in find_urls(text):
                self.add(url, at, end, text[:start], text[stop:])
            at = max(at + 1, end - 1) if end > at + 1 and len(self.rows[end - 1].text.split()) > 1 else end
        return self.mentions

    def beside(self, index: int) -> bool:
        """Whether a row goes on right below the row before it, in the same type."""
        above, row = self.rows[index - 1], self.rows[index]
        same = (above.page, above.column) == (row.page, row.column) and abs(above.size - row.size) < 0.7
        return same and 0 < row.baseline - above.baseline < 1.9 * row.size and not row.note

    def add(self, url: str, at: int, end: int, before: str = "", after: str = "") -> None:
        """Note an address that stands in the rows from `at` to `end`, with its sentence."""
        first, last = at, end
        while first > max(0, at - 3) and self.beside(first):
            first -= 1
        while last < min(len(self.rows), end + 2) and self.beside(last):
            last += 1
        before = " ".join([*(row.text for row in self.rows[first:at]), before])
        after = " ".join([after, *(row.text for row in self.rows[end:last])])
        sentence = f"{FULL_STOP.split(before)[-1]} ⟨⟩ {FULL_STOP.split(after)[0]}"
        page = self.rows[at].page
        self.mentions.append(Mention(url, page, " ".join(sentence.split()), at in self.cited, page == self.first))


def link_kind(url: str) -> str:
    """`code`, `video`, `data`, `paper` or `web`, by host and path alone."""
    place = same_place(url).lower()
    return next((kind for kind, known in KINDS.items() if re.match(rf"(?:[\w-]+\.)*(?:{known})", place)), "web")


def links_of(rows: Sequence[Line], pages: Sequence[Page], cited: Set[int], title: str) -> tuple[Link, ...]:
    """Web links in order, each once; what only the references (`cited`, indices of rows) hold is left out.

    `own` rests on the words around a link, on the front page, and on names that the address shares with `title`.
    """
    first = pages[0].number if pages else 1
    places: dict[str, list[Mention]] = {}
    for mention in (*_clickable(rows, pages, cited, first), *_Text(rows, cited, first).read()):
        places.setdefault(same_place(mention.url).lower(), []).append(mention)
    _drop_stumps(places)
    front = " ".join(row.text for row in rows if row.page == first)
    links = [_link(mentions, title, front) for mentions in places.values() if not all(m.cited for m in mentions)]
    return tuple(sorted(links, key=lambda link: link.page))


def _clickable(rows: Sequence[Line], pages: Sequence[Page], cited: Set[int], first: int) -> list[Mention]:
    """The links that a viewer would follow, with the row under each."""
    mentions = []
    for page in pages:
        here = [i for i, row in enumerate(rows) if row.page == page.number] if page.links else []
        for address, box in page.links:
            url = tidy(address) if re.match(r"https?:", address.strip(), re.IGNORECASE) else ""
            at = next((i for i in here if _under(rows[i].box, box)), None)
            if not url:
                continue
            if at is None:
                mentions.append(Mention(url, page.number, "", False, page.number == first))
                continue
            text = _Text(rows, cited, first)
            text.add(url, at, at + 1, rows[at].text)
            mentions.extend(text.mentions)
    return mentions


def _under(row: Box, link: Box) -> bool:
    x, y = (link[0] + link[2]) / 2, (link[1] + link[3]) / 2
    return row[1] - 2 <= y <= row[3] + 2 and row[0] - 2 <= x <= row[2] + 2


def _drop_stumps(places: dict[str, list[Mention]]) -> None:
    """Forget the first half of an address whose whole stands on the same page (`https://github.com/`)."""
    for stump in list(places):
        pages = {mention.page for mention in places[stump]}
        whole = [
            key
            for key, mentions in places.items()
            if key != stump and key.startswith(stump) and pages <= {mention.page for mention in mentions}
        ]
        if whole and ("/" not in stump or stump.count("/") < 2 or stump[-1] in "-_./"):
            places[whole[0]].extend(places.pop(stump))


def _link(mentions: list[Mention], title: str, front: str) -> Link:
    """One address with all places where it stands; `front` is the text of the first page."""
    shown = min((m for m in mentions if not m.cited), key=lambda m: m.page)
    own, reason = _judged([m for m in mentions if not m.cited], title, front)
    if any(m.cited for m in mentions) and not reason.startswith("its"):
        own, reason = False, "it is among the references too"
    return Link(kind=link_kind(shown.url), url=shown.url, page=shown.page, own=own, reason=reason)


def _judged(mentions: list[Mention], title: str, front: str) -> tuple[bool, str]:
    """Whether a link is the paper's own, and what shows it."""
    url = mentions[0].url
    hosted, on_front = link_kind(url) in OWN_KINDS and _deep(url), [m for m in mentions if m.front]
    if (shared := _shared_name(url, title)) and (hosted or on_front):
        return True, f"its address shares the name “{shared}” with the title"
    said = next((m for m in mentions if _said(m.around)), None)
    if said and (hosted or said.front):
        return True, f"the text says so: “{_short(said.around)}”"
    used = next((m for m in mentions if USED.search(m.around)), None)
    if hosted and on_front and used not in on_front and not _named_as_used(url, front):
        return True, "it stands on the first page"
    if used:
        return False, f"it is spoken of as another's: “{_short(used.around)}”"
    return False, "nothing shows that it is the paper's own"


def _said(around: str) -> bool:
    """Whether a sentence gives an address as the place of the paper's own code, data or film."""
    if SURELY.search(around):
        return not OTHERS.search(around)
    return bool(SAID.search(around)) and not USED.search(around.split("⟨⟩", maxsplit=1)[0])


def _named_as_used(url: str, front: str) -> bool:
    """Whether the first page names the address's last part as something used: `built on the verl framework`."""
    name = re.escape(urlsplit(url).path.rstrip("/").rsplit("/", 1)[-1])
    near = rf"(?:{USED.pattern})\W+(?:\w+\W+){{0,4}}?{name}\b"
    return bool(name) and bool(re.search(near, front, re.IGNORECASE))


def _deep(url: str) -> bool:
    """Whether an address names one work, not the whole host or one of its shelves."""
    parts = urlsplit(url)
    path = [piece for piece in parts.path.split("/") if piece]
    if re.search(r"(?:github|gitlab|bitbucket|codeberg|huggingface)\.\w+$|\bhf\.co$", parts.hostname or ""):
        return len(path) > 1 and path[0] not in ("features", "docs", "blog", "topics", "orgs")
    return bool(path) or (parts.hostname or "").endswith(".io")


def _short(text: str) -> str:
    text = text.replace("⟨⟩", "…").strip()
    return text if len(text) < 120 else "…" + text[-115:]


def _shared_name(url: str, title: str) -> str:
    """A name that the title coins (`NSA: …`, `BERTopic`) and the address bears as one of its parts."""
    parts = urlsplit(url)
    pieces = [piece for piece in re.split(r"[/._?=&~-]", f"{parts.hostname or ''}/{parts.path}") if piece]
    whole = [fold(piece) for piece in (*parts.path.split("/"), (parts.hostname or "").split(".")[0]) if piece]
    coined = re.match(r"([^:：]{2,40})[:：]\s", title)
    names = [coined[1]] if coined else []
    names += [
        word for word in re.findall(r"[\w-]{3,}", title) if re.search(r"[a-z][A-Z]|^[A-Z]{3,}|[A-Z]\d|\d[A-Z]", word)
    ]
    if title.isupper():
        names = names[:1] if coined else []
    for name in names:
        wanted = fold(name)
        if len(wanted) > 2 and wanted not in SMALL_WORDS and (wanted in whole or wanted in [fold(p) for p in pieces]):
            return name
        if len(wanted) > 4 and any(wanted in part for part in whole):
            return name
    words = [fold(word) for word in title.split() if fold(word) not in SMALL_WORDS and len(word) > 2]
    joined = "".join(fold(word) for word in title.split())
    return next((part for part in whole if len(part) > 7 and (part in joined or part == "".join(words[:3]))), "")
