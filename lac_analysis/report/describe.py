"""What the records are: counts, search effort and yield, what is undated, what was merged, what
cleaning changed.
"""

import pandas as pd

from lac_analysis import panel
from lac_analysis.panel import Selection
from lac_analysis.tables import Tables


def counts(tables: Tables, selection: Selection, by: str) -> pd.DataFrame:
    """Local engagements of the selection by a column, most first: engagements, and of these in the
    window and undated.

    A missing value is shown as 'not given'.
    """
    table = panel.chosen(tables, selection, any_date=True)
    key = table[by].astype("str").fillna("not given").replace("", "not given")
    grouped = table.groupby(key)
    return pd.DataFrame(
        {
            "engagements": grouped.size(),
            "in_window": grouped["in_window"].sum(),
            "undated": grouped["year"].agg(lambda years: int(years.isna().sum())),
        }
    ).sort_values("engagements", ascending=False, kind="stable")


def by_year(tables: Tables, selection: Selection, by: str) -> pd.DataFrame:
    """Dated local engagements of the window by year and a column, in long form: year, the column,
    engagements.
    """
    table = panel.chosen(tables, selection)
    table = table[table["year"].notna()]
    years = pd.RangeIndex(selection.window_start, selection.window_end + 1)
    wide = pd.crosstab(table["year"].astype("int64"), table[by]).reindex(years, fill_value=0)
    wide = wide[wide.sum().sort_values(ascending=False, kind="stable").index]
    return (
        wide.rename_axis("year")
        .rename_axis(by, axis=1)
        .T.stack()
        .rename("engagements")
        .reset_index()
    )


def effort(tables: Tables) -> pd.DataFrame:
    """The query log by template: queries, results, records coded, and the share of queries that
    gave a record.
    """
    log = tables.search_log
    grouped = log.assign(gave=log["records_coded"] > 0).groupby("template")
    return grouped.agg(
        queries=("query_id", "size"),
        results=("results", "sum"),
        records=("records_coded", "sum"),
        gave=("gave", "mean"),
    )


def yield_by_country(tables: Tables) -> pd.DataFrame:
    """One row a country: records that its nine country queries gave, of any kind, and local
    engagements they found.
    """
    log = tables.search_log[tables.search_log["template"].str.startswith("T")]
    records = log.groupby("target")["records_coded"].sum()
    found = tables.engagements[
        tables.engagements["in_country_queries"] & (tables.engagements["level"] != "national")
    ]
    table = tables.countries.set_index("iso3")[["country"]].sort_index()
    return table.assign(
        records=records.reindex(table.index, fill_value=0).astype("int64"),
        engagements=found["country"]
        .value_counts()
        .reindex(table.index, fill_value=0)
        .astype("int64"),
    ).reset_index()


def merged(tables: Tables) -> pd.DataFrame:
    """How many records an engagement rests on: n_records, engagements, of these with two or more
    source pages.
    """
    table = tables.engagements
    pages = table["sources"].str.split("; ").str.len()
    grouped = table.assign(two=pages > 1).groupby("n_records")
    return grouped.agg(
        engagements=("engagement_id", "size"), with_two_or_more_pages=("two", "sum")
    ).reset_index()


def changed(tables: Tables) -> pd.DataFrame:
    """The cleaning log by column and rule: values changed."""
    return tables.cleaning_log.groupby(["column", "rule"]).size().rename("values").reset_index()


def unresolved(tables: Tables) -> pd.DataFrame:
    """What could not be resolved, by column and reason: records."""
    table = tables.unresolved
    reason = table["reason"].where(
        table["column"] != "country", "text names another country than the code"
    )
    return table.groupby(["column", reason]).size().rename("records").reset_index()


def summary(tables: Tables, selection: Selection) -> dict:
    """The counts a reader asks first."""
    local = tables.engagements["level"] != "national"
    return {
        "claim": "data",
        "parameters": selection.__dict__ | {"drop_countries": list(selection.drop_countries)},
        "input_hash": tables.input_hash,
        "records": len(tables.records),
        "engagements": len(tables.engagements),
        "local_engagements": int(local.sum()),
        "local_engagements_dated_to_a_year": int(
            (local & tables.engagements["year"].notna()).sum()
        ),
        "in_selection": len(panel.chosen(tables, selection)),
        "places": int(tables.engagements.loc[local, "place_id"].nunique()),
        "queries": len(tables.search_log),
    }
