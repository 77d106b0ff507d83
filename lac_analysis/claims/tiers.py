"""Claim 10: does state-to-state and company-to-state coordination stay extensive?"""

from collections.abc import Iterator

import numpy as np
import pandas as pd
from scipy import stats

from lac_analysis import charts, panel
from lac_analysis.claims import verdict
from lac_analysis.claims.finding import Finding, Result, show
from lac_analysis.claims.picture import draw, drawn
from lac_analysis.claims.plan import NotTestable, Plan
from lac_analysis.errors import InputError
from lac_analysis.selection import Selection, left_out
from lac_analysis.stats import rates
from lac_analysis.stats.estimate import Estimate, two_sided_p
from lac_analysis.tables import Tables

VOLUMES = {"gcdf_projects": "AidData projects", "cgit_deals": "CGIT deals"}
MONEY = {
    "gcdf_projects": ("gcdf_usd2021", "AidData money (2021 USD)"),
    "cgit_deals": ("cgit_usd_million", "CGIT money (USD)"),
}
VISITS = "prc_leader_visits"  # never above 1: a country-year with a visit, not a number of visits
SIMULATIONS = 1_000


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
    return table.loc[first + years :], table.loc[: first + years - 1]


def ratios(
    late: pd.DataFrame, early: pd.DataFrame, plan: Plan
) -> dict[str, rates.OverdispersedRateRatio]:
    """Ratio of the two rates of each series, the later over the earlier, allowing for the spread of
    the years; p is one-sided against the plan's null value.

    Raises NotTestable where one of the periods has none.
    """
    for column, name in VOLUMES.items():
        for part in (late, early):
            if part[column].sum() == 0:
                raise NotTestable(f"no {name} in {span(part.index)} in the countries selected")
    return {column: _ratio(late[column], early[column], plan) for column in VOLUMES}


def estimate(tables: Tables, selection: Selection, **choices) -> float:
    """The smaller ratio, of projects or deals a year, later over before; `choices` of `table`."""
    late, early = table(tables, selection, **choices)
    return min(rates.ratio(late[column].mean(), early[column].mean()) for column in VOLUMES)


def analyse(tables: Tables, selection: Selection, plan: Plan, *, seed: int, **choices) -> Finding:
    """The steps of notebook 10. `choices` as in `table`."""
    late, early = table(tables, selection, **choices)
    both, power = ratios(late, early, plan), design(late, early, plan, seed=seed)
    yearly, n = panel.years(tables, selection), len(panel.countries(tables, selection))
    return finding(late, early, both, power, yearly, n, plan)


def finding(
    late: pd.DataFrame, early: pd.DataFrame, both: dict[str, rates.OverdispersedRateRatio],
    power: pd.DataFrame, yearly: pd.DataFrame, n_countries: int, plan: Plan,
) -> Finding:  # fmt: skip
    """The finding: the smaller ratio, with p of both (the larger: an intersection-union test,
    Berger 1982, Technometrics 24), and Poisson intervals, money and visits beside it.

    late, early : of `table`.   both : of `ratios`.   power : of `design`.   yearly : all years of
    the window.
    """
    secondary = []
    for column, name in VOLUMES.items():
        after, before = int(late[column].sum()), int(early[column].sum())
        note = f"{after:,} in {span(late.index)}, {before:,} in {span(early.index)}; variance "
        note += f"{both[column].dispersion:.1f} times the Poisson one"
        secondary.append(_without_p(name, both[column], note))
        exact = rates.rate_ratio(after, len(late), before, len(early), level=plan.level)
        secondary.append(_without_p(f"{name}, as if Poisson", exact, "exact"))
        money, name = MONEY[column]
        ratio = rates.ratio(late[money].mean(), early[money].mean())
        note = "no interval: a few large loans decide it"
        secondary.append(Result(name, ratio, unit="ratio of yearly means", note=note))
    return Finding.of(
        min(both.values(), key=lambda ratio: ratio.estimate),
        power,
        interval_method="quasi-Poisson, of the smaller ratio",
        p=max(ratio.p for ratio in both.values()),
        p_method=f"quasi-Poisson ratio of two rates against {plan.null_value}, one-sided, the "
        "larger of two p",
        n_countries=n_countries,
        n_engagements=int(sum(part[[*VOLUMES]].to_numpy().sum() for part in (late, early))),
        secondary=(*secondary, _visits(late, early, n_countries, plan.level)),
        detail={"yearly": yearly, "late": late, "early": early, "ratios": both},
    )


def design(late: pd.DataFrame, early: pd.DataFrame, plan: Plan, *, seed: int) -> pd.DataFrame:
    """P(verdict | truth): both series with one true ratio, as spread out as they are (NB2)."""

    def draws(truth: float, rng: np.random.Generator) -> Iterator[tuple]:
        drawn = [_drawn(late[column], early[column], truth, rng) for column in VOLUMES]
        for number in range(SIMULATIONS):
            both = [_ratio(after[number], before[number], plan) for after, before in drawn]
            smaller = min(both, key=lambda ratio: ratio.estimate)
            yield smaller.estimate, np.max([ratio.p for ratio in both]), smaller.interval[1]

    return verdict.design(draws, plan, seed=seed)


def _drawn(
    late: pd.Series, early: pd.Series, truth: float, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Counts of the years of both periods, at `truth` times the earlier mean and at that mean: two
    arrays, (SIMULATIONS, years).
    """
    mean = early.mean()
    pooled = pd.concat([late / late.mean(), early / mean]) * mean
    excess = max(pooled.var() - pooled.mean(), 1e-9) / pooled.mean() ** 2  # NB2 dispersion
    return tuple(
        rng.poisson(rate * rng.gamma(1 / excess, excess, (SIMULATIONS, years)))
        for rate, years in ((truth * mean, len(late)), (mean, len(early)))
    )


def _ratio(late, early, plan: Plan) -> rates.OverdispersedRateRatio:
    """The quasi-Poisson ratio, one-sided against the plan's null value."""
    options = {"null": plan.null_value, "alternative": "greater", "level": plan.level}
    return rates.overdispersed_rate_ratio(late, early, **options)


def span(years) -> str:
    """First and last of the years, for a reader."""
    return f"{years[0]}–{years[-1]}" if len(years) > 1 else f"{years[0]}"


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
    covid = ", with COVID-19 donations in 2020" if 2020 in wide.index else ""
    ratios = finding.detail["ratios"]
    told = " and ".join(f"{VOLUMES[c]} ran at {show(ratios[c].estimate)} times" for c in VOLUMES)
    return draw(
        finding, "volumes", charts.series, table, "year", "relative", "series",
        mark=(finding.detail["late"].index[0] - 0.5, f"{late} begins"),
        title=f"In {late}, {told} their level of {early}",
        subtitle=f"Number a year relative to the mean of {early}",
        when=f"{finding.window[0]}–{finding.window[1]}, {finding.n_countries} countries, "
        f"{left_out(finding.parameters)}".removesuffix(", "),
        note=f"AidData: official finance{covid}; CGIT (Fall 2021): deals of about USD 100m and up.",
        alt=f"Lines of AidData projects and CGIT deals by year. In {late}, {told} their level of "
        f"{early}.",
    )  # fmt: skip
