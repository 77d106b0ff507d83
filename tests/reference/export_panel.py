"""Write the tables that panel.R reads: the country table and the country-year panel of the primary
samples.
"""

from pathlib import Path

from lac_analysis import files, panel, tables
from lac_analysis.claims import plan, strained

HERE = Path(__file__).parent


def export(folder: Path = HERE) -> None:
    """panel_countries.csv (iso3, engagements, exposures, federal) and panel_years.csv (iso3, year,
    counts, labels).
    """
    data = tables.load()
    countries = panel.countries(data, plan.load()["authority"].selection())
    columns = ["engagements", *panel.EXPOSURES, "federal"]
    files.write_csv(folder / "panel_countries.csv", countries[columns].reset_index())

    selection = plan.load()["strained"].selection()
    cells = panel.country_cells(data, selection)[["iso3", "year", "engagements", "population"]]
    label = strained.labels(data, selection, "roc")
    files.write_csv(folder / "panel_years.csv", cells.assign(roc=label.ravel().astype(int)))


if __name__ == "__main__":
    export()
