"""Counts of local engagements beside a country's size: what a label adds, and what no effect looks
like. Secondary analyses of authority and self_rule.
"""

import warnings
from collections.abc import Callable

import numpy as np
import pandas as pd
import statsmodels.formula.api as smf

from lac_analysis import charts, panel, tables
from lac_analysis.claims import definitions, detected, share
from lac_analysis.claims.finding import Finding, Result, show
from lac_analysis.claims.picture import draw, drawn
from lac_analysis.claims.plan import Plan
from lac_analysis.selection import Selection
from lac_analysis.stats.assignments import strata
from lac_analysis.stats.estimate import Estimate, as_ratio
from lac_analysis.stats.freedman_lane import freedman_lane
from lac_analysis.stats.score_test import nb2_score_test
from lac_analysis.tables import Tables

DENOMINATORS = definitions.WORDS["denominators"]
CONTROLS = ["log_population", "log_population_squared", "log_gdp"]
SIMULATIONS = 20_000


def table(tables: Tables, selection: Selection, label: pd.Series) -> pd.DataFrame:
    """One row a country with a known label, indexed by ISO3: engagements of the selection, undated
    ones included, label, the five denominators, size (log population, its square, log GDP per
    head; centred), and corrected (log of the count that two searches' detection implies; missing
    where it cannot be estimated).
    """
    countries = panel.countries(tables, selection, undated="include")
    countries = countries.assign(label=label.reindex(countries.index).astype(float))
    countries = countries.dropna(subset=["label", "population", "gdp"])
    size = np.log(countries["population"])
    size = size - size.mean()
    return countries.assign(
        one=1.0,
        log_population=size,
        log_population_squared=size**2,
        log_gdp=np.log(countries["gdp"] / countries["population"]),
        third=strata(size) if len(size) >= 3 else 0,
        corrected=detected.log_corrected(tables, selection).reindex(countries.index),
    )[["country", "engagements", "label", *DENOMINATORS, *CONTROLS, "third", "corrected"]]


def analyser(share_table: Callable[..., pd.DataFrame]) -> Callable[..., Finding]:
    """The steps of notebooks 08 and 08b on a claim's `table`: the local share, counts beside it."""

    def analyse(
        tables: Tables, selection: Selection, plan: Plan, *, seed: int, controls: str, **choices
    ) -> Finding:
        countries = share_table(tables, selection, **choices)
        controls = share.terms(controls, choices.get("covariates"))
        test, power = share.test_and_design(countries, plan, controls, seed=seed)
        found = table(tables, selection, countries["label"])
        beside = secondary(found, seed=seed)
        return share.finding(countries, test, power, controls, beside, seed=seed, found=found)

    return analyse


def secondary(found: pd.DataFrame, *, seed: int) -> list[Result]:
    """Rate ratio of the label at equal size: Freedman-Lane on log(count + 1/2), free and within
    thirds, the NB2 score test; and where the label is yes or no, the share of what was found.
    """
    logs, label, controls = np.log(found["engagements"] + 0.5), found["label"], found[CONTROLS]

    def permuted(y: pd.Series, groups: pd.Series | None = None) -> Estimate:
        return as_ratio(freedman_lane(y, label, controls, groups, seed=seed))

    sized = "free of population, its square and GDP per head"
    free = f"log(count + 1/2), {sized}"
    tests = (
        ("counts at equal size, residuals permuted", free, lambda: permuted(logs)),
        ("counts at equal size, within thirds", free, lambda: permuted(logs, found["third"])),
        ("counts corrected for detection, at equal size",
         f"what two searches found, over the chance to find it, {sized}",
         lambda: permuted(found["corrected"])),
        # permuted freely: within thirds its size is 0.08-0.09 (docs/methods.md)
        ("counts at equal size, NB2 score test", "",
         lambda: nb2_score_test(found["engagements"], label, controls, seed=seed)),
    )  # fmt: skip
    results = [Result.of(name, fit, "rate ratio", note, len(found)) for name, note, fit in tests]
    if found["label"].isin([0, 1]).all():
        columns = ["engagements", "population"]
        held, people = found.loc[found["label"] == 1, columns].sum() / found[columns].sum()
        name, note = "share of found local engagements", f"they hold {people:.0%} of the people"
        total = int(found["engagements"].sum())
        results.append(Result(f"the bulk: {name}", held, unit="share", n=total, note=note))
    return results


