from __future__ import annotations

import pytest

from pipeline.reading.references import parse_reference


@pytest.mark.parametrize(
    ("text", "year", "arxiv_id", "doi"),
    [
        ("A. Author. A title. arXiv preprint arXiv:2404.00456, 2024.", 2024, "2404.00456", ""),
        ("B. Author. A title. CoRR, abs/1301.3781, 2013.", 2013, "1301.3781", ""),
        ("C. Author. 1998. Old physics. arXiv:astro-ph/0601001.", 1998, "astro-ph/0601001", ""),
        ("D. Author. A title. Journal 12:1997-2005, 2019b. doi: 10.1000/xyz123.", 2019, "", "10.1000/xyz123"),
        ("E. Author. A title. To appear.", None, "", ""),
    ],
)
def test_year_and_ids(text: str, year: int | None, arxiv_id: str, doi: str) -> None:
    reference = parse_reference(text)
    assert (reference.year, reference.arxiv_id, reference.doi) == (year, arxiv_id, doi)
    assert reference.text == text


def test_a_quoted_title() -> None:
    assert (
        parse_reference("F. Author, “Attention is all you need,” in NIPS, 2017.").title == "Attention is all you need"
    )
