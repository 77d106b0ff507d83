"""Would the claims change if every engagement had a year? Multiple imputation, and the worst case.
"""

import math

import numpy as np
import pandas as pd

from lac_analysis import config, panel
from lac_analysis.claims import plan as plans
from lac_analysis.claims import strained
from lac_analysis.panel import Selection
from lac_analysis.stats import imputation, spells
from lac_analysis.stats.batched import CONVERGED, fit_many
from lac_analysis.stats.period_ratio import period_ratios
from lac_analysis.tables import Tables

CLAIMS = ("growth", "authority", "strained")


def completed(
    tables: Tables, selections: dict[str, Selection], *, draws: int, seed: int
) -> pd.DataFrame:
    """Each claim's ratio with missing years imputed, and between what bounds it lies whatever they
    are.

    Years are drawn within bounds from the known years of the same place and activity, else of the
    same country and
    activity, else of the activity. Columns: claim, recorded (estimate from certain dates),
    estimate, low, high
    (imputed, Rubin's rules), missing_information, lowest, highest (worst cases), undated
    (engagements without a certain
    year), n. Claims without an estimate are left out. Source: Rubin (1987); Manski (2003), Partial
    Identification.
    """
    rows = []
    for name in CLAIMS:
        selection = selections[name]
        found = panel.chosen(tables, selection, any_date=True)
        if name != "growth" and selection.window_start < panel.FIRST_EXPOSURE_YEAR:
            continue
        possible = found[panel.possible(found, selection)]
        if not possible["year"].notna().any() or len(selection.years) < 5:
            continue
        first, last = _bounds(found)
        place = found["place_id"].fillna(found["country"])
        activity = found["activity"]
        strata = [place + "|" + activity, found["country"] + "|" + activity, activity]
        years = imputation.impute_years(first, last, strata, draws=draws, seed=seed)
        fit = {"growth": _growth, "authority": _authority, "strained": _strained}[name]
        recorded, estimates, variances, worst = fit(tables, selection, found, years, first, last)
        good = np.isfinite(estimates) & np.isfinite(variances)
        if good.sum() < 2 or not math.isfinite(recorded):
            continue
        pooled = imputation.pool(estimates[good], variances[good])
        rows.append(
            {
                "claim": name,
                "recorded": math.exp(recorded),
                "estimate": math.exp(pooled.estimate),
                "low": math.exp(pooled.interval[0]),
                "high": math.exp(pooled.interval[1]),
                "missing_information": pooled.missing_information,
                "lowest": math.exp(worst[0]),
                "highest": math.exp(worst[1]),
                "undated": int(possible["year"].isna().sum()),
                "n": len(possible),
            }
        )
    columns = [
        "claim",
        "recorded",
        "estimate",
        "low",
        "high",
        "missing_information",
        "lowest",
        "highest",
        "undated",
    ]
    return pd.DataFrame(rows, columns=[*columns, "n"])


