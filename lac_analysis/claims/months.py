"""Engagements by place and month, for the claims that compare what comes before and after."""

from collections.abc import Callable

import pandas as pd

from lac_analysis import config
from lac_analysis.selection import Selection, chosen
from lac_analysis.tables import Tables

LAST = config.OUT_OF_SAMPLE_WINDOW[1] * 12 + 11  # December of the last year observed
FIRST = 1990 * 12  # months are counted from year 0


def located(tables: Tables, selection: Selection) -> pd.DataFrame:
    """Local engagements with a place and a bounded date, in or out of the window, one row each.

    Columns: those of the engagement, and start (months since year 0) and dated (month known).
    """
    found = chosen(tables, selection, any_date=True)
    found = found[found[["place_id", "date_start", "date_end"]].notna().all(axis=1)]
    start, end = (month(found[name]) for name in ("date_start", "date_end"))
    return found.assign(start=start, dated=start == end).reset_index(drop=True)


def around(
    tables: Tables, selection: Selection, margin: int, is_event: Callable
) -> tuple[pd.DataFrame, pd.Series, pd.Index]:
    """What comes before and after events, of `located` engagements: the others of a known month by
    place (rows) and month (FIRST to LAST), the month of each place's first event in the window with
    `margin` months observed on either side, and the places of C1, but for countries left out, that
    never had one in any sample.

    is_event : gives True for the engagements that are events, of a table of them.
    """
    found = located(tables, selection)
    event = is_event(found)
    pairs = tables.place_pairs.dropna(subset="place_id")
    searched = {*pairs.loc[~pairs["lac_iso3"].isin(selection.drop_countries), "place_id"]}
    places = pd.Index(sorted(set(found["place_id"]) | searched), name="place_id")
    events = found[event & found["dated"] & found["in_window"]]
    firsts = events.groupby("place_id")["start"].min().astype(int)
    firsts = firsts[(firsts - margin >= FIRST) & (firsts + margin <= LAST)]
    widest = {"collection": "all", "include_other_local": True, "min_confidence": "low"}
    ever = located(tables, selection.replace(**widest))
    without = pd.Index(sorted(searched - {*ever.loc[is_event(ever), "place_id"]}))
    others = found[~event & found["dated"]].astype({"start": int})
    counts = others.groupby(["place_id", "start"]).size().unstack(fill_value=0)
    counts = counts.reindex(index=places, columns=range(FIRST, LAST + 1), fill_value=0)
    return counts, firsts, without


def month(dates: pd.Series) -> pd.Series:
    """Months since year 0; missing where the date is."""
    return (dates.dt.year * 12 + dates.dt.month - 1).astype("Int64")
