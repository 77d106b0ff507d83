"""What the pages of countries and places show: engagements by kind and year, claims' lines."""

from pathlib import Path

import pandas as pd

from lac_analysis import config
from lac_analysis.claims.finding import show

_LEAST = 2  # engagements that make a place worth a page
_FIRST_YEAR = 2000  # from which the bars are drawn, unless there is something earlier
_UNSAID = ("iso3", "country", "row", "coder", "percent", "third")  # columns of a claim's table


def listed(local: pd.DataFrame) -> pd.DataFrame:
    """The places that have a page, those with two or more local engagements, most first.

    local : rows of engagements.rows that are not national.

    Index place_id; columns place (its name), iso3, n (engagements) and page (the file's name).
    """
    named = local[local["place_id"] != ""].groupby("place_id")
    found = named.agg(place=("place", _commonest), iso3=("iso3", "first"), n=("id", "size"))
    found = found[found["n"] >= _LEAST]
    # the state of São Paulo beside its capital
    unit = ~found.index.str.contains("/") & found.duplicated(["place", "iso3"], keep=False)
    found["place"] = found["place"].mask(unit, found["place"] + " (first-level unit)")
    plain = found.index.str.normalize("NFKD").str.encode("ascii", "ignore").str.decode("ascii")
    name = plain.str.lower().str.replace(r"[^a-z0-9]+", "_", regex=True).to_series(found.index)
    again = name.groupby(name).cumcount().astype("str").replace("0", "")  # San José and San Jose
    found["page"] = "place_" + name + again.radd("_").where(again != "", "") + ".html"
    return found.sort_values(["n", "place"], ascending=[False, True], kind="stable")


def by_kind(rows: pd.DataFrame, by: str) -> dict:
    """Engagements by a column and year, the kind that came first, first: `years` (first, last),
    `most` in a year, and `kinds`, each with its name, total, undated and counts by year.
    """
    dated = rows.dropna(subset="year").astype({"year": "int64"})
    first = min(_FIRST_YEAR, dated["year"].min()) if len(dated) else _FIRST_YEAR
    years = range(first, config.LAST_YEAR + 1)
    order = rows.groupby(by)["year"].min().sort_values(kind="stable").index
    counts = pd.crosstab(dated[by], dated["year"]).reindex(order).reindex(columns=years)
    counts = counts.fillna(0).astype("int64")
    totals = rows[by].value_counts()
    kinds = [
        {
            "name": kind,
            "total": int(totals[kind]),
            "undated": int(totals[kind] - counts.loc[kind].sum()),
            "years": {year: int(n) for year, n in counts.loc[kind].items() if n},
        }
        for kind in order
    ]
    most = int(counts.to_numpy().max()) if len(counts) else 0
    return {"years": (first, config.LAST_YEAR), "most": most, "kinds": kinds}


def lines(folder: Path) -> dict[str, dict[str, str]]:
    """A claim's line on each country: ISO3 -> column -> value, of the first table in the folder of
    its run with one row a country; empty where there is none.
    """
    for path in sorted(folder.glob("*.csv")):
        table = pd.read_csv(path)
        if table.columns[0] == "iso3" and table["iso3"].is_unique:
            said = [name for name in table if name not in _UNSAID and not name.startswith("log_")]
            shown = table[said].map(_shown).rename(columns=lambda name: name.replace("_", " "))
            return shown.set_axis(table["iso3"]).to_dict("index")
    return {}


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return show(value) if isinstance(value, (int, float)) else str(value)


def _commonest(names: pd.Series) -> str:
    return names.value_counts().index[0]
