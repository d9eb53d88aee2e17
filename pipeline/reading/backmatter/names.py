"""The list of authors that opens an entry of the references, in the forms in which journals print it."""

from __future__ import annotations

import re
from dataclasses import dataclass

UPPER = "".join(chr(c) for c in (*range(0x41, 0x250), *range(0x391, 0x530)) if chr(c).isupper())
PARTICLES = (
    r"(?:v[ao]n|de[nrls]?|di|d[aou]s?|della|du|l[aeo]s?|el|al|bin|ibn|ter|ten|te|zu[rm]?|af|y|'t|san|St\.|M[a]?c)"
)
LETTER = r"[^\W\d_]"
WORD = rf"(?:[dDO]['’]|al-|el-)?[{UPPER}]{LETTER}{{0,30}}(?:['’´`˘¸‐-]{LETTER}{{1,30}}){{0,4}}"
CAPITAL = rf"[{UPPER}](?:['’])?"
INITIALS = rf"{CAPITAL}\.(?:\s?[-‐]?\s?(?:{CAPITAL}|[a-z])\.)*"
SLAVIC = rf"(?:{INITIALS}|(?:Yu|Ju|Ya|Zh|Sh|Ch|Th)\.(?:\s?{CAPITAL}\.)*)"
BARE = rf"[{UPPER}](?:[ ‐-]?[{UPPER}]){{0,3}}(?![^\W\d_.])"
JUNIOR = r"(?:,?\s(?:Jr|Sr)\.?|,?\s(?:I{2,3}|IV)\b)?"
SURNAME = rf"(?:{PARTICLES}\s){{0,3}}{WORD}(?:\s(?:{PARTICLES}\s)*{WORD}){{0,2}}"
FORMS = (  # `Jung, J.` or `Jung J.` · `Jung JH` · `J. Jung`
    ("family I.", rf"{SURNAME}{JUNIOR},?\s?(?<=[\s,]){SLAVIC}{JUNIOR}"),
    ("family I", rf"{SURNAME}\s{BARE}{JUNIOR}"),
    ("I. family", rf"{INITIALS}\s?(?:{WORD}\s)?(?:{PARTICLES}\s)*{WORD}(?:\s{WORD})?{JUNIOR}"),
)
AND = r"(?:and|&|und|et(?!\sal)|и|y)"
BETWEEN = rf"\s?(?:[,;]\s?(?:{AND}\s|&)?|\s{AND}\s|&\s?|;\s)\s?"
OTHERS = r"(?:[,;]?\s(?:(?:and\s)?(?:[Oo]thers|coworkers)|et\s?al\b\.?|[Ee]t\.? al\.?|и др\.?|\.\.\.))?"
GROUP = r"(?:,?\s\([^()]{3,60}\))?"
LISTS = {
    form: re.compile(rf"{name}(?:{BETWEEN}(?:\.\s?\.\s?\.\s?)?(?:{AND}\s)?{name})*{OTHERS}{GROUP}")
    for form, name in FORMS
}
CLOSED = re.compile(r"\s?(?:$|[.,:;(\[]|\s\[|(?:19|20)\d\d\b|[“\"]|//|[—–-]\s)")
MIXED = re.compile(
    rf"\s(?:{PARTICLES}\s)*{WORD}(?:\s{WORD})?(?:,\s(?:{INITIALS}|{WORD}\s{WORD}[,.]|{WORD}\s{WORD}\s{WORD}[,.]|"
    rf"{WORD}\s{INITIALS})|,?\s{AND}\s)|"
    rf",\s{WORD}\s{WORD}(?:,\s{WORD}\s{WORD},|,?\s{AND}\s{WORD}\s(?:{INITIALS}\s)?{WORD}[.,])"
)
ONE_MORE = re.compile(rf"\s(?:{PARTICLES}\s)*{WORD}[.]\s")
TITLE_NEXT = re.compile(r"\s[^\W_]")
SENTENCE = re.compile(r"[.?!](?=\s|$|[“\"])")
SHORT = re.compile(r"(?:^|[\s(])(?:vs|Dr|St|Mr|Mrs|Prof|No|Nos|Vol|vol|pp|cf|e\.g|i\.e|approx|ca|Sec|Fig|Eq|Ch|Inc)\.$")
INITIAL = re.compile(rf"(?:^|[^\w'’])[{UPPER}]\.$")
LOWER_VENUE = re.compile(
    r"(?:ar[xX]iv|e-?print|bio[rR]xiv|med[rR]xiv|npj|https?:|www\.|doi|in\b|pages?\s\d|pp\.|url\b|eLife|mSystems)"
)


