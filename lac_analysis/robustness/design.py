"""What the tests can see on this design: power, size, negative and positive controls."""

from collections.abc import Callable
from importlib import import_module

import numpy as np
import pandas as pd

from lac_analysis import claims, panel
from lac_analysis.claims import plan as plans
from lac_analysis.claims import strained
from lac_analysis.claims.finding import Finding, NotTestable
from lac_analysis.panel import Selection
from lac_analysis.stats import histories, power, proportions, randomisation, spells, trend
from lac_analysis.stats.randomisation import permutation_p
from lac_analysis.stats.uniformity import uniformity
from lac_analysis.tables import Tables

_DRAWS = 1999  # assignments in each test of a control
_STEPS = 13  # effects at which power is simulated


def findings(tables: Tables, selections: dict[str, Selection], *, seed: int) -> dict[str, Finding]:
    """Each claim's primary test on its sample, without specifications; not testable ones say why.
    """
    found = {}
    for name, claim in plans.load().items():
        module = import_module(f"lac_analysis.claims.{name}")
        try:
            tested = claims.primary(module.test, tables, selections[name], seed, claim.options)
            found[name] = tested.replace(claim=name, sesoi=claim.sesoi)
        except NotTestable as reason:
            found[name] = Finding(
                estimate=None, low=None, high=None, interval_method="", p=None, p_method="", null_value=None,
                n_countries=0, n_places=0, n_engagements=0, claim=name, sesoi=claim.sesoi, not_testable=str(reason),
            )  # fmt: skip
    return found


class Design:
    """The observed data behind the tests of growth, authority and strained, in the form that
    simulation needs.
    """

    def __init__(self, tables: Tables, selections: dict[str, Selection], found: dict[str, Finding]):
        self.found = {name: f for name, f in found.items() if not f.not_testable}
        self.names = [name for name in ("growth", "authority", "strained") if name in self.found]
        if "authority" in self.names:
            table = panel.countries(tables, selections["authority"])
            self.events, self.people = (
                table[name].to_numpy(dtype=float) for name in ("engagements", "population")
            )
            self.labelled = int(table["federal"].sum())
        if "strained" in self.names:
            claim = plans.load()["strained"].primary
            cells = panel.country_cells(tables, selections["strained"])
            self.cells, self.cell_people = (
                cells.pivot(index="iso3", columns="year", values=name).to_numpy(dtype=float)
                for name in ("engagements", "population")
            )
            self.label = strained.labels(tables, selections["strained"], claim["definition"])
        if "growth" in self.names:
            self.yearly = self.found["growth"].detail["yearly"]["engagements"]
            main = self.found["growth"].detail["trends"]["engagements"]
            self.years, self.dispersion = main.years, main.alpha

    def power(self, name: str, designs: int, seed: int) -> Callable[[float], float]:
        """Share of so many simulated data sets that the claim's test rejects, by the ratio planted
        in them.
        """
        if name == "authority":
            return power.label_power(
                self.events, self.people, self.labelled, designs=designs, seed=seed
            )
        if name == "strained":
            return power.history_power(
                self.cells, self.cell_people, self.label, designs=designs, seed=seed
            )
        return power.trend_power(
            self.years, float(self.yearly.sum()), self.dispersion, designs=designs, seed=seed
        )


def curves(design: Design, *, designs: int, seed: int) -> pd.DataFrame:
    """Power by planted ratio: claim, ratio, in_sesoi (log ratio over that of the SESOI), power,
    designs.

    The first row of a claim is a ratio of one: its power is the size of the test.
    """
    rows = []
    for name in design.names:
        finding = design.found[name]
        top = (
            finding.smallest_detectable
            if np.isfinite(finding.smallest_detectable or np.inf)
            else finding.sesoi**10
        )
        most = max(1.25 * np.log(top), 1.5 * np.log(finding.sesoi))
        size = design.power(name, 4 * designs, seed)(1.0)  # it is near 0.05, and needs more
        rows.append((name, 1.0, 0.0, size, 4 * designs))
        found = design.power(name, designs, seed)
        for log_ratio in np.linspace(0, most, _STEPS)[1:]:
            ratio = float(np.exp(log_ratio))
            rows.append((name, ratio, log_ratio / np.log(finding.sesoi), found(ratio), designs))
    return pd.DataFrame(rows, columns=["claim", "ratio", "in_sesoi", "power", "designs"])


