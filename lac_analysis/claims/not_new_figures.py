"""Pictures of claim 2: when each country and each pair with a Chinese province is first on record."""

import pandas as pd

from lac_analysis import charts, config
from lac_analysis.charts.picture import Picture, message
from lac_analysis.claims import words
from lac_analysis.claims.finding import Finding

PICTURES = ("countries", "dyads", "reach")
MOST_ROWS = 30
_NONE, _RECORDED = "none dated", "recorded"


def pictures(finding: Finding) -> dict[str, Picture]:
    """One picture for each name in PICTURES."""
    names = finding.detail["names"]
    countries = finding.detail["countries"].assign(row=lambda table: table["country"].map(names))
    dyads = finding.detail["dyads"]
    dyads = dyads.assign(
        row=dyads["country"].map(names) + "–" + dyads["province"], place=dyads["country"].map(names)
    )
    return {
        "countries": _countries(finding, countries, dyads),
        "dyads": _dyads(finding, dyads),
        "reach": _reach(finding, countries, dyads),
    }


def _countries(finding: Finding, countries: pd.DataFrame, dyads: pd.DataFrame) -> Picture:
    rows = pd.DataFrame({"row": finding.detail["names"].to_numpy()}).merge(
        countries, how="left", on="row"
    )
    figure = charts.timeline(
        _spells(rows, finding),
        "start",
        "end",
        "row",
        "state",
        events=dyads.assign(row=dyads["place"], start=dyads["last"]),
        highlight=_RECORDED,
        window=_years(finding, countries),
        title=f"{finding.estimate:.0f} of {finding.n_countries} countries have a local engagement dated before "
        f"{_before(finding)}",
        subtitle=f"Each country from its first dated local engagement on (diamond); dots: first with each Chinese "
        f"province. {_sample(finding)}",
        caption=_caption(finding),
    )
    firsts = ", ".join(f"{row.row} {row.last.year}" for row in countries.itertuples())
    alt = f"Timeline by country from the first dated local engagement on. First years: {firsts}. Others: none dated."
    return Picture(
        "countries",
        figure,
        _data(rows[["country", "row", "first", "last"]]),
        alt,
        finding.provenance(),
    )


def _dyads(finding: Finding, dyads: pd.DataFrame) -> Picture:
    if dyads.empty:
        return message(
            "dyads", "no dated engagement names a Chinese province", finding.provenance()
        )
    shown = dyads.head(MOST_ROWS)
    n = _early(dyads, finding)
    first = shown.iloc[0]
    figure = charts.timeline(
        _spells(shown, finding),
        "start",
        "end",
        "row",
        "state",
        highlight=_RECORDED,
        window=_years(finding, shown),
        title=f"{_count(n, 'pair has', 'pairs have')} a dated engagement before {_before(finding)}; "
        f"the earliest is {first['row']}, {first['last'].year}",
        subtitle=f"Country and Chinese province, the {len(shown)} earliest of {len(dyads)} pairs, from their first "
        f"dated local engagement on. {_sample(finding)}",
        caption=_caption(finding),
    )
    firsts = "; ".join(f"{row.row} {row.last.year}" for row in shown.itertuples())
    alt = f"Timeline of the earliest pairs of a country and a Chinese province: {firsts}."
    return Picture(
        "dyads", figure, _data(shown[["row", "first", "last"]]), alt, finding.provenance()
    )


def _reach(finding: Finding, countries: pd.DataFrame, dyads: pd.DataFrame) -> Picture:
    start, end = _years(finding, countries)
    table = pd.concat(
        [
            pd.DataFrame({"year": range(start, end + 1), "group": group}).assign(
                number=[
                    int((firsts["last"].dt.year <= year).sum()) for year in range(start, end + 1)
                ]
            )
            for group, firsts in (("countries", countries), ("pairs", dyads))
        ]
    )
    by_then = _before(finding) - 1
    figure = charts.series(
        table,
        "year",
        "number",
        "group",
        mark=(by_then, f"end of {by_then}"),
        title=f"By the end of {by_then}, {_count(_early(countries, finding), 'country', 'countries')} and "
        f"{_count(_early(dyads, finding), 'pair', 'pairs')} with a Chinese province had a dated engagement",
        subtitle="Countries, and pairs of a country and a Chinese province, with a dated local engagement so far. "
        f"{_sample(finding)}",
        caption=_caption(finding),
    )
    last = table[table["year"] == end].set_index("group")["number"]
    alt = (
        f"Cumulative number by year: {_early(countries, finding)} countries and {_early(dyads, finding)} pairs before "
        f"{_before(finding)}, {last['countries']} countries and {last['pairs']} pairs by {end}."
    )
    return Picture("reach", figure, table, alt, finding.provenance())


def _spells(rows: pd.DataFrame, finding: Finding) -> pd.DataFrame:
    """Two spells a row: none dated until its `last` day, recorded from then on."""
    until = rows.assign(state=_NONE, start=f"{config.FIRST_YEAR}", end=rows["last"])
    since = rows[rows["last"].notna()].assign(
        state=_RECORDED, start=rows["last"], end=f"{finding.window[1] + 1}"
    )
    spells = pd.concat([until, since])
    return spells.assign(
        **{edge: pd.to_datetime(spells[edge]).dt.strftime("%Y-%m-%d") for edge in ("start", "end")}
    )


def _years(finding: Finding, firsts: pd.DataFrame) -> tuple[int, int]:
    return int(firsts["last"].min().year) // 5 * 5, finding.window[1]


def _early(firsts: pd.DataFrame, finding: Finding) -> int:
    return int((firsts["last"].dt.year < _before(finding)).sum())


def _before(finding: Finding) -> int:
    """First year that no longer counts: that of the test, or the one after a window that ends
    earlier.
    """
    return min(finding.parameters["before"], finding.window[1] + 1)


def _sample(finding: Finding) -> str:
    """The earlier years count, whatever the window's start."""
    return f"Up to {finding.window[1]}, {words.SAMPLES[finding.parameters['collection']]}."


def _caption(finding: Finding) -> str:
    n = _count(finding.n_engagements, "local engagement", "local engagements")
    return (
        f"Source: {words.source(finding)}; {n} before {_before(finding)}. "
        "An engagement dated to a year counts from its last day."
    )


def _count(n: float, one: str, many: str) -> str:
    return f"{n:.0f} {one if n == 1 else many}"


def _data(table: pd.DataFrame) -> pd.DataFrame:
    return table.assign(**{edge: table[edge].dt.strftime("%Y-%m-%d") for edge in ("first", "last")})
