"""Claim 10: does state-to-state and company-to-state coordination stay extensive?"""

import math
from itertools import chain

import numpy as np
import pandas as pd
from scipy import stats

from lac_analysis import panel
from lac_analysis.claims import verdict
from lac_analysis.claims.finding import Finding, NotTestable, Result
from lac_analysis.claims.plan import Plan
from lac_analysis.errors import InputError
from lac_analysis.panel import Selection
from lac_analysis.stats import rates
from lac_analysis.stats.estimate import Estimate
from lac_analysis.stats.tables import odds_ratio
from lac_analysis.tables import Tables

VOLUMES = {"gcdf_projects": "AidData projects", "cgit_deals": "CGIT deals"}
GROUPS = {"gcdf_projects": "State to state", "cgit_deals": "Company to state"}
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
    covered = {name: _covered(tables, column) for column, name in VOLUMES.items()}
    if any(first < known[0] or last > known[1] for known in covered.values()):
        sources = " and ".join(
            f"{name} are known for {known[0]} to {known[1]}" for name, known in covered.items()
        )
        raise NotTestable(f"the two periods need every year from {first} to {last}; {sources}")
    if first < selection.window_start:
        raise NotTestable(
            f"two periods of {years} years do not fit in the window, {span(selection.years)}"
        )
    table = panel.yearly(tables, selection).loc[first:]
    if without_2020:
        table = table.drop(index=2020, errors="ignore")
    for column, name in VOLUMES.items():
        if table[column].sum() == 0:
            raise NotTestable(f"no {name} from {first} to {last} in the countries selected")
    return table.loc[first + years :], table.loc[: first + years - 1]


def _covered(tables: Tables, column: str) -> tuple[int, int]:
    known = tables.country_year.loc[tables.country_year[column].notna(), "year"]
    return int(known.min()), int(known.max())


def ratios(late: pd.DataFrame, early: pd.DataFrame, plan: Plan) -> dict[str, Estimate]:
    """Exact ratio of the two rates of each series, with its one-sided test against the margin."""
    return {
        column: rates.rate_ratio(
            *_totals(late[column], early[column]), null=plan.null_value, level=plan.level
        )
        for column in VOLUMES
    }


def estimate(tables: Tables, selection: Selection, *, years: int, without_2020: bool) -> float:
    """The smaller of two ratios: projects, and deals, a year in the last `years` years against the
    `years` before.
    """
    late, early = table(tables, selection, years=years, without_2020=without_2020)
    return min(_ratio(late[column].mean(), early[column].mean()) for column in VOLUMES)


def analyse(
    tables: Tables,
    selection: Selection,
    plan: Plan,
    *,
    seed: int,
    years: int,
    without_2020: bool,
) -> Finding:
    """The steps of notebook 10: neither ratio of rates is down at the margin.

    Source: Przyborowski and Wilenski (1940), Biometrika 31; Berger (1982), Technometrics 24, for
    taking the larger p.
    """
    late, early = table(tables, selection, years=years, without_2020=without_2020)
    exact = ratios(late, early, plan)
    power = design(late, early, plan, seed=seed)
    countries = by_country(tables, selection, late, early)
    return finding(late, early, exact, power, countries, panel.yearly(tables, selection), plan)


def p_of_both(late: pd.DataFrame, early: pd.DataFrame, margin: float) -> float:
    """One-sided exact p that both ratios exceed the margin: the larger of two."""
    totals = [_totals(late[column], early[column]) for column in VOLUMES]
    return max(rates.rate_ratio(*t, null=margin, alternative="greater").p for t in totals)


def finding(
    late: pd.DataFrame,
    early: pd.DataFrame,
    exact: dict[str, Estimate],
    power: pd.DataFrame,
    countries: pd.DataFrame,
    yearly: pd.DataFrame,
    plan: Plan,
) -> Finding:
    """The finding: the smaller ratio, with overdispersion, money and visits beside it.

    late, early : of `table`.   exact : of `ratios`.   power : of `design`.
    countries : of `by_country`.   yearly : of panel.yearly.
    """
    spread = {
        column: rates.overdispersed_rate_ratio(late[column], early[column], level=plan.level)
        for column in VOLUMES
    }
    smaller = min(exact.values(), key=lambda ratio: ratio.estimate)
    grouped = {}
    for column, name in VOLUMES.items():
        after, _, before, _ = _totals(late[column], early[column])
        told = f"{after:,} in {span(late.index)}, {before:,} in {span(early.index)}"
        variance = f"variance {spread[column].dispersion:.1f} times the Poisson one"
        money, title = MONEY[column]
        grouped[GROUPS[column]] = [
            _as_result(name, exact[column], told),
            _as_result(f"{name}, allowing for overdispersion", spread[column], variance),
            Result(
                title,
                _ratio(late[money].mean(), early[money].mean()),
                unit="ratio of sums",
                note="no interval: a few large loans decide it",
            ),
        ]
    grouped["Top leaders"] = [_visits(countries, plan.level)]
    return Finding(
        estimate=smaller.estimate,
        low=smaller.interval[0],
        high=smaller.interval[1],
        interval_method="exact conditional, of the smaller ratio",
        p=p_of_both(late, early, plan.null_value),
        p_method=f"exact conditional test of two Poisson rates against {plan.null_value}, "
        "one-sided, the larger of two p",
        n_countries=countries["iso3"].nunique(),
        n_engagements=sum(ratio.n for ratio in exact.values()),
        attainable=math.inf,
        design=tuple(power.to_dict("records")),
        conditions={
            "allowing_for_overdispersion": all(
                ratio.interval[0] > plan.null_value for ratio in spread.values()
            )
        },
        secondary=tuple(chain(*grouped.values())),
        detail={"yearly": yearly, "late": late, "early": early}
        | {"ratios": grouped, "countries": countries},
    )


