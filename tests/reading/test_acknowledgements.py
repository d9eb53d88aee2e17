"""Acknowledgements: all of them, and nothing else."""

from __future__ import annotations

import pytest

from pipeline.reading.backmatter.acknowledgements import find_acknowledgements
from store.records import Passage, PassageKind


def document(*parts: tuple[str, str] | tuple[str, str, PassageKind]) -> list[Passage]:
    return [
        Passage(
            id=f"p{n}",
            page=1,
            bbox=(0, 0, 1, 1),
            section=part[0],
            text=part[1],
            kind=part[2] if len(part) > 2 else "text",
        )
        for n, part in enumerate(parts, 1)
    ]


BODY = ("1 Introduction", "We support our claims by experiments.")


@pytest.mark.parametrize(
    "heading",
    [
        "Acknowledgements",
        "7 Acknowledgment",
        "Acknowledgments and Disclosure of Funding",
        "Funding",
        "Благодарности",
        "ACKNOWLEDGMENTS",
    ],
)
def test_under_a_heading(heading: str) -> None:
    found = find_acknowledgements(
        document(
            BODY,
            (heading, "We thank Ann."),
            (heading, "And Bob."),
            (heading, "Figure 1: A.", "caption"),
            ("A", "More."),
        )
    )
    assert found == "We thank Ann. And Bob."


def test_another_matter_under_the_heading_ends_them() -> None:
    parts = document(("Acknowledgements", "We thank Ann."), ("Acknowledgements", "Author contributions. A wrote."))
    assert find_acknowledgements(parts) == "We thank Ann."


def test_a_paragraph_that_begins_with_the_word() -> None:
    parts = document(
        BODY,
        ("5 Conclusion", "It works."),
        ("5 Conclusion", "Acknowledgments. We thank Ann."),
        ("5 Conclusion", "This work was funded by grant 7."),
        ("5 Conclusion", "Data availability. All data are open."),
    )
    assert find_acknowledgements(parts) == "We thank Ann. This work was funded by grant 7."
    assert find_acknowledgements(document(("", "Финансирование. Работа поддержана грантом 5."))).startswith("Работа")


def test_plain_thanks_at_the_end_or_in_a_footnote() -> None:
    parts = document(BODY, ("5 Conclusion", "It works."), ("5 Conclusion", "We thank Ann and Bob."))
    assert find_acknowledgements(parts) == "We thank Ann and Bob."
    noted = document(BODY, ("", "∗ This work was supported by grant 7.", "footnote"))
    assert find_acknowledgements(noted) == "∗ This work was supported by grant 7."


def test_none() -> None:
    assert find_acknowledgements(document(BODY, ("2 Funding rounds", "Firms were funded."))) == ""
