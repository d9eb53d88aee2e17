"""What the sample paper says: numbers from results.json for its template, a condition for every claim in words."""

HIGH, LOW = 0.90, 0.85
JUNG_START = 30  # SelectiveClassificationUtil in github.com/jaehunjung1/cascaded-selective-evaluation
JUDGES = {
    "calibrated": "Calibrated",
    "overconfident": "Over-confident",
    "coarse": "Coarse",
    "blind_spot": "Blind spot",
}
METHODS = {
    "stated": "Stated confidence",
    "plug_in": "Plug-in",
    "point_walk": "Point walk, late start",
    "bonferroni": "Bonferroni",
    "sequence_top": "Fixed sequence, top start",
    "sequence": "Fixed sequence, late start",
}


class ClaimBroken(Exception):
    """The prose says something that the results no longer show. Mend: reword paper.html, then the claim here."""


class Facts:
    """Names under which the template, the claims, the tables and the figures read results.json."""

    def __init__(self, results: dict) -> None:
        self.results = results
        self.setup = results["setup"]
        self.judge = results["judges"]
        self.n: int = self.setup["main_size"]
        self.largest: int = self.setup["sizes"][-1]
        self.percents: list[int] = results["start_sweep"]["percent"]

    def cell(self, judge: str, size: int | None = None, target: float = HIGH) -> dict[str, dict[str, float]]:
        return self.results["cells"][judge][str(size or self.n)][f"{target:.2f}"]

    def target(self, judge: str, target: float = HIGH) -> dict:
        return self.judge[judge]["targets"][f"{target:.2f}"]

    def need(self, judge: str, target: float, method: str = "sequence") -> int | None:
        return self.target(judge, target)["needed"][method]

    def slack(self, judge: str, target: float = HIGH) -> float:
        return self.target(judge, target)["slack"]

    def oracle(self, judge: str, target: float = HIGH) -> float:
        return self.target(judge, target)["oracle"]

    def sweep(self, judge: str, percent: int) -> float:
        return self.results["start_sweep"]["coverage"][judge][self.percents.index(percent)]

    def best_start(self, judge: str) -> int:
        return max(self.percents, key=lambda percent: self.sweep(judge, percent))

    def best_coverage(self, judge: str) -> float:
        return self.sweep(judge, self.best_start(judge))

    @property
    def leads(self) -> list[int]:
        return self.target("blind_spot")["bonferroni_leads"]

    @property
    def jung_percent(self) -> int:
        return round(100 * JUNG_START / self.n)

    @property
    def flat(self) -> list[int]:
        """Starts with which the calibrated judge stays within one percentage point of its best."""
        best = self.best_coverage("calibrated")
        return [percent for percent in self.percents if self.sweep("calibrated", percent) >= best - 0.01]

    @property
    def coincide_from(self) -> int:
        """Fewest labels of the stored cells from which both starts give the same result for the coarse judge."""
        sizes = [int(size) for size in self.results["cells"]["coarse"]]
        differ = [s for s in sizes if self.cell("coarse", s)["sequence"] != self.cell("coarse", s)["sequence_top"]]
        return next(size for size in sizes if size > max(differ, default=0))

    def gain(self, other: str) -> float:
        return self.cell("calibrated")["sequence"]["coverage"] - self.cell("calibrated")[other]["coverage"]

    def names(self) -> dict[str, object]:
        """The template's variables."""
        setup, agreement = self.setup, [judge["agreement"] for judge in self.judge.values()]
        small = [self.cell(judge, setup["sizes"][0]) for judge in JUDGES]
        coarse = setup["judges"]["coarse"]
        return {
            **{name: setup[name] for name in ("runs", "delta", "sizes")},
            **{name: getattr(self, name) for name in ("n", "largest", "judge", "need", "slack", "oracle", "sweep")},
            **{name: getattr(self, name) for name in ("best_start", "best_coverage", "leads", "jung_percent")},
            **{"c": self.cell, "high": HIGH, "low": LOW, "jung_start": JUNG_START, "coarse": coarse},
            "worst": self.results["worst_broken"],
            "near": setup["near_oracle"],
            "grid": setup["grid_steps"],
            "first_share": 1 / setup["grid_steps"],
            "start": setup["start_share"],
            "factor": setup["start_labels_factor"],
            "factor_word": {2: "twice", 3: "three times"}[setup["start_labels_factor"]],
            "fewest": lambda target: setup["fewest_labels"][f"{target:.2f}"],
            "cal": setup["judges"]["calibrated"],
            "over": setup["judges"]["overconfident"],
            "blind": setup["judges"]["blind_spot"],
            "lowest_agreement": min(agreement),
            "highest_agreement": max(agreement),
            "standard_error": (setup["delta"] * (1 - setup["delta"]) / setup["runs"]) ** 0.5,
            "start_gain": self.gain("sequence_top"),
            "correction_gain": self.gain("bonferroni"),
            "flat_from": self.flat[0],
            "flat_to": self.flat[-1],
            "coarse_fallback": sum(coarse["shares"][:2]),
            "best_small": max(
                cell[m]["coverage"] for cell in small for m in ("sequence", "sequence_top", "bonferroni")
            ),
        }