def denominators(found: pd.DataFrame, *, seed: int) -> pd.DataFrame:
    """Version 1's rate ratios of labelled against other countries, beside what no effect would
    give.

    Counts are drawn anew from a negative binomial with the countries' sizes and no label. Columns
    denominator, ratio, expected (median), low, high (95 % of the draws).
    """
    labelled = (found["label"] == 1).to_numpy()
    drawn = _without_effect(found, np.random.default_rng(seed))
    rows = []
    for column, name in DENOMINATORS.items():
        per = found[column].to_numpy(dtype=float)
        known = np.isfinite(per)
        counts, inside = np.vstack([found["engagements"], drawn])[:, known], labelled[known]
        above = counts[:, inside].sum(axis=1) / per[known][inside].sum()
        below = counts[:, ~inside].sum(axis=1) / per[known][~inside].sum()
        nothing = np.full(len(counts), np.nan)  # without events on the other side
        observed, *ratios = np.divide(above, below, out=nothing, where=below > 0)
        rows.append((name, observed, *pd.Series(ratios).quantile([0.5, 0.025, 0.975])))
    return pd.DataFrame(rows, columns=["denominator", "ratio", "expected", "low", "high"])


def _without_effect(found: pd.DataFrame, rng: np.random.Generator) -> np.ndarray:
    """Counts (SIMULATIONS, countries) with the fitted size and dispersion, and no label."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a fit that does not converge falls back to Poisson
        model = smf.negativebinomial("engagements ~ " + " + ".join(CONTROLS), found)
        fit = model.fit(disp=False, maxiter=200)
    mean, alpha = np.asarray(fit.predict()), float(fit.params["alpha"])
    if not fit.mle_retvals["converged"] or alpha < 1e-6:
        return rng.poisson(mean, (SIMULATIONS, len(mean)))
    # a gamma with mean 1 and variance alpha, times the mean, is the rate of a Poisson count
    return rng.poisson(mean * rng.gamma(1 / alpha, alpha, (SIMULATIONS, len(mean))))


@drawn
def draw_denominators(finding: Finding, name: str) -> charts.Picture:
    """Version 1's five denominators, each beside what no effect would give on this design.

    name : what the label is called.
    """
    found = finding.detail["found"]
    try:
        rows = denominators(found, seed=finding.parameters["seed"])
    except np.linalg.LinAlgError:
        reason = "too few local engagements to tell what size alone would give"
        return charts.message("denominators", reason, finding.provenance())
    inside = int(rows["ratio"].between(rows["low"], rows["high"]).sum())
    told = "; ".join(
        f"{r.denominator} {show(r.ratio)}, by size alone {show(r.low)} to {show(r.high)}"
        for r in rows.itertuples()
    )
    return draw(
        finding, "denominators", charts.forest, rows.assign(none_low=np.nan, none_high=np.nan),
        "denominator", "ratio", "none_low", "none_high", expected=("low", "high"),
        title=f"Each denominator has its own answer, and {inside} of {len(rows)} are "
        "such as size alone gives",
        subtitle=f"Rate ratio of local engagements, dated or not, {name} against other states; the "
        f"grey band holds 95% of what counts without any {name} effect give",
        caption=f"Source: {tables.source(finding.parameters.get('engagements', ''))}; "
        f"{found['engagements'].sum():,} local engagements, {len(found)} countries.",
        axis="rate ratio (log scale)", data=rows,
        alt=f"Observed rate ratios by denominator with the range that size alone gives: {told}.",
    )  # fmt: skip
