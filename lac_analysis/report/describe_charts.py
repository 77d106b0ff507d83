"""Pictures of the data: by year, by search and country, by actor and activity."""

import pandas as pd

from lac_analysis import charts
from lac_analysis.charts import Picture
from lac_analysis.panel import Selection
from lac_analysis.report.describe import FOUND_BY
from lac_analysis.report.picture import draw, drawn, window
from lac_analysis.tables import Tables


@drawn("no local engagement of the selection has a certain year")
def draw_years(years: pd.DataFrame, tables: Tables, selection: Selection) -> Picture:
    """Bars by year for each kind of activity, of `describe.by_year`."""
    totals = years.groupby("activity_family", sort=False)["engagements"].sum()
    named = ", ".join(f"{kind} {n}" for kind, n in totals.items())
    return draw(
        tables, selection, "years", charts.bar_small_multiples,
        years, "year", "engagements", "activity_family",
        highlight=tuple(totals.index[:1]),
        title=f"The commonest kind of dated local engagement: {totals.index[0]}",
        subtitle=f"Local engagements a year by kind of activity, {window(selection)}",
        caption=f"{totals.sum():,} local engagements dated to a year.",
        alt=f"Yearly bars by activity: {named}.",
    )  # fmt: skip


@drawn("every country is left out")
def draw_found_by(found: pd.DataFrame, tables: Tables, selection: Selection) -> Picture:
    """One bar a country, of `describe.found_by`: found by one search, by both, by the other."""
    bars = found.set_index("country")[list(FOUND_BY)]
    first, both, second = (int(number) for number in bars.sum())
    of_each = bars.sum(axis=1).sort_values(ascending=False, kind="stable")
    none = found.loc[found["country"].map(of_each) == 0, "country"]
    nothing = f" Nothing was found in {', '.join(none)}." if len(none) else ""
    title = "No engagement was found by both searches"
    if both:
        title = f"The second search found {both / (first + both):.0%} of what the first had found, "
        title += f"the first {both / (second + both):.0%} of what the second found"
    return draw(
        tables, selection, "found_by", charts.stacked_bars, bars.loc[of_each.index], data=found,
        title=title,
        subtitle="Local engagements by which of two equal searches found them: T1-T3, T5 and T6, "
        f"then N1-N5; {window(selection)} or undated",
        caption=f"{first + both + second:,} local engagements. Links that the deduplication "
        f"missed would make two of one.{nothing}",
        axis="local engagements",
        alt=f"Bars by country: {first} engagements found by the first search alone, {both} by "
        f"both, {second} by the second alone.{nothing}",
    )  # fmt: skip


@drawn("no local engagement in the selection")
def draw_actors(matrix: pd.DataFrame, tables: Tables, selection: Selection) -> Picture:
    """Chinese actors by activities, of `describe.matrix`."""
    total = int(matrix.to_numpy().sum())
    return draw(
        tables, selection, "actors", charts.heatmap, matrix,
        title=f"Who does what: {matrix.index[0]} actors come first",
        subtitle=f"Local engagements by Chinese actor and activity, {window(selection)}",
        caption=f"{total:,} local engagements.",
        alt=f"Matrix of Chinese actors by activity; most engagements are by {matrix.index[0]} "
        "actors.",
        data=matrix.reset_index(),
    )  # fmt: skip
