"""Would the claims that need dates change if every engagement had one? Imputation and bounds."""

import numpy as np
import pandas as pd

from lac_analysis import claims, config
from lac_analysis.claims import growth, months, plan, platforms, twinning
from lac_analysis.selection import Selection, chosen
from lac_analysis.stats import imputation
from lac_analysis.stats.offset_poisson import net_ratio
from lac_analysis.stats.risk_sets import matched_odds_ratio
from lac_analysis.stats.trend import JackknifeTrend
from lac_analysis.tables import Tables

COLUMNS = ["claim", "recorded", "lowest", "highest", "imputed", "low", "high", "uncertain", "n"]


def completed(
    tables: Tables, selections: dict[str, Selection], *, draws: int, seed: int
) -> pd.DataFrame:
    """The ratios of growth, platforms and twinning, and how far missing dates could move them.

    Columns claim, recorded (from the dates that are known), lowest, highest (worst cases), imputed,
    low, high (growth alone: missing years drawn `draws` times, Rubin's rules), uncertain
    (engagements whose date is not as exact as the claim needs), n (of so many). Claims without a
    selection or an estimate are left out.
    Source: Rubin (1987), Multiple Imputation; Manski (2003), Partial Identification.
    """
    rows = []
    for name, bounds in (
        ("growth", lambda *given: _growth(*given, draws, seed)),
        ("platforms", _platforms),
        ("twinning", _twinning),
    ):
        if name not in selections:
            continue
        try:
            rows.append({"claim": name} | bounds(tables, selections[name]))
        except claims.CANNOT:
            continue
    return pd.DataFrame(rows, columns=COLUMNS)


def _growth(tables: Tables, selection: Selection, draws: int, seed: int) -> dict:
    """Worst cases: engagements of uncertain year as late, and as early, as their dates allow. Years
    are drawn within bounds from the known years of the same place and activity, else of the same
    country and activity, else of the activity.
    """
    found = chosen(tables, selection, undated="include")
    place, activity = found["place_id"].fillna(found["country"]), found["activity"]
    groups = [place + "|" + activity, found["country"] + "|" + activity, activity]
    first = found["date_start"].dt.year.fillna(config.FIRST_YEAR).astype("int64")
    last = found["date_end"].dt.year.fillna(config.LAST_YEAR).astype("int64")
    drawn = imputation.impute_years(first, last, groups, draws=draws, seed=seed)
    trends = [_trend(years, selection) for years in drawn]
    logs = np.log([trend.estimate for trend in trends])
    variances = np.square([trend.se for trend in trends])
    pooled = imputation.pool(logs, variances, complete_df=len(selection.years) // 3 - 1)
    imputed, low, high = np.exp([pooled.estimate, *pooled.interval])
    ends = (years.clip(selection.window_start, selection.window_end) for years in (first, last))
    lowest, highest = sorted(_trend(years, selection).estimate for years in ends)
    row = {"recorded": growth.estimate(tables, selection, family="poisson")}
    row |= {"lowest": lowest, "highest": highest, "imputed": imputed, "low": low, "high": high}
    uncertain = int((~found["in_window"] | found["year"].isna()).sum())
    return row | {"uncertain": uncertain, "n": len(found)}


def _trend(years, selection: Selection) -> JackknifeTrend:
    """Growth where the engagements fall in these years, those outside the window left out."""
    counts = pd.Series(years).value_counts()
    return growth.trend(counts.reindex(selection.years, fill_value=0))


def _platforms(tables: Tables, selection: Selection) -> dict:
    """Worst cases: every other engagement of a place whose month is not known lies before its
    platform event, or after it, if its date allows.
    """
    options = plan.of("platforms").options
    span = options["months"]
    counts, dates, _ = platforms.around(tables, selection, **options)
    if dates.empty:
        raise claims.NotTestable("no platform event of a known month")
    table = platforms.windows(counts, dates, months=span)
    found = chosen(tables, selection, any_date=True)
    found = found[found["place_id"].isin(table.index) & (found["activity"] != "platform_event")]
    start = months.month(found["date_start"]).fillna(months.FIRST)
    end = months.month(found["date_end"]).fillna(months.LAST)
    loose = found["date_start"].isna() | found["date_end"].isna() | (start != end)
    event = found["place_id"].map(table["date"]).astype("float64")  # else text, where there is none
    possible = {
        "before": loose & (start < event) & (end >= event - span),
        "after": loose & (end > event) & (start <= event + span),
    }
    moved = {
        side: table[side].add(found["place_id"][these].value_counts(), fill_value=0).astype(int)
        for side, these in possible.items()
    }
    return {
        "recorded": net_ratio(table),
        "lowest": net_ratio(table.assign(before=moved["before"])),
        "highest": net_ratio(table.assign(after=moved["after"])),
        "uncertain": int((possible["before"] | possible["after"]).sum()),
        "n": len(found),
    }


def _twinning(tables: Tables, selection: Selection) -> dict:
    """Worst cases: an engagement whose date may lie in the years before a twinning does so for the
    places that twin and for no other, or the other way round.
    """
    options = plan.of("twinning").options
    sets = twinning.table(tables, selection, **options)
    found, memoranda = tables.engagements, options["memoranda"]
    # the earliest and the latest day that each engagement can have had
    earliest = found["date_start"].fillna(pd.Timestamp(config.FIRST_YEAR, 1, 1))
    latest = found["date_end"].fillna(pd.Timestamp(config.LAST_YEAR, 12, 31))
    ends = [tables.replace(engagements=found.assign(date_end=day)) for day in (earliest, latest)]
    first, last = (twinning.searched(end, selection, memoranda)[1] for end in ends)
    events = first.assign(latest=last["date"])
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
