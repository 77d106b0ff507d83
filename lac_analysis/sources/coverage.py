"""What the country tables do not know about a user's records: what is left out, and what stands in
for the rest.
"""

import pandas as pd

from lac_analysis.sources.own import Own

# column of country_year.csv -> (name, claims that use it, what happens where it is missing)
_CARRIED = "after the last year the last known value stands in; before the first there is none"
_MEAN = "the mean of the window's known years, or of the last five known, stands in; a country without any is left out"
_LEFT_OUT = "country-years without it are left out"
_COVARIATES = {
    "population": ("population", "reach, authority, strained", _CARRIED),
    "gdp_usd": ("GDP", "authority", _MEAN),
    "imports_china_musd": ("trade with China", "authority", _MEAN),
    "rai_self_rule": ("RAI self-rule", "authority", _MEAN),
    "vdem_division_of_power": ("V-Dem division of power", "authority", _MEAN),
    "ideal_point_gap_china": ("UNGA ideal-point gap to China", "strained", _LEFT_OUT),
    "unga_agreement_china": ("UNGA agreement with China", "strained", _LEFT_OUT),
    "prc_partnership_level": ("partnership label", "strained", _CARRIED),
    "bri_member": ("Belt and Road membership", "strained", _CARRIED),
    "gcdf_projects": (
        "AidData projects",
        "growth, tiers",
        "no comparison with the state tier in those years",
    ),
    "cgit_deals": (
        "CGIT deals",
        "growth, tiers",
        "no comparison with the company tier in those years",
    ),
}


def missing(mine: Own, country_year: pd.DataFrame) -> pd.DataFrame:
    """What is missing for a user's local records: one row a gap.

    Parameters
    ----------
    mine : as `own.load` returns it. country_year : data/raw/country_year.csv.

    Returns
    -------
    what (such as 'GDP'), known (where it is: years, and countries without), records (local records
    there that fall
    outside), of (local records), claims that use it, then (what happens). Only gaps that touch a
    record, and the
    records that were left out or have no date.
    """
    local = mine.records[mine.records["lac_level"] != "national"]
    year = pd.to_numeric(local["date_iso"].str[:4]).astype("Int64")
    rows = []
    if len(mine.left_out):
        codes = mine.left_out["lac_iso3"].value_counts()
        named = ", ".join(f"{code} ({n})" for code, n in codes.sort_index().items())
        rows.append(
            (
                "any country table",
                f"the 33 members of CELAC; not {named}",
                len(mine.left_out),
                "all",
                "left out",
            )
        )
    if year.isna().any():
        then = "outside every window; counted only with undated=include"
        rows.append(("a date", "", int(year.isna().sum()), "all", then))
    for column, (name, claims, then) in _COVARIATES.items():
        known = country_year[country_year[column].notna()]
        first, last = known["year"].min(), known["year"].max()
        without = sorted(set(country_year["iso3"]) - set(known["iso3"]))
        gap = (year < first) | (year > last)
        gap = gap.fillna(False) | local["lac_iso3"].isin(without)
        if gap.any():
            where = f"{first} to {last}" + (f"; not {', '.join(without)}" if without else "")
            rows.append((name, where, int(gap.sum()), claims, then))
    table = pd.DataFrame(rows, columns=["what", "known", "records", "claims", "then"])
    table.insert(3, "of", len(local))
    return table


def as_text(mine: Own, gaps: pd.DataFrame) -> str:
    """The statement for a terminal."""
    n = len(mine.records)
    local = int((mine.records["lac_level"] != "national").sum())
    lines = [f"{mine.format}: {n:,} records, {local:,} of them local (the claims count only these)"]
    years = mine.records.loc[mine.records["date_iso"] != "", "date_iso"].str[:4]
    if len(years):
        lines.append(
            f"dated from {years.min()} to {years.max()}; years of a window that a list does not cover count as years "
            "without an engagement: set -p window_start and window_end to what it covers"
        )
    if mine.unused:
        lines.append(f"columns not used: {', '.join(mine.unused)}")
    for row in gaps.itertuples():
        where = f" (known: {row.known})" if row.known else ""
        n = f"{row.records:,} {'record' if row.records == 1 else 'records'}"
        lines.append(f"- no {row.what} for {n}{where}; used by {row.claims}; {row.then}")
    return "\n".join(lines)