def summary(found: dict[str, Finding], power_curves: pd.DataFrame) -> pd.DataFrame:
    """One row a claim: SESOI, smallest effect found with 80 % power, and size of the test at alpha
    0.05 (how known).
    """
    simulated = power_curves[power_curves["ratio"] == 1].set_index("claim")["power"]
    rows = []
    for name, finding in found.items():
        size, how = _exact_size(name, finding)
        if name in simulated:
            size, how = float(simulated[name]), "simulated on the observed design"
        rows.append(
            (name, finding.sesoi, finding.smallest_detectable, size, how, finding.not_testable)
        )
    columns = ["claim", "sesoi", "smallest_detectable", "size", "how", "not_testable"]
    return pd.DataFrame(rows, columns=columns)


def _exact_size(name: str, finding: Finding, alpha: float = 0.05) -> tuple[float, str]:
    """Chance of p at or below alpha where there is no effect, where it can be computed; NaN
    elsewhere.
    """
    if finding.not_testable or finding.p is None:
        return np.nan, ""
    claim = plans.load()[name]
    if name in ("reach", "not_new"):
        from scipy import stats

        n = finding.n_countries
        null = claim.null_value if name == "reach" else claim.null_value / n
        side = "two-sided" if name == "reach" else "greater"
        p = [proportions.proportion(k, n, null=null, alternative=side).p for k in range(n + 1)]
        return float(
            stats.binom.pmf(np.arange(n + 1), n, null)[np.array(p) <= alpha].sum()
        ), "exact"
    if name == "tiers":
        totals = {column: (finding.detail["late"][column], finding.detail["early"][column])
                  for column in ("gcdf_projects", "cgit_deals")}  # fmt: skip
        sizes = [
            power.rate_ratio_power(
                float(early.sum()), len(late), len(early), claim.null_value, null=claim.null_value
            )
            for late, early in totals.values()
        ]
        return float(np.max(sizes)), "exact, the larger of the two series"
    if name == "web":
        null = finding.detail["tests"][finding.parameters.get("two_or_more", "actor_type")].null
        p = [permutation_p(value, null, exact=False) for value in null[:500]]
        return float(np.mean(np.array(p) <= alpha)), "over the random networks themselves"
    if name == "twinning":
        null = finding.detail["tests"]["any earlier engagement"].null
        tails = np.minimum(null.cumsum(), null[::-1].cumsum()[::-1])
        return float(null[2 * tails <= alpha].sum()), "exact"
    return np.nan, ""


