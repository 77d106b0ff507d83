"""What the records are: counts, what two searches found and what they miss, what is undated."""

from collections.abc import Callable

import pandas as pd

from lac_analysis import charts, panel
from lac_analysis.claims import detected
from lac_analysis.claims.picture import Made, draw, or_message
from lac_analysis.errors import InputError
from lac_analysis.selection import Selection, chosen
from lac_analysis.tables import Tables, source

FOUND_BY = ("first search only", "both", "second search only")
_NUMBERS = ["detection", "found", "at_least", "low", "high"]


def counts(tables: Tables, selection: Selection, by: str) -> pd.DataFrame:
    """Local engagements of the selection by a column, most first: engagements, and of these in the
    window and undated. A missing value is shown as 'not given'.
    """
    table = chosen(tables, selection, any_date=True)
    key = table[by].astype("str").fillna("not given").replace("", "not given")
    grouped = table.assign(undated=table["year"].isna()).groupby(key)
    found = grouped.agg(
        engagements=("undated", "size"), in_window=("in_window", "sum"), undated=("undated", "sum")
    )
    return found.sort_values("engagements", ascending=False, kind="stable")


def by_year(tables: Tables, selection: Selection, by: str) -> pd.DataFrame:
    """Dated local engagements of the window by year and a column, in long form: year, the column,
    engagements. Every year is there; the commonest value comes first.
    """
    table = chosen(tables, selection)
    table = table[table["year"].notna()]
    wide = pd.crosstab(table["year"].astype("int64"), table[by])
    wide = wide.reindex(pd.Index(selection.years, name="year"), fill_value=0)
    order = wide.sum().sort_values(ascending=False, kind="stable").index
    long = wide[order].T.rename_axis(by).stack()
    return long.rename("engagements").reset_index()


def found_by(tables: Tables, selection: Selection) -> pd.DataFrame:
    """Local engagements that may lie in the window, by country and by which of two equal searches
    found them (see claims.detected): iso3, country, and the columns of FOUND_BY. Every country is
    there.
    """
    events = detected.events(tables, selection)
    first, second = events["found_a"], events["found_b"]
    which = (first & ~second, first & second, second & ~first)
    which = pd.concat(which, axis="columns", keys=FOUND_BY)
    found = which.groupby(events["unit"]).sum()
    names = panel.countries(tables, selection)["country"]
    found = found.reindex(names.index, fill_value=0).astype("int64")
    return found.assign(country=names)[["country", *FOUND_BY]].reset_index()


def detection(tables: Tables, selection: Selection) -> tuple[pd.DataFrame, str]:
    """How much of what there is the two searches find, by country, poorest first; and the total in
    a sentence.

    Columns country, detection (share that either search finds, by regression), found, at_least
    (Chapman's estimate), low and high (its interval, if any). Pages that are easy to find are found
    twice, so detection is too high. Where the searches have nothing in common the table is empty.
    """
    try:
        found = detected.corrected(tables, selection)
    except InputError as reason:
        return pd.DataFrame(columns=["country", *_NUMBERS]), f"Detection is not known: {reason}."
    units = found.units.rename(columns={"p_found": "detection", "chapman": "at_least"})
    table = units[_NUMBERS].sort_values("detection", kind="stable")
    table.insert(0, "country", panel.countries(tables, selection)["country"].reindex(table.index))
    stand, once = (units["n_a"] + units["n_b"] - units["m"]).sum(), units["found"].sum()
    return table.reset_index(drop=True), (
        f"The two searches found {stand:,.0f} local engagements, or about {once:,.0f} if some that "
        f"stand twice were linked; there are at least about {found.total:,.0f} "
        f"({found.total_low:,.0f} to {found.total_high:,.0f}), a lower bound."
    )


def ordered(wide: pd.DataFrame) -> pd.DataFrame:
    """A table of counts with its largest rows and columns first."""
    rows = wide.sum(axis=1).sort_values(ascending=False, kind="stable").index
    columns = wide.sum().sort_values(ascending=False, kind="stable").index
    return wide.loc[rows, columns]


def summary(tables: Tables, selection: Selection) -> dict:
    """The counts a reader asks first; planned engagements, national and local ones are all."""
    happened = tables.engagements[~tables.engagements["planned"]]
    local = happened[happened["level"] != "national"]
    return provenance(tables, selection) | {
        "records": len(tables.records),
        "engagements": len(tables.engagements),
        "planned_engagements": len(tables.engagements) - len(happened),
        "national_engagements": len(happened) - len(local),
        "local_engagements": len(local),
        "local_engagements_dated_to_a_year": int(local["year"].notna().sum()),
        "in_selection": len(chosen(tables, selection)),
        "places": int(local["place_id"].nunique()),
        "queries": len(tables.search_log),
    }


