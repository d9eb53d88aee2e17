import importlib.util
import json
import re
from math import sqrt
from typing import Any

import numpy as np
import pymupdf
import pytest
from scipy.stats import beta

from tests.sample import experiment, facts

needs_matplotlib = pytest.mark.skipif(
    importlib.util.find_spec("matplotlib") is None, reason="matplotlib is in the dev extra"
)
HEADINGS = ["Abstract", "1 Introduction", "2 Background", "3 Method", "4 Experiment", "5 Results"]
HEADINGS += ["6 Limitations", "7 Conclusion", "References"]
HERE = experiment.RESULTS.parent


@pytest.fixture(scope="module")
def results() -> dict[str, Any]:
    return json.loads(experiment.RESULTS.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def pages() -> list[str]:
    with pymupdf.open(HERE / "paper.pdf") as document:
        flags = pymupdf.TEXTFLAGS_TEXT & ~pymupdf.TEXT_PRESERVE_LIGATURES
        return [page.get_text(flags=flags) for page in document]


def test_experiment_gives_the_stored_check_values(results: dict[str, Any]) -> None:
    again, stored = experiment.small_check(), results["check"]
    assert again.keys() == stored.keys()
    for judge, targets in stored.items():
        for target, methods in targets.items():
            for method, score in methods.items():
                # Exact for the same numpy; another release may draw other numbers, so Monte Carlo error is allowed.
                near = 6 * sqrt(0.5 * 0.5 / experiment.CHECK_RUNS)
                assert again[judge][target][method] == pytest.approx(score, abs=near), (judge, target, method)


def test_a_cell_is_the_same_for_the_same_seed() -> None:
    judge = experiment.judges()["blind_spot"]
    assert experiment.cell(judge, 3, 100, 50) == experiment.cell(judge, 3, 100, 50)
    assert experiment.cell(judge, 3, 100, 50) != experiment.cell(judge, 4, 100, 50)


@pytest.mark.parametrize("alpha", [0.1, 0.15])
def test_allowed_errors_are_those_of_the_clopper_pearson_bound(alpha: float) -> None:
    for m, most in enumerate(experiment.allowed_errors(300, alpha, 0.1)):
        errors = np.arange(m)
        certified = errors[beta.ppf(0.9, errors + 1, m - errors) <= alpha]
        assert most == (certified[-1] if certified.size else -1)


def test_walk_stops_at_the_first_failure_and_widest_does_not() -> None:
    passed = np.array([[1, 1, 0, 1], [0, 1, 1, 1], [1, 1, 1, 1], [0, 0, 0, 0]], dtype=bool)
    assert experiment.walk(passed, 0).tolist() == [1, -1, 3, -1]
    assert experiment.walk(passed, 1).tolist() == [1, 3, 3, -1]
    assert experiment.widest(passed).tolist() == [3, 3, 3, -1]


def test_risk_and_oracle_of_the_calibrated_judge_match_the_closed_form() -> None:
    judge = experiment.judges()["calibrated"]  # error q²/2 at rank q, so risk Q²/6 at coverage Q
    assert judge.risk == pytest.approx(judge.coverage**2 / 6, abs=1e-6)
    assert judge.oracle(0.9) == pytest.approx(0.76)


def test_valid_methods_keep_the_promise_and_the_plug_in_does_not(results: dict[str, Any]) -> None:
    worst = results["worst_broken"]
    assert max(worst["sequence"], worst["sequence_top"], worst["bonferroni"]) <= results["setup"]["delta"]
    assert worst["plug_in"] > 0.5


def test_a_result_that_contradicts_the_prose_stops_the_paper(results: dict[str, Any]) -> None:
    changed = json.loads(json.dumps(results))
    changed["worst_broken"]["sequence"] = 0.2
    with pytest.raises(facts.ClaimBroken, match="keep it"):
        facts.check(facts.Facts(changed))
    facts.check(facts.Facts(results))


def test_template_holds_no_typed_number() -> None:
    text = (HERE / "paper.html").read_text(encoding="utf-8").split('<section id="references">')[0]
    text = re.sub(r"\{\{.*?\}\}|<h2.*?</h2>|<[^>]*>", " ", text)
    text = re.sub(r"\((?:[^()]*, )?(?:19|20)\d\d\)|(?:Table|Figure|Section) \d", " ", text)
    assert re.findall(r"[^.]{0,30}\d[^.]{0,30}", text) == []


def test_pdf_is_small_short_and_described() -> None:
    assert (HERE / "paper.pdf").stat().st_size < 300_000
    with pymupdf.open(HERE / "paper.pdf") as document:
        assert 4 <= len(document) <= 6
        assert [title for _, title, _ in document.get_toc()] == HEADINGS
        assert document.metadata["author"] == "The Razbor developers"
        assert document.metadata["title"].startswith("How Many Labels")
        fonts = [font for page in document for font in page.get_fonts()]
        assert fonts
        assert all(re.match(r"[A-Z]{6}\+STIX", name) for _, _, _, name, *_ in fonts), "an embedded subset each"


def test_pages_extract_in_reading_order(pages: list[str]) -> None:
    lines = "\n".join(pages).split("\n")
    found = [line.strip() for line in lines if line.strip() in HEADINGS]
    assert found == HEADINGS
    for number, page in enumerate(pages, start=1):
        assert page.strip().endswith(str(number))
    text = " ".join("\n".join(pages[:2]).split())
    for start, follows in (
        ("how that share grows", "2 Background"),
        ("The promise.", "The test."),
        ("4 Exp", "All judges"),
    ):
        assert 0 <= text.index(start) < text.index(follows)
    assert (
        pages[2].index("Table 1.")
        < pages[2].index("Oracle")
        < pages[2].index("Figure 1. ")
        < pages[2].index("Figure 2")
    )


def test_pdf_states_the_results(results: dict[str, Any], pages: list[str]) -> None:
    text = " ".join(" ".join(pages).split())
    f = facts.Facts(results)
    assert f"at most {100 * results['worst_broken']['sequence']:.1f}% of the runs" in text
    assert f"needs {f.need('calibrated', 0.9):,} labels and Bonferroni asks for" in text
    for judge in facts.JUDGES:
        assert f"{f.oracle(judge):.2f} " in text
        for target in (0.9, 0.85):
            row = [f"{target:.0%}", f"{f.oracle(judge, target):.2f}", f"{100 * f.slack(judge, target):.2f}"]
            assert f"{facts.JUDGES[judge]} {' '.join(row)}" in text
    for method, label in facts.METHODS.items():
        scores = [f.cell(judge)[method] for judge in facts.JUDGES]
        cells = [part for s in scores for part in (f"{100 * s['broken']:.1f}", f"{s['coverage']:.2f}")]
        assert f"{label} {' '.join(cells)}" in text


@needs_matplotlib
def test_paper_is_made_again_with_the_same_text(results: dict[str, Any], pages: list[str]) -> None:
    from tests.sample import paper

    with pymupdf.open(stream=paper.build(results), filetype="pdf") as document:
        flags = pymupdf.TEXTFLAGS_TEXT & ~pymupdf.TEXT_PRESERVE_LIGATURES
        assert [page.get_text(flags=flags) for page in document] == pages
