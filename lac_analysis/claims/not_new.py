"""Claim 2: does local engagement reach back to the early 2000s and before?"""

import pandas as pd

from lac_analysis import charts, config, panel
from lac_analysis.claims import verdict
from lac_analysis.claims.finding import Finding, Result
from lac_analysis.claims.picture import draw, drawn
from lac_analysis.claims.plan import NotTestable, Plan
from lac_analysis.selection import Selection, chosen, sample_of
from lac_analysis.stats.estimate import Estimate
from lac_analysis.stats.proportions import proportion
from lac_analysis.tables import Tables

_EVER = pd.Timestamp(1, 1, 1)  # stands for a date without a lower bound
_DATED = ["country", "china_admin1", "date_start", "date_end", "date_is_report"]


def table(tables: Tables, selection: Selection, *, exclude_report_dates: bool) -> pd.DataFrame:
    """One row a country, indexed by ISO3: country, engagements, and the earliest day (`first`) and
    the latest day (`last`) that its first dated local engagement can have had; missing where there
    is none. Earlier years than the window's start count.
    """
    found = dated(tables, selection, exclude_report_dates=exclude_report_dates)
    names = panel.countries(tables, selection)["country"]
    firsts = first_dates(found, ["country"]).set_index("country")
    number = found.groupby("country").size().reindex(names.index, fill_value=0)
    return pd.DataFrame({"country": names, "engagements": number}).join(firsts).rename_axis("iso3")


def dated(tables: Tables, selection: Selection, *, exclude_report_dates: bool) -> pd.DataFrame:
    """Dates of local engagements that certainly took place by the window's end, however early."""
    found = chosen(tables, selection, any_date=True)[_DATED]
    if exclude_report_dates:
        found = found[~found["date_is_report"]]
    return found[found["date_end"] < pd.Timestamp(selection.window_end + 1, 1, 1)]