def negative(design: Design, *, tests: int, seed: int) -> pd.DataFrame:
    """p-values of the suite's own tests on labels that should not matter: control, p; one row a
    test.

    Random labels for as many countries as are federal; the half of the countries that comes next in
    the alphabet, from
    each country on (these overlap); recognition histories handed around at random; years shuffled.
    """
    rng = np.random.default_rng(seed)
    found: dict[str, list[float]] = {}
    if "authority" in design.names:
        n = len(design.events)
        random = [
            np.isin(np.arange(n), rng.permutation(n)[: design.labelled]) for _ in range(tests)
        ]
        halves = [(np.arange(n) - start) % n < n // 2 for start in range(n)]
        for name, labels in (
            ("authority, random labels", random),
            ("authority, alphabetical halves", halves),
        ):
            found[name] = [_label_p(design, label, seed + i) for i, label in enumerate(labels)]
    if "strained" in design.names:
        found["strained, histories handed around"] = [
            _history_p(design, 1.0, rng)[1] for _ in range(tests)
        ]
    if "growth" in design.names:
        counts = design.yearly.to_numpy()
        shuffled = np.array([rng.permutation(counts) for _ in range(tests)])
        found["growth, years shuffled"] = trend.count_trends(design.years, shuffled)[1]
    rows = [(name, p) for name, values in found.items() for p in values if np.isfinite(p)]
    return pd.DataFrame(rows, columns=["control", "p"])


def uniform(controls: pd.DataFrame) -> pd.DataFrame:
    """One row a negative control: tests, share at or below 0.05 with exact interval,
    Kolmogorov-Smirnov p.
    """
    rows = []
    for name, part in controls.groupby("control", sort=False):
        result = uniformity(part["p"])
        rows.append((name, result.n, result.size.estimate, *result.size.interval, result.ks_p))
    return pd.DataFrame(rows, columns=["control", "tests", "size", "low", "high", "ks_p"])


def planted(design: Design, *, tests: int, seed: int) -> pd.DataFrame:
    """The positive control: effects of the size said to be found with 80 % power, planted in the
    data and tested anew.

    Columns: claim, planted, recovered (median estimate), detected (share with p at or below 0.05),
    low, high (its exact
    interval), stated. Random numbers are others than those that gave the size.
    """
    rng = np.random.default_rng(seed + 1)
    rows = []
    for name in design.names:
        ratio = design.found[name].smallest_detectable
        if ratio is None or not np.isfinite(ratio):
            continue
        results = _planted(design, name, ratio, tests, rng)
        share = proportions.proportion(int((results[:, 1] <= 0.05).sum()), tests)
        rows.append(
            (name, ratio, float(np.nanmedian(results[:, 0])), share.estimate, *share.interval, 0.8)
        )
    return pd.DataFrame(
        rows, columns=["claim", "planted", "recovered", "detected", "low", "high", "stated"]
    )


def _planted(design: Design, name: str, ratio: float, tests: int, rng) -> np.ndarray:
    """Estimate and p of data sets with the effect in it, (tests, 2)."""
    if name == "growth":
        mean = ratio ** (design.years - design.years.mean())
        mean = mean * design.yearly.sum() / mean.sum()
        alpha, size = design.dispersion, (tests, len(mean))
        counts = (
            rng.negative_binomial(1 / alpha, 1 / (1 + alpha * mean), size)
            if alpha > 0
            else rng.poisson(mean, size)
        )
        return np.column_stack(trend.count_trends(design.years, counts))
    return np.array([_planted_once(design, name, ratio, rng) for _ in range(tests)])


def _planted_once(design: Design, name: str, ratio: float, rng) -> tuple[float, float]:
    if name == "authority":
        n = len(design.events)
        label = np.isin(np.arange(n), rng.permutation(n)[: design.labelled])
        events = design.events * np.where(label, ratio, 1.0)
        test = randomisation.label_test(
            events,
            design.people,
            label,
            max_assignments=1,
            draws=_DRAWS,
            seed=int(rng.integers(2**31)),
        )
        return test.statistic, test.p
    return _history_p(design, ratio, rng)


def _label_p(design: Design, label, seed: int) -> float:
    return randomisation.label_test(
        design.events, design.people, label, max_assignments=1, draws=_DRAWS, seed=seed
    ).p


def _history_p(design: Design, ratio: float, rng) -> tuple[float, float]:
    """Ratio and p of the spell test with histories handed out at random and events of labelled
    cells multiplied.
    """
    label = design.label[rng.permutation(len(design.label))]
    events = design.cells * np.where(label == 1, ratio, 1.0)
    own = np.arange(len(label))
    orders = np.vstack([own, rng.permuted(np.tile(own, (199, 1)), axis=1)])
    events, people, label = spells.checked_panel(events, design.cell_people, label)
    sums = histories.sums(label, [events, people], orders)
    (log_ratio,), (p,) = spells.drawn_tests(*sums[:, :, :, None].swapaxes(0, 1))
    return float(np.exp(log_ratio)), float(p)
