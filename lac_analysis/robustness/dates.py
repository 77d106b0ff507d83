<<<<<<< HEAD
"""Would the claims change if every engagement had a year? Multiple imputation, and the worst case.
"""

import math
=======
"""Would the claims that need dates change if every engagement had one? Imputation and bounds."""
>>>>>>> robust

import numpy as np
import pandas as pd

from lac_analysis import claims, config, panel
from lac_analysis.claims import growth, months, platforms, twinning
from lac_analysis.panel import Selection
from lac_analysis.stats import imputation
from lac_analysis.stats.conditional_poisson import before_after
from lac_analysis.stats.risk_sets import matched_odds_ratio
from lac_analysis.tables import Tables

COLUMNS = ["claim", "recorded", "lowest", "highest", "imputed", "low", "high", "uncertain", "n"]


def completed(
    tables: Tables, selections: dict[str, Selection], *, draws: int, seed: int
) -> pd.DataFrame:
    """The ratios of growth, platforms and twinning, and how far missing dates could move them.

    Columns claim, recorded (from the dates that are known), lowest, highest (worst cases), imputed,
    low, high (growth alone: missing years drawn `draws` times, Rubin's rules), uncertain
    (engagements whose date is not as exact as the claim needs), n (of so many). Claims without an
    estimate are left out.
    Source: Rubin (1987), Multiple Imputation; Manski (2003), Partial Identification.
    """
    rows = []
<<<<<<< HEAD
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
=======
    for name, bounds in (
        ("growth", lambda *given: _growth(*given, draws, seed)),
        ("platforms", _platforms),
        ("twinning", _twinning),
>>>>>>> robust
    ):
        try:
            rows.append({"claim": name} | bounds(tables, selections[name]))
        except claims.CANNOT:
            continue
    return pd.DataFrame(rows, columns=COLUMNS)


def _growth(tables: Tables, selection: Selection, draws: int, seed: int) -> dict:
    """Years are drawn within bounds from the known years of the same place and activity, else of
    the same country and activity, else of the activity.
    """
    recorded = growth.estimate(tables, selection, family="poisson")
    worst = growth.dates(tables, selection, "poisson")
    found = panel.chosen(tables, selection, any_date=True)
    found = found[panel.possible(found, selection)]
    place, activity = found["place_id"].fillna(found["country"]), found["activity"]
    groups = [place + "|" + activity, found["country"] + "|" + activity, activity]
    first = found["date_start"].dt.year.fillna(config.FIRST_YEAR).astype("int64")
    last = found["date_end"].dt.year.fillna(config.LAST_YEAR).astype("int64")
    drawn = imputation.impute_years(first, last, groups, draws=draws, seed=seed)
    counts = [pd.Series(years).value_counts() for years in drawn]
    trends = [growth.trend(of_year.reindex(selection.years, fill_value=0)) for of_year in counts]
    logs = np.log([trend.estimate for trend in trends])
    variances = np.square([trend.se for trend in trends])
    pooled = imputation.pool(logs, variances, complete_df=trends[0].runs - 1)
    imputed, low, high = np.exp([pooled.estimate, *pooled.interval])
    row = {"recorded": recorded, "lowest": worst.low, "highest": worst.high, "imputed": imputed}
    return row | {"low": low, "high": high, "uncertain": worst.n, "n": len(found)}


def _platforms(tables: Tables, selection: Selection) -> dict:
    """Worst cases: every other engagement of a place whose month is not known lies before its
    platform event, or after it, if its date allows.
    """
    options = claims.plan("platforms").options
    span = options["months"]
    counts, dates, _ = platforms.around(tables, selection, **options)
    table = platforms.windows(counts, dates, months=span)
    found = panel.chosen(tables, selection, any_date=True)
    found = found[found["place_id"].isin(table.index) & (found["activity"] != "platform_event")]
    start = months.month(found["date_start"]).fillna(months.FIRST)
    end = months.month(found["date_end"]).fillna(months.LAST)
    loose = found["date_start"].isna() | found["date_end"].isna() | (start != end)
    event = found["place_id"].map(table["date"])
    possible = {
        "before": loose & (start < event) & (end >= event - span),
        "after": loose & (end > event) & (start <= event + span),
    }
    moved = {
        side: table[side].add(found["place_id"][these].value_counts(), fill_value=0).astype(int)
        for side, these in possible.items()
    }
    return {
        "recorded": _ratio(table),
        "lowest": _ratio(table.assign(before=moved["before"])),
        "highest": _ratio(table.assign(after=moved["after"])),
        "uncertain": int((possible["before"] | possible["after"]).sum()),
        "n": len(found),
    }


def _ratio(table: pd.DataFrame) -> float:
    """Rate after over before, net of the background, of the places that have both."""
    background = table[["background_before", "background_after"]]
    known = table[(background > 0).all(axis=1) & (table[["before", "after"]].sum(axis=1) > 0)]
    columns = ("before", "after", "background_before", "background_after")
    return before_after(*(known[name] for name in columns)).estimate


def _twinning(tables: Tables, selection: Selection) -> dict:
    """Worst cases: an engagement whose date may lie in the years before a twinning does so for the
    places that twin and for no other, or the other way round.
    """
    options = claims.plan("twinning").options
    sets = twinning.table(tables, selection, **options)
    engagements = tables.engagements
    ends = {  # the earliest and the latest day that each engagement can have had
        "earliest": engagements["date_start"].fillna(pd.Timestamp(config.FIRST_YEAR, 1, 1)),
        "latest": engagements["date_end"].fillna(pd.Timestamp(config.LAST_YEAR, 12, 31)),
    }
    spans = {
        name: twinning.searched(
            tables.replace(engagements=engagements.assign(date_end=day)),
            selection,
            options["memoranda"],
        )[1]
        for name, day in ends.items()
    }
    events = spans["earliest"].assign(latest=spans["latest"]["date"])
    both = sets.reset_index()[["index", "member", "at"]].merge(events, on="member")
    first_day = both["at"] - pd.DateOffset(years=options["years_before"])
    touching = both[(both["date"] < both["at"]) & (both["latest"] >= first_day)]
    possible = sets.index.isin(touching["index"]) | (sets["exposed"] == 1)
    case, certain = sets["case"] == 1, sets["exposed"] == 1
    loose = events[events["date"] != events["latest"]]
    return {
        "recorded": matched_odds_ratio(sets).estimate,
        "lowest": _odds(sets, np.where(case, certain, possible)),
        "highest": _odds(sets, np.where(case, possible, certain)),
        "uncertain": len(loose),
        "n": len(events),
    }


def _odds(sets: pd.DataFrame, exposed: np.ndarray) -> float:
    return matched_odds_ratio(sets.assign(exposed=exposed.astype(int))).estimate
