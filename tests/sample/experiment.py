"""Experiment of the sample paper: how many labels does fixed-sequence testing need to certify an abstaining judge?

Writes results.json beside this file; paper.py takes every number of the paper from there. The run is seeded: the same
versions of numpy and scipy give the same bytes.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binom

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Score = dict[str, float]
Cells = dict[int, dict[str, dict[str, Score]]]  # size → target → method

RESULTS = Path(__file__).with_name("results.json")
SEED = 20240726
RUNS = 10_000
CHECK_RUNS = 2_000
CHECK_SIZE = 200
DELTA = 0.1
TARGETS = (0.90, 0.85)
GRID_STEPS = 50
ITEMS = 100_000
MAIN_SIZE = 500
START_SHARE = 0.2
START_LABELS_FACTOR = 2
NEAR_ORACLE = 0.95
SIZES = (*range(50, 1001, 50), *range(1100, 2001, 100), *range(2250, 5001, 250), *range(6000, 20001, 1000))
CURVE_SIZES = (50, 100, 150, 200, 300, 400, 500, 700, 1000, 1400, 2000, 3000, 5000, 10_000, 20_000)
STARTS = tuple(range(2, 61, 2))

PARAMETERS: dict[str, dict[str, Any]] = {
    "calibrated": {"scale": 0.5, "power": 2},
    "overconfident": {"floor": 0.05, "slope": 0.22, "stated_part": 0.25},
    "coarse": {"shares": [0.30, 0.20, 0.20, 0.15, 0.15], "stated": [1.00, 0.95, 0.90, 0.80, 0.70]},
    "blind_spot": {"share": 0.05, "error": 0.30},
}


@dataclass(frozen=True)
class Judge:
    """A population cut into blocks by the thresholds, the most confident block first. All arrays have one cell a block.

    share: part of the population; error: rate of disagreement with people; stated: mean confidence the judge reports.
    """

    share: Floats
    error: Floats
    stated: Floats

    @property
    def coverage(self) -> Floats:
        """Share of the population at or above each threshold."""
        return np.round(np.cumsum(self.share), 9)

    @property
    def risk(self) -> Floats:
        """Error rate among all items at or above each threshold."""
        return np.cumsum(self.share * self.error) / np.cumsum(self.share)

    def oracle(self, target: float) -> float:
        """Coverage of the widest threshold that truly keeps the target."""
        return float(self.coverage[self.risk <= tolerated(target)][-1])


def tolerated(target: float) -> float:
    """The error rate alpha that a promised agreement leaves, without the rounding error of 1 - 0.9."""
    return round(1 - target, 9)


def judges() -> dict[str, Judge]:
    """The four judges. `rank` 0 is the item the judge is most confident of, 1 the least."""
    rank = (np.arange(ITEMS) + 0.5) / ITEMS
    even = np.full(GRID_STEPS, 1 / GRID_STEPS)
    p = PARAMETERS["calibrated"]
    rising = p["scale"] * rank ** p["power"]
    over = PARAMETERS["overconfident"]
    flat = over["floor"] + over["slope"] * rank
    blind = PARAMETERS["blind_spot"]
    coarse = PARAMETERS["coarse"]
    shares = np.array(coarse["shares"])
    return {
        "calibrated": Judge(even, blocks(rising, even), blocks(1 - rising, even)),
        "overconfident": Judge(even, blocks(flat, even), blocks(1 - over["stated_part"] * flat, even)),
        "coarse": Judge(shares, blocks(rising, shares), np.array(coarse["stated"])),
        "blind_spot": Judge(
            even, blocks(np.where(rank < blind["share"], blind["error"], rising), even), blocks(1 - rising, even)
        ),
    }


def blocks(per_item: Floats, share: Floats) -> Floats:
    """Mean of a per-item quantity in each block."""
    edges = np.rint(np.cumsum(share) * ITEMS).astype(int)[:-1]
    return np.array([part.mean() for part in np.split(per_item, edges)])


def allowed_errors(size: int, alpha: float, level: float) -> Ints:
    """For m = 0…size labels: the most errors with which H0 "error rate > alpha" is still rejected (-1: never).

    The p-value is the binomial tail P(Bin(m, alpha) ≤ errors); p ≤ level is the same event as a one-sided
    Clopper–Pearson bound (1934) of at most alpha.
    """
    m = np.arange(size + 1)
    guess = binom.ppf(level, m, alpha).astype(int)  # smallest k with cdf(k) >= level, so the answer is k or k - 1
    fits = binom.cdf(guess, m, alpha) <= level
    most = np.where(fits, guess, guess - 1)
    most[0] = -1
    return most


def draw(judge: Judge, size: int, runs: int, seed: tuple[int, ...]) -> tuple[Ints, Ints]:
    """Labels and errors at or above each threshold, both (runs, thresholds), for `runs` calibration sets of `size`."""
    rng = np.random.default_rng(seed)
    labels = rng.multinomial(size, judge.share, size=runs)
    errors = rng.binomial(labels, judge.error)
    return labels.cumsum(axis=1), errors.cumsum(axis=1)


def widest(passed: NDArray[np.bool_]) -> Ints:
    """Index of the widest threshold that passes, wherever it lies (-1: none)."""
    last = passed.shape[1] - 1 - passed[:, ::-1].argmax(axis=1)
    return np.where(passed.any(axis=1), last, -1)


def walk(passed: NDArray[np.bool_], start: int) -> Ints:
    """Walk from threshold `start` towards wider ones, stop at the first failure; index of the last pass (-1: none)."""
    tail = passed[:, start:]
    steps = np.where(tail.all(axis=1), tail.shape[1], (~tail).argmax(axis=1))
    return np.where(steps > 0, start + steps - 1, -1)


def fewest_labels(target: float, errors: int = 0) -> int:
    """Fewest labels with which a set that holds so many errors is certified."""
    return int(np.argmax(allowed_errors(1000, tolerated(target), DELTA) >= errors))


def start_index(judge: Judge, size: int, target: float) -> int:
    """Our late start, fixed before any label is seen: a fifth of the items, or more when labels are few."""
    share = max(START_SHARE, START_LABELS_FACTOR * fewest_labels(target) / size)
    return min(int(np.searchsorted(judge.coverage, share - 1e-9)), len(judge.share) - 1)


def choose(judge: Judge, size: int, target: float, labels: Ints, errors: Ints) -> dict[str, Ints]:
    """The threshold index that each method picks in each run (-1: abstain on everything)."""
    alpha = tolerated(target)
    start = start_index(judge, size, target)
    point = (labels > 0) & (errors <= alpha * labels + 1e-9)
    tested = errors <= allowed_errors(size, alpha, DELTA)[labels]
    split = errors <= allowed_errors(size, alpha, DELTA / len(judge.share))[labels]
    claimed = np.cumsum(judge.share * judge.stated) / np.cumsum(judge.share)
    return {
        "stated": np.full(len(labels), widest((claimed >= target)[None, :])[0]),
        "plug_in": widest(point),
        "point_walk": walk(point, start),
        "bonferroni": widest(split),
        "sequence_top": walk(tested, 0),
        "sequence": walk(tested, start),
    }


def score(judge: Judge, picked: Ints, target: float) -> Score:
    """Means over the runs: promise broken, coverage, abstained on everything (which breaks no promise)."""
    broken = (picked >= 0) & (judge.risk[picked] > tolerated(target))
    coverage = np.where(picked >= 0, judge.coverage[picked], 0.0)
    parts = {"broken": broken, "coverage": coverage, "empty": picked < 0}
    return {name: round(float(values.mean()), 4) for name, values in parts.items()}


def cell(judge: Judge, order: int, size: int, runs: int) -> dict[str, dict[str, Score]]:
    """Scores of every method for one judge and one calibration size: target → method → score."""
    labels, errors = draw(judge, size, runs, (SEED, order, size))
    return {
        f"{target:.2f}": {
            method: score(judge, picked, target)
            for method, picked in choose(judge, size, target, labels, errors).items()
        }
        for target in TARGETS
    }


def start_sweep(judge: Judge, order: int) -> list[float]:
    """Mean coverage of fixed-sequence testing at MAIN_SIZE labels, first target, for each start in STARTS."""
    labels, errors = draw(judge, MAIN_SIZE, RUNS, (SEED, order, MAIN_SIZE))
    tested = errors <= allowed_errors(MAIN_SIZE, tolerated(TARGETS[0]), DELTA)[labels]
    found = []
    for percent in STARTS:
        start = int(np.searchsorted(judge.coverage, percent / 100 - 1e-9))
        found.append(score(judge, walk(tested, start), TARGETS[0])["coverage"])
    return found


def labels_needed(coverage: list[float], goal: float) -> int | None:
    """Smallest size from which the mean coverage stays at or above the goal; None when even the largest is short."""
    short = [size for size, value in zip(SIZES, coverage, strict=True) if value < goal]
    later = [size for size in SIZES if not short or size > short[-1]]
    return later[0] if later else None


def summary(judge: Judge, cells: Cells) -> dict[str, object]:
    """For each target: oracle coverage, slack there, labels the valid methods need, sizes at which Bonferroni leads."""
    found: dict[str, object] = {}
    for target in TARGETS:
        best = judge.oracle(target)
        near = int(np.searchsorted(judge.coverage, NEAR_ORACLE * best - 1e-9))
        curves = {m: [cells[n][f"{target:.2f}"][m]["coverage"] for n in SIZES] for m in ("sequence", "bonferroni")}
        found[f"{target:.2f}"] = {
            "oracle": round(best, 4),
            "slack": round(float(tolerated(target) - judge.risk[near]), 4),
            "needed": {method: labels_needed(curve, NEAR_ORACLE * best) for method, curve in curves.items()},
            "bonferroni_leads": [
                n for n, s, b in zip(SIZES, curves["sequence"], curves["bonferroni"], strict=True) if b > s
            ],
        }
    return found


def worst(cells: dict[str, Cells]) -> dict[str, float]:
    """Largest share of broken promises of each method over all judges, sizes and targets."""
    scores = [methods for by_size in cells.values() for targets in by_size.values() for methods in targets.values()]
    return {method: max(methods[method]["broken"] for methods in scores) for method in scores[0]}


def setup() -> dict[str, object]:
    """Everything that was chosen before the run."""
    return {
        "seed": SEED,
        "runs": RUNS,
        "delta": DELTA,
        "targets": TARGETS,
        "grid_steps": GRID_STEPS,
        "main_size": MAIN_SIZE,
        "start_share": START_SHARE,
        "start_labels_factor": START_LABELS_FACTOR,
        "near_oracle": NEAR_ORACLE,
        "sizes": SIZES,
        "judges": PARAMETERS,
        "fewest_labels": {f"{t:.2f}": [fewest_labels(t, errors) for errors in (0, 1)] for t in TARGETS},
    }


def small_check() -> dict[str, object]:
    """The same computation on a few runs; the test repeats it and compares."""
    return {name: cell(judge, order, CHECK_SIZE, CHECK_RUNS) for order, (name, judge) in enumerate(judges().items())}


def main() -> None:
    population = judges()
    cells = {
        name: {n: cell(judge, order, n, RUNS) for n in SIZES} for order, (name, judge) in enumerate(population.items())
    }
    results = {
        "setup": setup(),
        "judges": {
            name: {
                "agreement": round(1 - float(judge.risk[-1]), 4),
                "stated": round(float((judge.share * judge.stated).sum()), 4),
                "thresholds": len(judge.share),
                "targets": summary(judge, cells[name]),
            }
            for name, judge in population.items()
        },
        "worst_broken": worst(cells),
        "cells": {name: {n: by_size[n] for n in CURVE_SIZES} for name, by_size in cells.items()},
        "start_sweep": {
            "percent": STARTS,
            "coverage": {name: start_sweep(judge, order) for order, (name, judge) in enumerate(population.items())},
        },
        "check": small_check(),
    }
    RESULTS.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