def _bounds(found: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """First and last year that each engagement's date allows; open ends are those of the codebook.
    """
    first = found["date_start"].dt.year.fillna(config.FIRST_YEAR).astype("int64").to_numpy()
    last = found["date_end"].dt.year.fillna(config.LAST_YEAR).astype("int64").to_numpy()
    return first, last


def _growth(tables, selection, found, years, first, last):
    n = len(selection.years)
    X = np.column_stack([np.ones(n), np.arange(n) - (n - 1) / 2])
    start, end = selection.window_start, selection.window_end
    certain = np.where(first == last, first, -1)
    loose = (
        (first < last) & (first <= end) & (last >= start)
    )  # all as early, and all as late, as they can be
    extremes = [np.where(loose, np.clip(edge, start, end), certain) for edge in (first, last)]
    counts = np.stack([_per_year(row, selection) for row in [*years, certain, *extremes]])
    fit = fit_many(counts, X, family="nb2")
    slope = np.where(fit.status == CONVERGED, fit.coef[:, 1], np.nan)
    m = len(years)
    return slope[m], slope[:m], fit.robust_se[:m, 1] ** 2, tuple(sorted(slope[m + 1 :]))


def _per_year(years, selection) -> np.ndarray:
    at = years - selection.window_start
    return np.bincount(
        at[(at >= 0) & (at < len(selection.years))], minlength=len(selection.years)
    ).astype(float)


def _authority(tables, selection, found, years, first, last):
    table = panel.countries(tables, selection)
    federal, people = table["federal"].to_numpy() == 1, table["population"].to_numpy(dtype=float)
    at = table.index.get_indexer(found["country"])
    inside = (years >= selection.window_start) & (years <= selection.window_end)
    counts = np.stack([np.bincount(at[row], minlength=len(table)) for row in inside]).astype(float)
    X = np.column_stack([np.ones(len(table)), federal.astype(float)])
    fit = fit_many(counts, X, np.log(people))
    certain = (first >= selection.window_start) & (last <= selection.window_end)
    # the loose ones of one group in the window and those of the other outside it
    loose = (first <= selection.window_end) & (last >= selection.window_start)
    cases = [certain, certain | loose & ~federal[at], certain | loose & federal[at]]
    sums = [np.bincount(at[case], minlength=len(table)).astype(float) for case in cases]
    log_ratio = fit_many(np.stack(sums), X, np.log(people)).coef[:, 1]
    return log_ratio[0], fit.coef[:, 1], fit.robust_se[:, 1] ** 2, (log_ratio[1], log_ratio[2])


def _strained(tables, selection, found, years, first, last):
    claim = plans.load()["strained"]
    label = strained.labels(tables, selection, claim.primary["definition"])
    cells = panel.country_cells(tables, selection).pivot(
        index="iso3", columns="year", values="population"
    )
    people, at = cells.to_numpy(dtype=float), cells.index.get_indexer(found["country"])
    own = np.arange(len(people))[None, :]
    fit = period_ratios(
        np.stack([_cells(at, row, selection, people.shape) for row in years]), people, label, own
    )
    estimates, variances = fit.log_ratio[:, 0], ((fit.high - fit.low)[:, 0] / (2 * 1.96)) ** 2
    certain = np.where(first == last, first, -1)
    cases = [
        certain,
        *(_worst(at, first, last, selection, people, label, up) for up in (False, True)),
    ]
    ratios = [
        spells.log_rate_ratios(_cells(at, c, selection, people.shape), people, label)[0]
        for c in cases
    ]
    return ratios[0], estimates, variances, tuple(ratios[1:])


def _cells(at, years, selection, shape) -> np.ndarray:
    """Events by country and year; years outside the window are not counted."""
    inside = (years >= selection.window_start) & (years <= selection.window_end)
    place = at[inside] * shape[1] + years[inside] - selection.window_start
    return np.bincount(place, minlength=shape[0] * shape[1]).reshape(shape).astype(float)


def _worst(at, first, last, selection, people, label, up: bool) -> np.ndarray:
    """Years that make the ratio as high (or low) as the bounds allow; -1 leaves an engagement out
    of the window.

    An event adds label - p to the score, p the chance that an event of its year is a labelled one.
    Whatever the ratio,
    p rises with the labelled share of the year's exposure, so that the order of the years, and the
    best one, is known.
    """
    at_risk = np.array([(people * (label == side)).sum(axis=0) for side in (1, 0)])
    share = at_risk[0] / np.maximum(at_risk.sum(axis=0), 1e-12)
    chosen = np.where(first == last, first, -1)
    for i in np.flatnonzero(
        (first < last) & (first <= selection.window_end) & (last >= selection.window_start)
    ):
        span = np.arange(
            max(first[i], selection.window_start), min(last[i], selection.window_end) + 1
        )
        column = span - selection.window_start
        wanted = label[at[i], column] == (1 if up else 0)
        options = column[wanted & (share[column] > 0) & (share[column] < 1)]
        can_leave = first[i] < selection.window_start or last[i] > selection.window_end
        if len(options):
            best = options[np.argmin(share[options]) if up else np.argmax(share[options])]
            chosen[i] = best + selection.window_start
        elif not can_leave:  # it must count on the wrong side: in the year where that matters least
            cost = share[column] if up else -share[column]
            chosen[i] = span[np.argmin(cost)]
    return chosen
