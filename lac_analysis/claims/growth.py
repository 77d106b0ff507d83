"""Claim 3: is local activity growing?"""

import numpy as np
import pandas as pd
from scipy import stats
from scipy.signal import lfilter

from lac_analysis import charts, panel
from lac_analysis.claims import tiers, verdict
from lac_analysis.claims.finding import Finding, Result
from lac_analysis.claims.picture import draw, drawn
from lac_analysis.claims.plan import NotTestable, Plan
from lac_analysis.errors import InputError, one_of
from lac_analysis.selection import Selection, chosen
from lac_analysis.stats import trend as trends
from lac_analysis.stats.estimate import Estimate
from lac_analysis.tables import Tables

OTHER_TIERS = tiers.VOLUMES | {tiers.VISITS: "visits of China's leaders"}
SIMULATIONS = {"poisson": 2_000, "nb2": 200}  # statsmodels fits the second one by one
CARRIED = 0.4  # of one year's deviation from the trend into the next, in simulations


def table(tables: Tables, selection: Selection) -> pd.DataFrame:
    """One row a year of the window: local engagements with a certain year, twinnings among them,
    and the volumes of the other tiers (missing outside the years that a source covers).
    """
    return panel.years(tables, selection)


def check(years: pd.DataFrame, plan: Plan) -> None:
    """Raise NotTestable where the years cannot carry the test of the plan."""
    found, n = int(years["engagements"].sum()), len(years)
    plan.require("engagements", found, f"{found} local engagements with a certain year")
    plan.require("years", n, f"a window of {n} years, where the error leaves out runs of three")


def trend(series: pd.Series, family: str = "poisson") -> Estimate:
    """Yearly growth of a series: Poisson with the jackknife over runs of years (a JackknifeTrend),
    or NB2 with Newey-West errors. Raises InputError where there is no trend to estimate.
    """
    one_of(family, SIMULATIONS, "family")
    if family == "nb2":
        return trends.nb2_trend(series.index, series)
    return trends.jackknife_trend(series.index, series, runs=_runs(series))


def _runs(series: pd.Series) -> int:
    """Runs of three years; InputError with fewer than three of them."""
    if len(series) < 9:
        raise InputError(f"{len(series)} years: a trend needs three runs of three years")
    return len(series) // 3


def estimate(tables: Tables, selection: Selection, *, family: str) -> float:
    """Number of dated local engagements in one year divided by that of the year before."""
    years = panel.years(tables, selection)["engagements"]
    if len(years) < 3:
        raise NotTestable("no trend to estimate")
    if family == "poisson":  # any window of three years, as no error is asked for
        return float(np.exp(trends.poisson_slopes(years.index, years.to_numpy()[None])[0]))
    return trends.nb2_trend(years.index, years).estimate


def analyse(tables: Tables, selection: Selection, plan: Plan, *, seed: int, family: str) -> Finding:
    """The steps of notebook 03."""
    years = table(tables, selection)
    check(years, plan)
    main = trend(years["engagements"], family)
    power = design(years["engagements"], plan, family, seed=seed)
    found = chosen(tables, selection).dropna(subset="year")
    return finding(years, main, power, found, plan)


def finding(
    years: pd.DataFrame, main: Estimate, power: pd.DataFrame, found: pd.DataFrame, plan: Plan
) -> Finding:
    """The finding: the trend, what could explain it away, and growth beside that of other tiers.

    years : of `table`.   main : of `trend`.   power : of `design`.   found : the engagements
    counted.
    """
    relative = [_relative(years, column) for column in OTHER_TIERS]
    faster, total = relative[0].estimate, int(years["twinnings"].sum())
    note = f"{total} twinnings; their dates are recorded in retrospect"
    twinnings = Result.of(
        "twinnings alone", lambda: trend(years["twinnings"]), "rate ratio a year", note, total
    )
    return Finding.of(
        main,
        power,
        n_countries=found["country"].nunique(),
        n_places=found["place_id"].nunique(),
        n_engagements=len(found),
        conditions={
            "faster_than_state_tier": None if faster is None else bool(faster >= 1),
            "twinnings_grow": None if twinnings.estimate is None else bool(twinnings.estimate > 1),
        },
        secondary=(*_tipping(main, plan.sesoi), *relative, twinnings),
        detail={"table": years},
    )


