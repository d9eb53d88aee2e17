"""What `razbor read` tells a person: the outline of a paper, or one of its passages."""

from __future__ import annotations

import shlex
from collections import Counter
from typing import TYPE_CHECKING

from ui.commands.output import out, table
from ui.commands.shell import say

if TYPE_CHECKING:
    from store.records import Document, PostEntry
    from ui.queries import Json


def tell(found: Json) -> None:
    """What was read, from the title to the warnings."""
    out(found["title"])
    out(", ".join(found["authors"]))
    state = ["" if found["whole"] else "text is missing", "its text was recognised in pictures" if found["ocr"] else ""]
    out(", ".join(filter(None, [f"{found['paper_id']}: {found['pages']} pages", found["language"], *state])))
    out("\nSections")
    for section in found["sections"]:
        name = f"{section['number']} {section['title']}".strip()
        out(f"{'  ' * section['level']}{name} (page {section['page']}{', appendix' if section['appendix'] else ''})")
    if not found["sections"]:
        out("  none found")
    out()
    for name, (count, more) in _counts(found).items():
        out(f"{name:<12}{count:>5}{f'   {more}' if count and more else ''}")
    _finds(found)
    for warning in found["warnings"]:
        out(f"Warning: {warning}")


def _counts(found: Json) -> dict[str, tuple[int, str]]:
    """How many of each thing, and what is to be said of them."""
    kinds = Counter(passage["kind"] for passage in found["passages"])
    main, references = found["main_figure"], found["references"]
    citations = [len(reference["citations"]) for reference in references]
    arxiv, doi = (sum(bool(one[name]) for one in references) for name in ("arxiv_id", "doi"))
    filled = sum(bool(one["rows"]) for one in found["tables"])
    return {
        "Passages": (len(found["passages"]), ", ".join(f"{count} {kind}" for kind, count in kinds.most_common())),
        "Figures": (len(found["figures"]), main and f"main: {main['number']}, page {main['page']}: {main['reason']}"),
        "Tables": (len(found["tables"]), f"{filled} with their rows"),
        "References": (len(references), f"{arxiv} with an arXiv id, {doi} with a DOI"),
        "Citations": (sum(citations), f"of {sum(map(bool, citations))} references"),
    }


def _finds(found: Json) -> None:
    own = [link for link in found["links"] if link["own"]]
    if found["acknowledgements"]:
        out(f"\nAcknowledgements: {found['acknowledgements']}")
    table(
        ("own link", "page", "address", "why"), [(one["kind"], one["page"], one["url"], one["reason"]) for one in own]
    )
    if others := len(found["links"]) - len(own):
        out(f"Other links: {others} (--json shows them)")
    rows = [(one["name"], one["where"], one["page"] or "", one["text"]) for one in found["watched"]]
    table(("watched name", "where", "page", "text"), rows)
    rows = [(one["kind"], one["page"], "yes" if one["addressed"] else "", one["text"]) for one in found["hidden_text"]]
    table(("hidden text", "page", "speaks to a reviewer or a model", "text"), rows)


def tell_passage(found: Json) -> None:
    """One passage: its text, where it stands, and which claims rest on it."""
    out(found["text"])
    section = f"section {found['section']}" if found["section"] else ""
    about = filter(None, [found["kind"], section, "appendix" if found["appendix"] else ""])
    out(f"\n{found['paper_id']}, passage {found['id']}: {', '.join(about)}")
    for place in found["places"]:
        out(f"  page {place['page']}, box {', '.join(f'{edge:.1f}' for edge in place['bbox'])}")
    for claim in found["quoted_by"]:
        out(f"{'✓' if claim['proven'] else '✗'} {claim['post_id']} {claim['id']}  {claim['text']}")
        out(f"      “{claim['quote']}”" if claim["quote"] else "      no quote")


def tell_picture(found: Json) -> None:
    out(found["file"])


def tell_next(paper: str, document: Document, entry: PostEntry | None) -> None:
    """What a person may do now, on stderr."""
    read = f"razbor read {shlex.quote(paper)}"
    say("\nNext:")
    if document.passages:
        first = document.passages[0]
        say(f"  {read} --render {first.page} --passage {first.id}")
    if document.main_figure:
        say(f"  {read} --figure main")
    say(f"  razbor show {entry.post_id}" if entry else f"  razbor digest {shlex.quote(paper)}")
    say("  razbor ui")
