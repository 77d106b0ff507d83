"""What the pages of countries and places show: engagements by kind and year, claims' lines."""

from pathlib import Path

import pandas as pd

from lac_analysis import config
from lac_analysis.records.gazetteer import CITY_UNITS

_LEAST = 2  # engagements that make a place worth a page
_FIRST_YEAR = 2000  # from which the bars are drawn, unless there is something earlier


def local(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows of engagements.rows that count: local engagements that happened, as `lac.select`."""
    return rows[(rows["level"] != "national") & ~rows["planned"]]


def listed(local: pd.DataFrame) -> pd.DataFrame:
    """The places that have a page, those with two or more local engagements, most first.

    local : of `local`.

    Index place_id; columns place (its name), country (ISO3), n (engagements), page (name of file).
    """
    named = local[local["place_id"] != ""].groupby("place_id")
    found = named.agg(
        place=("where", lambda names: names.value_counts().index[0]),
        country=("country", "first"),
        n=("engagement_id", "size"),
    )
    found = found[found["n"] >= _LEAST]
    # the state of São Paulo beside its capital
    unit = ~found.index.str.contains("/") & ~found.index.isin(list(CITY_UNITS))
    unit &= found.duplicated(["place", "country"], keep=False)
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
    kinds = []
    for kind, years in rows.groupby(by, sort=False)["year"]:
        counts = years.dropna().astype(int).value_counts().sort_index().to_dict()
        undated = int(years.isna().sum())
        kinds.append({"name": kind, "total": len(years), "undated": undated, "years": counts})
    kinds.sort(key=lambda kind: min(kind["years"], default=config.LAST_YEAR + 1))
    first = min([_FIRST_YEAR, *(year for kind in kinds for year in kind["years"])])
    most = max((n for kind in kinds for n in kind["years"].values()), default=0)
    return {"years": (first, config.LAST_YEAR), "most": most, "kinds": kinds}


def lines(folder: Path) -> dict[str, dict[str, str]]:
    """A claim's line on each country: ISO3 -> column -> text, of the first table in the folder of
    its run with one row a country; empty where there is none.
    """
    for path in sorted(folder.glob("*.csv")):
        table = pd.read_csv(path, dtype="str", keep_default_na=False)
        if table.columns[0] == "iso3" and table["iso3"].is_unique:
            return table.set_index("iso3").to_dict("index")
    return {}
