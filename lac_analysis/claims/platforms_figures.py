"""Pictures of claim 5: engagement around platform events, place by place, and the ratio by
definition.
"""

import numpy as np
import pandas as pd

from lac_analysis import charts
from lac_analysis.charts.picture import Picture
from lac_analysis.claims import words
from lac_analysis.claims.finding import Finding, show
from lac_analysis.claims.place_names import place_name
from lac_analysis.claims.platforms import DEFINITIONS, spans

PICTURES = ("around", "places", "ratios")
_SHOWN = 30  # places


def pictures(finding: Finding) -> dict[str, Picture]:
    """One picture for each name in PICTURES."""
    return {"around": _around(finding), "places": _places(finding), "ratios": _ratios(finding)}


def _around(finding: Finding) -> Picture:
    table, places = finding.detail["around"], finding.detail["places"]
    months, event = (
        finding.parameters["months"],
        DEFINITIONS[finding.parameters["platform_definition"]],
    )
    figure = charts.event_study(
        table,
        "time",
        "rate",
        "low",
        "high",
        title=f"Engagements around the first {event}: {places['before'].sum()} in the {months} months before, "
        f"{places['after'].sum()} in the {months} months after",
        subtitle=f"Other local engagements a place and year, with exact interval; first events in "
        f"{words.window(finding)}",
        caption=words.caption(finding),
        event="event's month",
        axis=f"quarters of the {months} months before and after the event",
    )
    rows = "; ".join(f"months {r.first} to {r.last}: {show(r.rate)}" for r in table.itertuples())
    alt = f"Engagements a place and year around the event. {rows}."
    return Picture("around", figure, table, alt, finding.provenance())


def _places(finding: Finding) -> Picture:
    table, months = finding.detail["places"], finding.parameters["months"]
    event = DEFINITIONS[finding.parameters["platform_definition"]]
    only_after, only_before = (
        (table["after"] > 0) & (table["before"] == 0),
        (table["before"] > 0) & (table["after"] == 0),
    )
    quarters = {
        time: f"{first}–{last} after" if first > 0 else f"{-last}–{-first} before"
        for time, (first, last) in spans(months).items()
    }
    columns = {"before": "all before", "after": "all after"} | quarters
    order = np.lexsort(
        (table["place"], -table["before"], -table["after"], only_before, ~only_after)
    )[:_SHOWN]
    drawn = table.iloc[order]
    names = map(place_name, drawn["place"], drawn["country"])
    labels = [f"{name}, {month}" for name, month in zip(names, drawn["month"], strict=True)]
    matrix = drawn[list(columns)].rename(columns=columns).set_axis(labels)
    shown = f" (the first {_SHOWN})" if len(table) > _SHOWN else ""
    figure = charts.heatmap(
        matrix,
        title=f"Other engagement only after the {event} at {only_after.sum()} of {len(table)} places, only before it "
        f"at {only_before.sum()}",
        subtitle=f"Engagements in the {months} months before and after a place's first {event}{shown}, and by month "
        f"from the event's where the date tells; {words.window(finding)}",
        caption=words.caption(finding),
    )
    rows = "; ".join(
        f"{name}: {r.before} before, {r.after} after"
        for name, r in zip(labels, drawn.itertuples(), strict=True)
    )
    data = matrix.reset_index(names="place and month")
    return Picture(
        "places", figure, data, f"Matrix of engagements by place. {rows}.", finding.provenance()
    )


def _ratios(finding: Finding) -> Picture:
    ratios, event = finding.detail["ratios"], DEFINITIONS[finding.parameters["platform_definition"]]
    rows = [
        (row.name, row.test.estimate, *row.test.interval, row.test.only_second, row.test.only_first)
        if row.test
        else (row.name, np.nan, np.nan, np.nan, 0, 0)
        for row in ratios.itertuples(index=False)
    ]
    columns = ["name", "ratio", "low", "high", "only_before", "only_after"]
    table = pd.DataFrame(rows, columns=columns)
    primary = table[(ratios["role"] == "primary").to_numpy()].iloc[0]
    yardstick = finding.detail["yardstick"]
    table.loc[len(table)] = (yardstick.name, yardstick.estimate, np.nan, np.nan, 0, 0)
    figure = charts.forest(
        table,
        "name",
        "ratio",
        "low",
        "high",
        sesoi=finding.sesoi,
        title=f"Engagement only after to only before the first {event}: {_counts(primary)} places",
        subtitle=f"Number of places only after the event over the number only before it, with {finding.level:.0%} "
        f"interval, {words.window(finding)}",
        caption=f"{words.caption(finding)} Each row has places of its own.",
        axis="ratio of places (log scale)",
    )
    shown = "; ".join(
        f"{r.name} {show(r.ratio)} ({show(r.low)} to {show(r.high)})" for r in table.itertuples()
    )
    return Picture(
        "ratios", figure, table, f"Ratios with intervals: {shown}.", finding.provenance()
    )


def _counts(row: pd.Series) -> str:
    return f"{row['only_after']:.0f} to {row['only_before']:.0f}"