@dataclass(frozen=True, slots=True)
class Authors:
    """`text` names the authors and ends at `end` of the entry; `form` is that of their names, `""` for full names."""

    text: str
    end: int
    form: str = ""


def read_authors(text: str) -> Authors:
    """The authors at the start of an entry: by the form of their names, else the first sentence."""
    for form, names in LISTS.items():
        match = names.match(text)
        if match and _closes(match[0], text[match.end() : match.end() + 60], form):
            return Authors(match[0], match.end(), form)
    return _first_sentence(text)


def _closes(names: str, rest: str, form: str) -> bool:
    """Whether a list of names ends here, and does not go on in another form (`Albert Q. Jiang`)."""
    after = rest.removeprefix(".") if form == "family I" else rest
    if MIXED.match(after) or (ONE_MORE.match(after) and not re.search(r"[,;&]|\sand\s", names)):
        return False
    if CLOSED.match(rest):
        return True
    return form.endswith("I.") | names.rstrip(".").endswith("et al") and bool(TITLE_NEXT.match(rest))


def _first_sentence(text: str) -> Authors:
    others = re.search(r"\b(?:et al\b\.?|и др\.)", text[:1500])
    end = sentence_end(text, 0)
    year = re.search(r"[,.]?\s\(?(?:19|20)\d\d[a-z]?\b", text[: end + 1])
    if others and others.end() <= end + 2:
        end = others.end()
    elif year and year.start() > 2:
        end = year.start()
    return Authors(text[:end].rstrip(" .,"), end)


def sentence_end(text: str, start: int) -> int:
    """Where the sentence that begins at `start` ends (its full stop); initials and abbreviations do not end it."""
    for match in SENTENCE.finditer(text, start):
        at, after = match.start(), text[match.end() :].lstrip()
        if match[0] != ".":
            if not after or _venue_next(text, match.end(), after):
                return match.end()
            continue
        before = text[max(start, at - 12) : at + 1]
        small = re.match(r"[a-zа-яё]+(?![a-z]*[A-Z])", after) and not LOWER_VENUE.match(after)
        version = before[-2:-1].isdigit() and after[:1].isdigit() and not re.match(r"(?:19|20)\d\d\b", after)
        if not (small or version or SHORT.search(before) or INITIAL.search(before)):
            return at
    return len(text.rstrip(" ."))


def _venue_next(text: str, at: int, after: str) -> bool:
    """Whether a title ends at its question mark: what follows is where it appeared, not the title's second half."""
    if after[:1].islower():
        return bool(LOWER_VENUE.match(after))
    if VENUE_WORD.match(after):
        return True
    stop = re.search(r"\.(?=\s|$)", after)
    half, rest = (after[: stop.start()], after[stop.end() :].lstrip()) if stop else (after, "")
    return not VENUE_WORD.match(rest) and (not rest or bool(re.search(r"\d", half)) or len(half.split()) < 3)


VENUE_WORD = re.compile(
    r"(?:In\b[: ]|arXiv|ArXiv|CoRR|Advances|Proceedings|Proc\.|Journal|Transactions|Trans\.|International|Annual|"
    r"Conference|"
    r"IEEE|ACM|Nature\b|Science\b|Preprint|URL|https?:|OpenReview|ICLR|ICML|NeurIPS|NIPS|ACL\b|Technical|Tech\.|"
    r"Ph\.?D|Springer|Cambridge|Oxford|MIT Press|\(?(?:19|20)\d\d\b|[A-Z][a-z]*\. [A-Z]|//)"
)