def design(late: pd.DataFrame, early: pd.DataFrame, plan: Plan, *, seed: int) -> pd.DataFrame:
    """P(verdict | truth): both series with the same true ratio, as spread out between years as they
    are (negative binomial).
    """
    simulated = {}
    for number, truth in enumerate(plan.truths):
        rng = np.random.default_rng([seed, number])
        first, second = (_draw(late[column], early[column], truth, plan, rng) for column in VOLUMES)
        smaller = first["estimate"] <= second["estimate"]
        both = first.where(smaller, second)
        both["p"] = np.maximum(first["p"], second["p"])  # one-sided, so nothing contradicts
        simulated[truth] = both
    return verdict.probabilities(simulated, plan)


def _draw(late: pd.Series, early: pd.Series, truth: float, plan: Plan, rng) -> pd.DataFrame:
    """Exact tests of SIMULATIONS pairs of totals: estimate, p, high."""
    pooled = pd.concat([late / late.mean(), early / early.mean()]) * early.mean()
    excess = max(pooled.var() - pooled.mean(), 1e-9) / pooled.mean() ** 2  # NB2 dispersion
    mean = early.mean()

    def totals(rate: float, n: int) -> np.ndarray:
        spread = rng.gamma(1 / excess, excess, (SIMULATIONS, n))
        return rng.poisson(rate * spread).sum(axis=1)

    after, before = totals(truth * mean, len(late)), totals(mean, len(early))
    total = np.maximum(after + before, 1)
    odds = plan.null_value * len(late) / len(early)  # given the total, `after` is binomial
    share = stats.beta.ppf((1 + plan.level) / 2, after + 1, np.maximum(total - after, 1e-9))
    high = share / (1 - share) * len(early) / len(late)
    return pd.DataFrame(
        {
            "estimate": (after / len(late)) / np.maximum(before / len(early), 1e-9),
            "p": stats.binom.sf(after - 1, total, odds / (1 + odds)),
            "high": np.where(before == 0, np.inf, high),
        }
    )


def by_country(
    tables: Tables, selection: Selection, late: pd.DataFrame, early: pd.DataFrame
) -> pd.DataFrame:
    """Rows of country_year.csv in the two periods, with `late` True in the later, and the name of
    the country.
    """
    table = tables.country_year[~tables.country_year["iso3"].isin(selection.drop_countries)]
    table = table[table["year"].isin([*late.index, *early.index])]
    names = tables.countries.set_index("iso3")["country"]
    table = table.assign(late=table["year"].isin(late.index), country=table["iso3"].map(names))
    return table.sort_values(["iso3", "year"])


def span(years) -> str:
    """First and last of the years, for a reader."""
    return f"{years[0]}–{years[-1]}"


def _totals(late: pd.Series, early: pd.Series) -> tuple[int, int, int, int]:
    """Count and number of years of each period, the later first."""
    return int(late.sum()), len(late), int(early.sum()), len(early)


def _ratio(above: float, below: float) -> float:
    if below == 0:
        return math.inf if above > 0 else math.nan
    return float(above / below)


def _as_result(name: str, ratio: Estimate, note: str) -> Result:
    """The p against no change is left out: the test is against the margin."""
    return Result(
        name, ratio.estimate, *ratio.interval, unit="ratio of rates", n=ratio.n, note=note
    )


def _visits(countries: pd.DataFrame, level: float) -> Result:
    """Odds that a country-year has a visit of a top leader, later against earlier."""
    name = "country-years with a leader's visit (odds ratio)"
    known = countries[countries[VISITS].notna()]
    visit, late = known[VISITS] > 0, known["late"]
    cells = [[int((visit & part).sum()), int((~visit & part).sum())] for part in (late, ~late)]
    note = (
        f"{cells[0][0]} of {sum(cells[0])} country-years against {cells[1][0]} of {sum(cells[1])}"
    )
    try:
        odds = odds_ratio(cells, level=level)
    except ValueError:
        return Result(name, unit="odds ratio", n=len(known), note=note)
    return Result(name, odds.estimate, *odds.interval, odds.p, "odds ratio", odds.n, note)
