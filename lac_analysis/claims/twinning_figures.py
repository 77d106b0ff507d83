"""Pictures of claim 6: what is known of each twinning, chance order within places, and the ladder
of engagement.
"""

import numpy as np
import pandas as pd

from lac_analysis import charts
from lac_analysis.charts.picture import Picture
from lac_analysis.claims import words
from lac_analysis.claims.finding import Finding, say_p, show
from lac_analysis.claims.place_names import place_name
from lac_analysis.claims.twinning import Events

PICTURES = ("known", "order", "ladder")
_KNOWN = {
    "record": "an earlier engagement is on record",
    "source": "the source says there was contact before",
    "possible": "a record may be earlier: dates overlap or are unknown",
    "silent": "no record can be earlier, the source is silent",
    "first": "the source says first contact",
}
_RUNGS = {  # from the bottom of the ladder, as the report tells it
    "memorandum": ["friendship_memorandum"],
    "twinning": ["twinning"],
    "visit or call": ["visit_to_lac", "visit_to_china", "diplomatic_call"],
    "agreement": ["cooperation_agreement"],
    "project": ["investment_project", "infrastructure_project", "technology_project", "loan_grant"],
}
_CASES = ("AR-Y", "CL-CO")  # Jujuy and Coquimbo, which the report tells of
_UNDATED_CASE = "A-0103"  # Coquimbo-Henan
_PLACES = 6


def pictures(finding: Finding) -> dict[str, Picture]:
    """One picture for each name in PICTURES."""
    return {"known": _known(finding), "order": _order(finding), "ladder": _ladder(finding)}


def _known(finding: Finding) -> Picture:
    counts = finding.detail["known"].value_counts().reindex(list(_KNOWN), fill_value=0)
    table = pd.DataFrame({"state": list(_KNOWN.values()), "twinnings": counts.to_numpy()})
    earlier, unknown, n = (
        counts[["record", "source"]].sum(),
        counts[["possible", "silent"]].sum(),
        counts.sum(),
    )
    figure = charts.dot_plot(
        table,
        "state",
        "twinnings",
        highlight=np.isin(counts.index, ["record", "source"]),
        title=f"{earlier} of {n} twinnings are known to follow earlier engagement; for {unknown} the order is unknown",
        subtitle="First twinnings of a LAC place and a Chinese place, by what is known of earlier engagement of the "
        f"LAC place, {words.window(finding)}",
        caption=words.caption(finding),
        axis="twinnings",
    )
    rows = "; ".join(f"{row.state}: {row.twinnings}" for row in table.itertuples())
    return Picture(
        "known", figure, table, f"Dot plot of {n} twinnings. {rows}.", finding.provenance()
    )


def _order(finding: Finding) -> Picture:
    tests = finding.detail["tests"]
    main = next(iter(tests.values()))
    if np.count_nonzero(main.null) == 1:
        title = "No place has dated engagements whose order could tell"
    elif main.p >= 0.05:
        title = (
            f"Where twinnings stand among their places' engagements can be chance ({say_p(main.p)})"
        )
    else:
        side = "later" if main.share > main.expected else "earlier"
        title = f"Twinnings stand {side} among their places' engagements than chance would put them"
    panels = [
        (f"{name} ({test.focal} twinnings)", _values(test.null), test.share, test.p)
        for name, test in tests.items()
    ]
    figure = charts.null_distribution(
        panels,
        log=False,
        title=title,
        subtitle="Share of dated twinnings that follow other engagement of their place, if any of the place's dated "
        f"engagements could have been the twinning, {words.window(finding)}",
        caption=words.caption(finding),
        axis="share of twinnings",
    )
    drawn = pd.concat(
        pd.DataFrame(
            {
                "test": name,
                "share": np.arange(len(test.null)) / test.focal,
                "probability": test.null,
            }
        )
        for name, test in tests.items()
    )
    rows = "; ".join(
        f"{name} {show(test.share)} against {show(test.expected)} expected ({say_p(test.p)})"
        for name, test in tests.items()
    )
    alt = f"Distributions of the share under chance order, with the observed share: {rows}."
    return Picture("order", figure, drawn, alt, finding.provenance())


def _values(null: np.ndarray) -> np.ndarray:
    """A hundred thousand values distributed as the probabilities of 0, 1, .., n say, divided by n."""
    return np.repeat(np.arange(len(null)) / (len(null) - 1), np.round(null * 100_000).astype(int))


