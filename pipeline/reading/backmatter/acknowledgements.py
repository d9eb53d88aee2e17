"""The acknowledgements: under a heading, as a paragraph that begins with the word, or as plain thanks at the end."""

from __future__ import annotations

import re
from collections.abc import Sequence

from store.records import Passage

NAME = (
    r"(?:acknowledge?ments?(?:,? (?:and|&) (?:disclosure of funding|funding(?: sources?)?))?|(?:disclosure of )?funding"
    r"(?: (?:and )?acknowledge?ments?| (?:sources?|statement|information))?|financial support|"
    r"благодарности?|финансирование|источники? финансирования)"
)
HEADING = re.compile(rf"^(?:[\dIVXA-Z]{{1,4}}(?:\.\d+)*[.)]?\s+)?{NAME}[.:]?$", re.IGNORECASE)
RUN_IN = re.compile(rf"^{NAME}\s*(?:[.:—–]|-\s|(?=\s(?:We|This|The|I|Мы|Автор|Работа)\b))\s*", re.IGNORECASE)
OTHER_RUN_IN = re.compile(
    r"^(?:author contributions?|contributions?|competing interests?|conflicts? of interests?|data availability|"
    r"code availability|ethic\w*|facilit(?:y|ies)|software|disclosures?|supplementary|orcid|keywords|note added|"
    r"вклад авторов|конфликт интересов)\b[^.:]{0,40}[.:]",
    re.IGNORECASE,
)
THANKS = re.compile(
    r"\b(?:thank(?:s|ed|ful)?|grateful\w*|gratitude|acknowledg\w+|support(?:ed|ing)?|fund(?:ed|ing|s)|grants?|indebted|"
    r"appreciate|sponsor\w*|fellowships?|благодар\w+|признательн\w+|поддержк\w+|грант\w*|финансов\w+)\b",
    re.IGNORECASE,
)
MUCH = r"(?: (?:would|are|am|also|gratefully|sincerely|like|wish|want|to|deeply|very|greatly)){0,4}"
PARTLY = r"(?: also| partially| partly| generously| in part| financially){0,2}"
PLAIN = re.compile(
    rf"^(?:(?:we|the authors?|I){MUCH} (?:thank|acknowledge|indebted|grateful)\b|"
    rf"(?:this|the present) (?:work|research|study|project|material|paper) (?:was|is|has been|were){PARTLY}"
    r" (?:supported|funded|based upon work supported)|"
    r"(?:авторы?|мы) (?:выража\w+ благодарность|благодар\w+)|(?:работа|исследование) (?:выполнен[ао]|поддержан[ао]))",
    re.IGNORECASE,
)


def find_acknowledgements(passages: Sequence[Passage]) -> str:
    """The text of the acknowledgements, funding included, paragraphs joined by blanks; empty where there are none."""
    running = [passage for passage in passages if passage.kind == "text"]
    own = [p for p in running if HEADING.match(p.section.rsplit(" / ", 1)[-1])]
    found = _until_other(own) or _run_in(running) or _plain(running, passages)
    return " ".join(RUN_IN.sub("", passage.text).strip() for passage in found)


def _until_other(own: Sequence[Passage]) -> list[Passage]:
    """Without paragraphs that announce another matter (`Author contributions.`), up to the next thanks."""
    kept, other = [], False
    for passage in own:
        other = bool(OTHER_RUN_IN.match(passage.text)) or (other and not RUN_IN.match(passage.text))
        if not other:
            kept.append(passage)
    return kept


def _run_in(running: Sequence[Passage]) -> list[Passage]:
    """Paragraphs that begin with the word, each with those after it that go on thanking."""
    found: list[Passage] = []
    section = None
    for passage in running:
        if RUN_IN.match(passage.text) and THANKS.search(passage.text):
            section = passage.section
            found.append(passage)
        elif section == passage.section and THANKS.search(passage.text[:200]) and not OTHER_RUN_IN.match(passage.text):
            found.append(passage)
        else:
            section = None
    return found


def _plain(running: Sequence[Passage], passages: Sequence[Passage]) -> list[Passage]:
    """Thanks that nothing announces: at the end of the body, else in a footnote."""
    body = [p for p in running if not p.appendix]
    for at in range(len(body) - 1, max(-1, len(body) - 8), -1):
        if PLAIN.match(body[at].text):
            first = at
            while first and PLAIN.match(body[first - 1].text):
                first -= 1
            after = [p for p in body[at + 1 :] if p.section == body[at].section]
            rest = next(
                (i for i, p in enumerate(after) if not THANKS.search(p.text) or OTHER_RUN_IN.match(p.text)), len(after)
            )
            return [*body[first : at + 1], *after[:rest]]
    return [p for p in passages if p.kind == "footnote" and PLAIN.match(p.text.lstrip("*∗†‡§¶ "))][:1]