def claims(f: Facts) -> dict[str, bool]:
    """What paper.html says in words, each with the condition under which it is true."""
    worst, delta = f.results["worst_broken"], f.setup["delta"]
    cal, late, blind = f.cell("calibrated"), f.cell("calibrated", 2000), f.cell("blind_spot")
    others = [judge for judge in JUDGES if judge != "calibrated"]
    sizes = f.setup["sizes"]
    led = sizes[sizes.index(f.leads[0]) : sizes.index(f.leads[-1]) + 1]
    slacks = {(judge, target): f.slack(judge, target) for judge in JUDGES for target in (HIGH, LOW)}
    return {
        "methods with a guarantee keep it": max(worst[m] for m in ("sequence", "sequence_top", "bonferroni")) <= delta,
        "thresholds from raw agreement break the promise": min(worst["plug_in"], worst["point_walk"]) > 4 * delta,
        "plug-in fails the most among them": worst["plug_in"] >= worst["point_walk"],
        "plug-in is close to a coin toss": 0.4 < cal["plug_in"]["broken"] < 0.6,
        "more labels help plug-in little": late["plug_in"]["broken"] > 0.4,
        "walking does not repair the point estimate": cal["point_walk"]["broken"] > 0.4,
        "stated confidence keeps the promise when calibrated": cal["stated"]["broken"] == 0,
        "stated confidence breaks it otherwise": all(f.cell(judge)["stated"]["broken"] == 1 for judge in others),
        "the start matters more than the correction": f.gain("sequence_top") > 2 * f.gain("bonferroni") > 0,
        "the top start certifies almost nothing": cal["sequence_top"]["empty"] > 0.99,
        "the top start recovers": abs(
            f.cell("calibrated", 2000)["sequence_top"]["coverage"] - late["sequence"]["coverage"]
        )
        < 0.01,
        "the two starts coincide for the coarse judge": f.cell("coarse")["sequence"]
        == f.cell("coarse")["sequence_top"],
        "few thresholds bring the plug-in failures down": min(JUDGES, key=lambda j: f.cell(j)["plug_in"]["broken"])
        == "coarse",
        "forgiving starts are contiguous": f.flat == [p for p in f.percents if f.flat[0] <= p <= f.flat[-1]],
        "skipping 30 items suits the calibrated judge": f.sweep("calibrated", f.jung_percent)
        > 0.9 * f.best_coverage("calibrated"),
        "but not the over-confident one": f.sweep("overconfident", f.jung_percent)
        < 0.5 * f.best_coverage("overconfident"),
        "one error ends a walk at 30 labels": all(a <= JUNG_START < b for a, b in [f.setup["fewest_labels"]["0.90"]]),
        "the over-confident judge is never there at 90%": f.need("overconfident", HIGH) is None,
        "but is at 85%, with more slack": f.need("overconfident", LOW) is not None
        and f.slack("overconfident", LOW) > f.slack("overconfident", HIGH),
        "the over-confident judge has the least slack": min(slacks, key=slacks.__getitem__) == ("overconfident", HIGH),
        "the coarse judge has the largest slack": all(
            max(JUDGES, key=lambda judge: f.slack(judge, target)) == "coarse" for target in (HIGH, LOW)
        ),
        "yet needs no fewer labels than the calibrated one": f.need("coarse", HIGH) >= f.need("calibrated", HIGH),
        "the sequence is cheaper than Bonferroni": all(
            (f.need(judge, target) or f.largest) <= (f.need(judge, target, "bonferroni") or f.largest)
            for judge in JUDGES
            for target in (HIGH, LOW)
        ),
        "Bonferroni leads in one stretch": f.leads == led and f.leads[0] <= 1000 and f.leads[-1] >= 2000,
        "more labels do not help from the top": f.cell("blind_spot", f.largest)["sequence_top"]["coverage"] < 0.001,
        "fewer labels can be better for the blind spot": f.cell("blind_spot", 100)["sequence"]["coverage"]
        > f.cell("blind_spot", 200)["sequence"]["coverage"],
        "a later start rescues the blind spot": f.best_coverage("blind_spot")
        > max(blind["bonferroni"]["coverage"], f.cell("blind_spot", 1000)["bonferroni"]["coverage"])
        and f.best_start("blind_spot") > 100 * f.setup["start_share"],
        "no judge can be promised without abstaining": all(judge["agreement"] < LOW for judge in f.judge.values()),
        "no method is worth running on the smallest set": f.names()["best_small"] < 0.05,
    }


def check(facts: Facts) -> None:
    broken = [claim for claim, holds in claims(facts).items() if not holds]
    if broken:
        raise ClaimBroken("; ".join(broken))
