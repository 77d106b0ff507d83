"""Claim 10: does state-to-state and company-to-state coordination stay extensive?"""

import numpy as np
import pandas as pd
from scipy import stats

from lac_analysis import charts, panel
from lac_analysis.claims import verdict
from lac_analysis.claims.finding import Finding, NotTestable, Result, show
from lac_analysis.claims.picture import draw, drawn
from lac_analysis.claims.plan import Plan
from lac_analysis.errors import InputError
from lac_analysis.selection import Selection
from lac_analysis.stats import rates
from lac_analysis.stats.estimate import Estimate, two_sided_p
from lac_analysis.tables import Tables

VOLUMES = {"gcdf_projects": "AidData projects", "cgit_deals": "CGIT deals"}
MONEY = {
    "gcdf_projects": ("gcdf_usd2021", "AidData money (2021 USD)"),
    "cgit_deals": ("cgit_usd_million", "CGIT money (USD)"),
}
VISITS = "prc_leader_visits"  # never above 1: a country-year with a visit, not a number of visits
SIMULATIONS = 200


def table(
    tables: Tables, selection: Selection, *, years: int, without_2020: bool
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Volumes by year of the last `years` years of the window, and of the `years` before: columns
    gcdf_projects and cgit_deals (numbers), and the money of each. 2020 is left out of its period.

    Raises NotTestable where a source does not cover a year, and InputError for fewer than 2 years.
    """
    if years < 2:
        raise InputError("parameter years", value=years, expected="2 or more")
    first, last = selection.window_end - 2 * years + 1, selection.window_end
    for column, name in VOLUMES.items():
        known = tables.country_year.dropna(subset=column)["year"]
        if first < known.min() or last > known.max():
            raise NotTestable(
                f"the two periods need every year from {first} to {last}; {name} are known for "
                f"{known.min()} to {known.max()}"
            )
    if first < selection.window_start:
        window = span(selection.years)
        raise NotTestable(f"two periods of {years} years do not fit in the window, {window}")
    table = panel.years(tables, selection).loc[first:]
    if without_2020:
        table = table.drop(index=2020, errors="ignore")
    for column, name in VOLUMES.items():
        if table[column].sum() == 0:
            raise NotTestable(f"no {name} from {first} to {last} in the countries selected")
    return table.loc[first + years :], table.loc[: first + years - 1]


def ratios(late: pd.DataFrame, early: pd.DataFrame, plan: Plan) -> dict[str, Estimate]:
    """Exact ratio of the two rates of each series, the later over the earlier."""
    return {
        column: rates.rate_ratio(*_totals(late[column], early[column]), level=plan.level)
        for column in VOLUMES
    }


def estimate(tables: Tables, selection: Selection, **choices) -> float:
    """The smaller ratio, of projects or deals a year, later over before; `choices` of `table`."""
    late, early = table(tables, selection, **choices)
    return min(rates.ratio(late[column].mean(), early[column].mean()) for column in VOLUMES)


def analyse(tables: Tables, selection: Selection, plan: Plan, *, seed: int, **choices) -> Finding:
    """The steps of notebook 10. `choices` as in `table`."""
    late, early = table(tables, selection, **choices)
    exact, power = ratios(late, early, plan), design(late, early, plan, seed=seed)
    yearly, n = panel.years(tables, selection), len(panel.countries(tables, selection))
    return finding(late, early, exact, power, yearly, n, plan)


def p_of_both(late: pd.DataFrame, early: pd.DataFrame, margin: float) -> float:
    """One-sided exact p that both ratios exceed the margin (Berger 1982, Technometrics 24)."""
    totals = [_totals(late[column], early[column]) for column in VOLUMES]
    return max(rates.rate_ratio(*t, null=margin, alternative="greater").p for t in totals)


def finding(
    late: pd.DataFrame, early: pd.DataFrame, exact: dict[str, Estimate], power: pd.DataFrame,
    yearly: pd.DataFrame, n_countries: int, plan: Plan,
) -> Finding:  # fmt: skip
    """The finding: the smaller ratio, with overdispersion, money and visits beside it.

    late, early : of `table`.   exact : of `ratios`.   power : of `design`.   yearly : all years of
    the window.
    """
    secondary, holds = [], []
    for column, name in VOLUMES.items():
        after, _, before, _ = _totals(late[column], early[column])
        note = f"{after:,} in {span(late.index)}, {before:,} in {span(early.index)}"
        secondary.append(_without_p(name, exact[column], note))
        ratio = rates.overdispersed_rate_ratio(late[column], early[column], level=plan.level)
        note = f"variance {ratio.dispersion:.1f} times the Poisson one"
        secondary.append(_without_p(f"{name}, allowing for overdispersion", ratio, note))
        holds.append(ratio.interval[0] > plan.null_value)
        money, name = MONEY[column]
        ratio = rates.ratio(late[money].mean(), early[money].mean())
        note = "no interval: a few large loans decide it"
        secondary.append(Result(name, ratio, unit="ratio of sums", note=note))
    return Finding.of(
        min(exact.values(), key=lambda ratio: ratio.estimate),
        power,
        interval_method="exact conditional, of the smaller ratio",
        p=p_of_both(late, early, plan.null_value),
        p_method=f"exact conditional test of two Poisson rates against {plan.null_value}, "
        "one-sided, the larger of two p",
        n_countries=n_countries,
        n_engagements=sum(ratio.n for ratio in exact.values()),
        conditions={"allowing_for_overdispersion": all(holds)},
        secondary=(*secondary, _visits(late, early, n_countries, plan.level)),
        detail={"yearly": yearly, "late": late, "early": early, "ratios": exact},
    )


def design(late: pd.DataFrame, early: pd.DataFrame, plan: Plan, *, seed: int) -> pd.DataFrame:
    """P(verdict | truth): both series with one true ratio, as spread out as they are (NB2)."""

    def draws(truth: float, rng: np.random.Generator) -> np.ndarray:
        both = [_draw(late[column], early[column], truth, plan, rng) for column in VOLUMES]
        (first, p_first, high_first), (second, p_second, high_second) = both
        high = np.where(first <= second, high_first, high_second)
        # one-sided p, so nothing contradicts
        return np.column_stack([np.minimum(first, second), np.maximum(p_first, p_second), high])

    return verdict.design(draws, plan, seed=seed)


def _draw(late: pd.Series, early: pd.Series, truth: float, plan: Plan, rng) -> tuple:
    """Exact tests of SIMULATIONS pairs of totals: estimates, p and upper limits."""
    mean, n, m = early.mean(), len(late), len(early)
    pooled = pd.concat([late / late.mean(), early / mean]) * mean
    excess = max(pooled.var() - pooled.mean(), 1e-9) / pooled.mean() ** 2  # NB2 dispersion

    def totals(rate: float, years: int) -> np.ndarray:
        spread = rng.gamma(1 / excess, excess, (SIMULATIONS, years))
        return rng.poisson(rate * spread).sum(axis=1)

    after, before = totals(truth * mean, n), totals(mean, m)
    total = np.maximum(after + before, 1)
    odds = plan.null_value * n / m  # given the total, `after` is binomial
    p = stats.binom.sf(after - 1, total, odds / (1 + odds))
    share = stats.beta.ppf((1 + plan.level) / 2, after + 1, np.maximum(total - after, 1e-9))
    high = np.where(before == 0, np.inf, share / (1 - share) * m / n)
    return (after / n) / np.maximum(before / m, 1e-9), p, high


def span(years) -> str:
    """First and last of the years, for a reader."""
    return f"{years[0]}–{years[-1]}"


def _totals(late: pd.Series, early: pd.Series) -> tuple[int, int, int, int]:
    """Count and number of years of each period, the later first."""
    return int(late.sum()), len(late), int(early.sum()), len(early)


def _without_p(name: str, ratio: Estimate, note: str) -> Result:
    """A ratio without its p against no change: the test is against the margin."""
    unit = "ratio of rates"
    return Result(name, ratio.estimate, *ratio.interval, unit=unit, n=ratio.n, note=note)


def _visits(late: pd.DataFrame, early: pd.DataFrame, n_countries: int, level: float) -> Result:
    """Odds that a country-year has a visit of a top leader, later against earlier."""
    name = "country-years with a leader's visit (odds ratio)"
    visits = np.array([late[VISITS].sum(), early[VISITS].sum()], dtype=int)
    years = n_countries * np.array([len(late), len(early)])
    note = "{} of {} country-years against {} of {}".format(*np.ravel([visits, years], "F"))
    if not visits.any():
        return Result(name, n=int(years.sum()), note=note)
    table = np.column_stack([visits, years - visits])
    ratio = stats.contingency.odds_ratio(table)
    tails = (stats.fisher_exact(table, side).pvalue for side in ("less", "greater"))
    low, high = ratio.confidence_interval(level)
    p = two_sided_p(*tails)
    return Result(name, ratio.statistic, low, high, p, "odds ratio", int(years.sum()), note)


@drawn
def draw_volumes(finding: Finding) -> charts.Picture:
    """Each series relative to its mean in the earlier period, so that both fit one axis."""
    late, early = (span(finding.detail[part].index) for part in ("late", "early"))
    base = finding.detail["early"][list(VOLUMES)].mean().rename(VOLUMES)
    wide = finding.detail["yearly"][list(VOLUMES)].rename(columns=VOLUMES)
    table = wide.reset_index().melt("year", var_name="series", value_name="number")
    table["relative"] = table["number"] / table["series"].map(base).replace(0, np.nan)
    ratios = finding.detail["ratios"]
    told = " and ".join(f"{VOLUMES[c]} ran at {show(ratios[c].estimate)} times" for c in VOLUMES)
    return draw(
        finding, "volumes", charts.series, table, "year", "relative", "series",
        mark=(finding.detail["late"].index[0] - 0.5, f"{late} begins"),
        title=f"In {late}, {told} their level of {early}",
        subtitle=f"Number a year relative to the mean of {early}",
        when=f"{finding.window[0]}–{finding.window[1]}, {finding.n_countries} countries",
        note="AidData: official finance, with COVID-19 donations in 2020; CGIT (Fall 2021): deals "
        "of about USD 100m and up.",
        alt=f"Lines of AidData projects and CGIT deals by year. In {late}, {told} their level of "
        f"{early}.",
    )  # fmt: skip