def first_dates(found: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    """First engagement of each country or pair: the earliest `first` and the latest `last` day it
    can have had, sorted by `last`. `first` is missing where one of the dates has no lower bound.
    """
    found = found.assign(date_start=found["date_start"].fillna(_EVER))
    ends = found.groupby(by, as_index=False)
    firsts = ends.agg(last=("date_end", "min"), first=("date_start", "min"))
    firsts["first"] = firsts["first"].mask(firsts["first"] == _EVER)
    return firsts.sort_values(["last", *by], ignore_index=True)


def pairs(tables: Tables, selection: Selection, *, exclude_report_dates: bool) -> pd.DataFrame:
    """First dates of each country and Chinese province."""
    found = dated(tables, selection, exclude_report_dates=exclude_report_dates)
    return first_dates(found[found["china_admin1"].notna()], ["country", "china_admin1"])


def check(countries: pd.DataFrame, plan: Plan, window_start: int, before: int) -> None:
    """Raise NotTestable where the countries cannot carry the test of the plan."""
    if window_start >= before:
        raise NotTestable(f"a window from {window_start} holds no year before {before}")
    if not countries["engagements"].sum():
        raise NotTestable("no local engagement of the selection has a date")
    least, n = plan.null_value, len(countries)
    if n <= least:
        raise NotTestable(f"{n} countries are left, and the claim is about more than {least:g}")


def reached(countries: pd.DataFrame, before: int) -> pd.Series:
    """True for the countries with a local engagement that certainly took place before a year."""
    return countries["last"] < pd.Timestamp(before, 1, 1)


def estimate(tables: Tables, selection: Selection, *, before: int, **choices) -> float:
    """Number of countries reached before the year `before`. `choices` as in `table`."""
    if selection.window_start >= before:
        raise NotTestable(f"the window holds no year before {before}")
    countries = table(tables, selection, **choices)
    if not countries["engagements"].any():
        raise NotTestable("no local engagement of the selection has a date")
    return float(reached(countries, before).sum())


def analyse(
    tables: Tables, selection: Selection, plan: Plan, *, seed: int, before: int, **choices
) -> Finding:
    """The steps of notebook 02. `choices` as in `table`."""
    countries = table(tables, selection, **choices)
    check(countries, plan, selection.window_start, before)
    k, n = int(reached(countries, before).sum()), len(countries)
    test = proportion(k, n, null=plan.null_value / n, alternative="greater")
    interval = proportion(k, n, level=plan.level).interval
    power = verdict.exact_design(n, plan, scale=n, alternative="greater")
    firsts = pairs(tables, selection, **choices)
    counted = min(before, selection.window_end + 1)
    return finding(countries, test, interval, power, firsts, counted)


def finding(
    countries: pd.DataFrame, test: Estimate, interval: tuple[float, float], power: pd.DataFrame,
    firsts: pd.DataFrame, before: int,
) -> Finding:  # fmt: skip
    """The finding: countries reached, and what pairs and first years say beside it.

    countries : of `table`.   test : one-sided.   interval : of the share, two-sided.
    power : of `verdict.exact_design`.   firsts : of `pairs`.   before : the first year that is not
    counted, of the plan or after the window.
    """
    n, known = len(countries), countries.dropna(subset="last")
    start, years = config.REPORT_WINDOW[0], known["last"].dt.year
    inside = reached(known, before) & (known["first"].dt.year >= start)
    since = Result(f"countries whose first dated local engagement falls in {start}-{before - 1}",
                   int(inside.sum()), unit="countries", n=len(known),
                   note=", ".join(known.index[inside]))  # fmt: skip
    early = int((firsts["last"].dt.year < before).sum())
    secondary = (
        *([since] if before > start else ()),
        Result(f"pairs of a country and a Chinese province, before {before}", early,
               unit="pairs", n=len(firsts), note=f"of {len(firsts)} with a dated engagement"),
        Result("median first year of the countries", float(years.median()), unit="year",
               n=len(known), note="latest year the first engagement can have; countries without "
               "one left out"),
    )  # fmt: skip
    return Finding.of(
        test,
        power,
        estimate=float(reached(countries, before).sum()),
        low=interval[0] * n,
        high=interval[1] * n,
        interval_method="exact binomial (Clopper-Pearson), two-sided",
        p_method=f"exact binomial on {n} countries, one-sided",
        n_countries=n,
        n_engagements=int(countries["engagements"].sum()),
        attainable=float(n),
        secondary=secondary,
        detail={"table": countries, "pairs": firsts},
    )


@drawn
def draw_countries(finding: Finding) -> charts.Picture:
    """Each country from its first dated local engagement on; dots: first with each province."""
    countries = finding.detail["table"].reset_index().rename(columns={"country": "row"})
    days = countries[["first", "last"]].apply(lambda dates: dates.dt.strftime("%Y-%m-%d"))
    known = countries.dropna(subset="last").sort_values("last")
    pairs, names = finding.detail["pairs"], countries.set_index("iso3")["row"]
    dots = pairs.assign(row=pairs["country"].map(names))
    before = min(finding.parameters["before"], finding.window[1] + 1)
    left_out = finding.parameters["exclude_report_dates"]
    reports = "; dates of reports left out" if left_out else ""
    told = ", ".join(f"{row.row} {row.last.year}" for row in known.itertuples())
    return draw(
        finding, "countries", charts.timeline, countries, "row", "last", events=dots,
        before="none dated", after="recorded",
        when=f"{finding.period()}, {sample_of(finding.parameters)}",
        window=(int(known["last"].min().year) // 5 * 5, finding.window[1]),
        title=f"{finding.estimate:.0f} of {finding.n_countries} countries have a local engagement "
        f"dated before {before}",
        subtitle="Each country from its first dated local engagement on; dots: the first with each "
        f"Chinese province{reports}",
        data=countries.assign(**days)[["iso3", "row", "first", "last"]],
        alt=f"Timeline by country from the first dated local engagement on. First years: {told}.",
    )  # fmt: skip