def design(series: pd.Series, plan: Plan, family: str, *, seed: int) -> pd.DataFrame:
    """P(verdict | truth) of the trend of this family: as many events, spread out between years as
    they are (NB2), with CARRIED of a year's deviation going over into the next.
    """
    one_of(family, SIMULATIONS, "family")
    runs = _runs(series)
    at = series.index.to_numpy() - series.index.to_numpy().mean()
    fit = np.exp(trends.poisson_slopes(at, series.to_numpy()[None])[0] * at)
    fit *= series.sum() / fit.sum()
    spread = max(((series - fit) ** 2 - series).sum() / (fit**2).sum(), 0.0)  # NB2 dispersion
    scale = np.sqrt(np.log1p(spread))  # of the log, so that the variance is that of NB2
    half = stats.t.isf((1 - plan.level) / 2, runs - 1)

    def draws(truth: float, rng: np.random.Generator) -> np.ndarray:
        fresh = rng.normal(size=(len(at), SIMULATIONS[family]))
        fresh[1:] *= np.sqrt(1 - CARRIED**2)
        noise = lfilter([1], [1, -CARRIED], fresh, axis=0).T  # a part of each year's into the next
        trend = truth**at
        rates = series.sum() * trend / trend.sum() * np.exp(scale * noise - scale**2 / 2)
        counts = rng.poisson(rates)
        if family == "nb2":
            tests = [trends.nb2_trend(at, drawn) for drawn in counts]
            return np.array([(test.estimate, test.p, test.interval[1]) for test in tests])
        slopes = trends.jackknife_slopes(at, counts, runs)
        slope, error = slopes[:, 0], trends.jackknife_error(slopes)
        p = 2 * stats.t.sf(np.abs(slope) / error, runs - 1)
        return np.column_stack([np.exp(slope), p, np.exp(slope + half * error)])

    return verdict.design(draws, plan, seed=seed)


def _relative(years: pd.DataFrame, column: str) -> Result:
    """Growth of local engagements over that of another tier in the years both cover."""
    both = years[["engagements", column]].dropna()
    name = f"growth relative to {OTHER_TIERS[column]}"
    if both.empty:
        return Result(name, n=0, note="no year known")
    ours, theirs, index = both["engagements"], both[column], both.index
    return Result.of(
        name, lambda: trends.trend_ratio(index, ours, theirs, runs=_runs(both)),
        "ratio of yearly rate ratios", f"{index[0]}-{index[-1]}", len(both),
    )  # fmt: skip


def _tipping(main: Estimate, sesoi: float) -> list[Result]:
    """How much better searches must have become each year to explain the trend: the ratio found is
    the true one times that of detection. Source: Lash, Fox and Fink (2009), Applying Quantitative
    Bias Analysis, ch. 6.
    """
    low, high = main.interval
    near_bound = low if low > 1 else high if high < 1 else 1.0  # 1: it is insignificant already
    needed = {
        "explain the whole trend": main.estimate,
        "make it insignificant": near_bound,
        f"leave growth of {sesoi:g}": main.estimate / sesoi,
    }
    name, unit = "tipping point: change of detection that would ", "detection ratio a year"
    return [Result(f"{name}{what}", ratio, unit=unit) for what, ratio in needed.items()]


@drawn
def draw_trend(finding: Finding) -> charts.Picture:
    """Yearly counts with the fitted trend."""
    years = finding.detail["table"]["engagements"].reset_index().assign(series="local engagements")
    fitted = _fitted(finding)
    doubt = "" if finding.low > 1 or finding.high < 1 else ", which could be chance"
    pace = "hardly changed"
    if abs(finding.estimate - 1) >= 0.005:
        grew = "grew" if finding.estimate > 1 else "fell"
        pace = f"{grew} {abs(finding.estimate - 1):.0%} a year"
    told = ", ".join(f"{row.year} {row.engagements}" for row in years.itertuples())
    return draw(
        finding, "trend", charts.series, years, "year", "engagements", "series", trend=fitted,
        title=f"Recorded local engagements {pace}{doubt}",
        subtitle=f"Local engagements with a certain year, and trend with {finding.level:.0%} band",
        data=years.merge(fitted, left_on="year", right_on="x"),
        alt=f"Yearly local engagements with a trend that {pace}: {told}.",
    )  # fmt: skip


def _fitted(finding: Finding) -> pd.DataFrame:
    """Expected counts with a band for the slope's error, one row a year: x, fitted, low, high."""
    series = finding.detail["table"]["engagements"]
    at = series.index.to_numpy() - series.index.to_numpy().mean()
    slope, upper = np.log([finding.estimate, finding.high])
    line = np.log(series.sum()) - np.log(np.exp(slope * at).sum()) + slope * at
    half = np.abs(at) * (upper - slope)
    columns = {"fitted": line, "low": line - half, "high": line + half}
    return pd.DataFrame({"x": series.index} | {name: np.exp(v) for name, v in columns.items()})
