"""The tables of the claims' primary tests, for findings.R: `python tests/reference/findings.py`.

Writes findings_*.csv beside itself from the processed tables; then run findings.R, which writes
findings_results.csv. tests/claims/test_findings_in_r.py compares those with data/reference.
"""

from pathlib import Path

import pandas as pd

from lac_analysis import claims, panel, tables
from lac_analysis.claims import not_new, plan, platforms, reach, twinning, web

FOLDER = Path(__file__).parent
SHARES = ("authority", "self_rule", "strained")


def primary_tables(data: tables.Tables) -> dict[str, pd.DataFrame]:
    """By name: countries, years, sets (risk sets), places (kinds of actor), around (platforms)."""
    plans = plan.load()

    def of(module, name: str, *left_out: str):
        options = {k: v for k, v in plans[name].options.items() if k not in left_out}
        return module.table(data, plans[name].selection(), **options)

    dates = of(not_new, "not_new", "before")
    countries = pd.DataFrame(
        {
            "reached": of(reach, "reach")["reached"].astype(int),
            "before_2006": (dates["last"] < pd.Timestamp(2006, 1, 1)).astype(int),
        }
    )
    for name in SHARES:
        found = of(claims.CLAIMS[name], name, "controls")
        sizes = found[["local", "national", "log_population", "third"]]
        countries = countries.join(found[["label", "third"]].add_prefix(f"{name}_"))
        countries = countries.combine_first(sizes.drop(columns="third"))
    volumes = panel.years(data, plans["growth"].selection())
    sets = of(twinning, "twinning")
    kinds = of(web, "web", "drawn").groupby(["group", "unit", "kind"]).size().unstack(fill_value=0)
    kinds = kinds.reset_index().assign(unit=range(len(kinds)))  # the names of places are not needed
    around = of(platforms, "platforms")
    return {
        "countries": countries.rename_axis("iso3").sort_index().reset_index(),
        "years": volumes[["engagements", "gcdf_projects", "cgit_deals"]].reset_index(),
        "sets": sets[["case", "exposed"]].assign(set=pd.factorize(sets["set"])[0]),
        "places": kinds.rename_axis(columns=None),
        "around": around.drop(columns=["date", "country"]).reset_index(drop=True),
    }


if __name__ == "__main__":
    for title, table in primary_tables(tables.load()).items():
        table.to_csv(FOLDER / f"findings_{title}.csv", index=False, float_format="%.15g")
