"""Claim 2: does local engagement reach back to the early 2000s and before?"""

from functools import cache, lru_cache

import numpy as np
import pandas as pd

from lac_analysis import config, panel
from lac_analysis.claims import plan
from lac_analysis.claims.finding import Finding, NotTestable, Result
from lac_analysis.panel import Selection
from lac_analysis.stats import power, proportions
from lac_analysis.tables import Tables


def estimate(
    tables: Tables, selection: Selection, *, before: int, exclude_report_dates: bool = False
) -> float:
    """Number of countries with a local engagement that certainly took place before the year
    `before`.
    """
    return float(_reached(tables, selection, before, exclude_report_dates))


def interval(
    tables: Tables, selection: Selection, *, before: int, exclude_report_dates: bool = False
) -> tuple[float, float]:
    """Interval of `estimate`, as in `test`."""
    n = len(config.CELAC) - len(selection.drop_countries)
    reached = _reached(tables, selection, before, exclude_report_dates)
    low, _ = proportions.proportion(reached, n, alternative="greater").interval
    return low * n, float(n)


def test(
    tables: Tables,
    selection: Selection,
    *,
    seed: int,
    before: int,
    exclude_report_dates: bool = False,
) -> Finding:
    """Exact binomial lower bound of the number of countries reached before the year `before`;
    nothing is drawn.

    Source: Clopper and Pearson (1934), Biometrika 26.
    """
    reached = _reached(tables, selection, before, exclude_report_dates)
    n = len(config.CELAC) - len(selection.drop_countries)
    null = plan.load()["not_new"].null_value
    if null >= n:
        raise NotTestable(f"{n} countries are left, and the claim is about more than {null}")
    share = proportions.proportion(reached, n, null=null / n, alternative="greater")
    found = dated(tables, selection, exclude_report_dates)
    early = found[found["date_end"] < pd.Timestamp(before, 1, 1)]
    countries = first_dates(found, ["country"])
    dyads = first_dates(found[found["china_admin1"].notna()], ["country", "china_admin1"])
    return Finding(
        estimate=float(reached),
        low=share.interval[0] * n,
        high=float(n),
        interval_method="exact binomial (Clopper-Pearson), one-sided lower bound",
        p=share.p,
        p_method=f"exact binomial, more than {null} of {n} countries, one-sided",
        null_value=float(null),
        n_countries=n,
        n_places=early["place_id"].nunique(),
        n_engagements=len(early),
        smallest_detectable=power.binomial_detectable(n, null / n, alternative="greater") * n,
        secondary=(
            _first_in_report_years(countries, before),
            Result("countries with a dated local engagement", len(countries), unit="countries", n=n),
            Result(
                f"pairs of a country and a Chinese province, before {before}",
                int((dyads["last"].dt.year < before).sum()),
                unit="pairs",
                n=len(dyads),
                note=f"of {len(dyads)} with a dated engagement",
            ),
            Result("median first year of the countries", float(countries["last"].dt.year.median()), unit="year",
                   n=len(countries), note="latest year the first engagement can have; countries without one left out"),
        ),
        detail={
            "countries": countries,
            "dyads": dyads.assign(province=dyads["china_admin1"].map(_province_names())),
            "names": tables.countries.set_index("iso3")["country"].drop(list(selection.drop_countries)).sort_index(),
        },
    )  # fmt: skip


def dated(tables: Tables, selection: Selection, exclude_report_dates: bool) -> pd.DataFrame:
    """Local engagements that certainly took place by the end of the window, however early.

    The last day is what counts: an engagement that is only known to be no later than a day is
    before it.
    """
    columns = ["engagement_id", "country", "place_id", "china_admin1", "date_start", "date_end"]
    return tables.engagements[columns].take(_dated(tables, selection, exclude_report_dates))


@lru_cache(maxsize=1024)
def _dated(tables: Tables, selection: Selection, exclude_report_dates: bool) -> np.ndarray:
    """Where in `tables.engagements` they are."""
    rows, _ = panel.selected_rows(tables, selection, any_date=True)
    if exclude_report_dates:
        rows = rows[~panel.engagement_column(tables, "date_is_report")[rows]]
    return rows[
        panel.engagement_column(tables, "date_end")[rows]
        < np.datetime64(f"{selection.window_end + 1}-01-01")
    ]


def first_dates(found: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    """First engagement of each country or dyad: the earliest `first` and `last` day it can have
    had, sorted by `last`.

    `first` is missing where one of the dates has no lower bound.
    """
    table = found.assign(open_start=found["date_start"].isna()).groupby(by, as_index=False)
    table = table.agg(
        last=("date_end", "min"), first=("date_start", "min"), open_start=("open_start", "max")
    )
    table["first"] = table["first"].mask(table.pop("open_start"))
    return table.sort_values(["last", *by], ignore_index=True)


def _reached(tables: Tables, selection: Selection, before: int, exclude_report_dates: bool) -> int:
    """Number of countries with a local engagement before the year `before`. Raises NotTestable."""
    if selection.window_start >= before:
        raise NotTestable(f"a window from {selection.window_start} holds no year before {before}")
    rows = _dated(tables, selection, exclude_report_dates)
    if not len(rows):
        raise NotTestable(
            f"no local engagement of the selection is dated {selection.window_end} or earlier"
        )
    early = rows[
        panel.engagement_column(tables, "date_end")[rows] < np.datetime64(f"{before}-01-01")
    ]
    return len(np.unique(panel.engagement_column(tables, "country")[early]))


def _first_in_report_years(countries: pd.DataFrame, before: int) -> Result:
    start = config.REPORT_WINDOW[0]
    inside = (countries["last"].dt.year < before) & (countries["first"].dt.year >= start)
    return Result(
        f"countries whose first dated local engagement falls in {start}-{before - 1}",
        int(inside.sum()), unit="countries", n=len(countries), note=", ".join(sorted(countries.loc[inside, "country"])),
    )  # fmt: skip


@cache
def _province_names() -> pd.Series:
    """ISO 3166-2 code of a Chinese province-level unit -> its name in Latin letters."""
    names = pd.read_csv(config.PACKAGE / "records" / "china_names.csv")
    names = names[
        (names["kind"] == "province")
        & (names["source"] == "pycountry")
        & names["name"].map(str.isascii)
    ]
    return names.drop_duplicates("admin1").set_index("admin1")["name"]
