"""The README's tables and picture are those of the code."""

from __future__ import annotations

import pytest

from ui import readme


def test_the_readme_is_current() -> None:
    text = readme.README.read_text(encoding="utf-8")
    assert readme.renewed(text) == text, "run: python -m ui.readme"


def test_a_stale_part_is_seen_and_made_anew() -> None:
    text = "# R\n" + "".join(f"<!-- {name} -->\nold\n<!-- /{name} -->\n" for name in readme.PARTS)
    made = readme.renewed(text)
    assert made != text
    assert "`razbor digest PAPER [--again]" in made
    assert "`RAZBOR_MAX_ROUNDS`" in made
    assert "judge -.-> repair" in made
    assert readme.renewed(made) == made


def test_a_missing_mark_is_said() -> None:
    with pytest.raises(ValueError, match="commands"):
        readme.renewed("# R\n")