def provenance(tables: Tables, selection: Selection) -> dict:
    """What a picture or a record of these tables and this selection was made of."""
    choices = selection.__dict__ | {"drop_countries": list(selection.drop_countries)}
    return {"claim": "data", "parameters": choices, "input_hash": tables.input_hash}


def window(selection: Selection) -> str:
    """'2000–2020', for a subtitle."""
    return f"{selection.window_start}–{selection.window_end}"


def drawn(empty: str) -> Callable:
    """Decorate a function `draw_<name>(table, tables, selection)`; of a table without rows the
    picture says why there is none, in the words `empty`.
    """
    return or_message(lambda table, *rest: (len(table), empty, provenance(*rest)))


def made(tables: Tables, selection: Selection) -> Made:
    """What `claims.picture.draw` is to say of a picture of these records."""
    said = f"Source: {source(tables.name)}."
    return Made(provenance(tables, selection), said, selection.sample())


def leading(counts: pd.Series, several: str) -> str:
    """The name with the highest count; of more that are equal, how many they are."""
    names = counts.index[counts == counts.max()]
    return names[0] if len(names) == 1 else f"{len(names)} {several}"


@drawn("no local engagement of the selection has a certain year")
def draw_years(years: pd.DataFrame, tables: Tables, selection: Selection) -> charts.Picture:
    """Bars by year for each kind of activity, of `describe.by_year`."""
    totals = years.groupby("activity_family", sort=False)["engagements"].sum()
    named = ", ".join(f"{kind} {n}" for kind, n in totals.items())
    return draw(
        made(tables, selection), "years", charts.bar_small_multiples,
        years, "year", "engagements", "activity_family",
        highlight=tuple(totals.index[:1]),
        title="The commonest kind of dated local engagement: "
        f"{leading(totals, 'kinds, equally often')}",
        subtitle=f"Local engagements a year by kind of activity, {window(selection)}",
        note=f"{totals.sum():,} local engagements dated to a year.",
        alt=f"Yearly bars by activity: {named}.",
    )  # fmt: skip


@drawn("every country is left out")
def draw_found_by(found: pd.DataFrame, tables: Tables, selection: Selection) -> charts.Picture:
    """One bar a country, of `describe.found_by`: found by one search, by both, by the other."""
    bars = found.set_index("country")[list(FOUND_BY)]
    if not bars.to_numpy().any():
        nothing = "no local engagement of the selection was found by one of the two equal searches"
        return charts.message("found_by", nothing, provenance(tables, selection))
    first, both, second = (int(number) for number in bars.sum())
    of_each = bars.sum(axis=1).sort_values(ascending=False, kind="stable")
    none = found.loc[found["country"].map(of_each) == 0, "country"]
    nothing = f" Nothing was found in {', '.join(none)}." if len(none) else ""
    title = "No engagement was found by both searches"
    if both:
        title = f"The second search found {both / (first + both):.0%} of what the first had found, "
        title += f"the first {both / (second + both):.0%} of what the second found"
    return draw(
        made(tables, selection.replace(collection="neutral")), "found_by",
        charts.stacked_bars, bars.loc[of_each.index],
        data=found, title=title,
        subtitle="Local engagements by which of two equal searches found them: T1-T3, T5 and T6, "
        f"then N1-N5; {window(selection)} or undated",
        note=f"{first + both + second:,} local engagements. Links that the deduplication "
        f"missed would make two of one.{nothing}",
        axis="local engagements",
        alt=f"Bars by country: {first} engagements found by the first search alone, {both} by "
        f"both, {second} by the second alone.{nothing}",
    )  # fmt: skip


@drawn("no local engagement in the selection")
def draw_actors(matrix: pd.DataFrame, tables: Tables, selection: Selection) -> charts.Picture:
    """Chinese actors (rows) by activities (columns), largest first, of `ordered`."""
    total = int(matrix.to_numpy().sum())
    first = leading(matrix.sum(axis=1), "kinds of")
    return draw(
        made(tables, selection), "actors", charts.heatmap, matrix,
        title=f"Who does what: {first} actors come first",
        subtitle=f"Local engagements by Chinese actor and activity, {window(selection)}",
        note=f"{total:,} local engagements.",
        alt=f"Matrix of Chinese actors by activity; most engagements are by {first} actors.",
        data=matrix.reset_index(),
    )  # fmt: skip