def _ladder(finding: Finding) -> Picture:
    found, countries = finding.detail["events"], finding.detail["countries"]
    table = rungs(found)
    shown = pd.concat([table[table["place_id"] == place] for place in _chosen_places(table)])
    names = [
        place_name(place, countries[iso])
        for place, iso in zip(shown["place_id"], shown["country"], strict=True)
    ]
    shown = shown.assign(place=names)
    n, after = projects_after(found)
    title = (
        f"In {after} of {n} places with a dated twinning and a dated project, the first project certainly came later"
        if n
        else "No place has both a dated twinning and a dated project"
    )
    undated = (
        found.unit
        & found.table["date_end"].isna()
        & found.table["record_ids"].str.contains(_UNDATED_CASE)
    )
    note = (
        f" Coquimbo–Henan, a case of the report, is attested without a date ({_UNDATED_CASE})."
        if undated.any()
        else ""
    )
    dated = shown["date_start"].notna() & shown["date_end"].notna()
    years = shown.loc[dated, ["date_start", "date_end"]].apply(lambda dates: dates.dt.year)
    first = years.to_numpy().min(initial=finding.window[0])
    last = years.to_numpy().max(initial=finding.window[1])
    drawn = shown.assign(note="", step=shown["rung"], date=shown["date_start"].where(dated))
    figure = charts.ladders(
        drawn.assign(end=shown["date_end"].where(dated)),
        tuple(_RUNGS),
        (int(first), int(last)),
        highlight=("twinning",),
        columns=2,
        through_firsts=False,
        title=title,
        subtitle="Engagements of the report's cases (Jujuy and Coquimbo, where recorded) and of the "
        "twinned places with most kinds. Lines: date known to a year or less well; grey: number "
        f"without a date. {_sample(finding)}",
        caption=words.caption(finding) + note,
    )
    alt = f"Dots by year and kind of engagement for {', '.join(shown['place'].unique())}. {title}."
    data = shown[["place", "rung", "date_start", "date_end"]]
    data = data.assign(**{c: data[c].dt.strftime("%Y-%m-%d") for c in ("date_start", "date_end")})
    return Picture("ladder", figure, data, alt, finding.provenance())


def _sample(finding: Finding) -> str:
    return f"All years, {words.SAMPLES[finding.parameters['collection']]}"


def rungs(found: Events) -> pd.DataFrame:
    """The engagements that stand on a rung of the ladder, at the cases and at places with a
    twinning of the window.
    """
    rung = {activity: name for name, activities in _RUNGS.items() for activity in activities}
    table = found.table.assign(rung=found.table["activity"].map(rung))
    at_places = np.isin(found.place, found.place[found.unit]) | table["place_id"].isin(_CASES)
    known = table["place_id"].notna() & table["rung"].notna()
    return table.loc[
        at_places & known,
        ["engagement_id", "country", "place_id", "rung", "date_start", "date_end"],
    ]


def projects_after(found: Events) -> tuple[int, int]:
    """Units' places with a twinning and a project of known year; those whose first project is
    certainly the later.
    """
    known = found.table["year"].notna().to_numpy() & np.isin(found.place, found.place[found.unit])
    twinning, project = (
        known & found.table["activity"].isin(_RUNGS[rung]).to_numpy()
        for rung in ("twinning", "project")
    )
    first_twinning = pd.Series(found.end[twinning]).groupby(found.place[twinning]).min()
    first_project = pd.Series(found.start[project]).groupby(found.place[project]).min()
    both = pd.concat([first_twinning, first_project], axis=1, keys=["twinning", "project"]).dropna()
    return len(both), int((both["project"] > both["twinning"]).sum())


def _chosen_places(table: pd.DataFrame) -> list[str]:
    """The report's cases, where recorded, then the places with most kinds of dated engagement, then
    most of it.
    """
    dated = table["rung"].where(table["date_start"].notna() & table["date_end"].notna())
    places = (
        table.assign(dated=dated)
        .groupby("place_id")
        .agg(kinds=("dated", "nunique"), n=("dated", "count"))
    )
    places = places.reset_index().assign(case=lambda places: places["place_id"].isin(_CASES))
    places = places.sort_values(
        ["case", "kinds", "n", "place_id"], ascending=[False, False, False, True]
    )
    return places["place_id"].head(_PLACES).tolist()
