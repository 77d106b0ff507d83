"""How much of what there is the two equal searches find, by country; counts corrected for it."""

from pathlib import Path

import numpy as np
import pandas as pd

from lac_analysis import files, panel
from lac_analysis.errors import InputError
from lac_analysis.selection import Selection, chosen
from lac_analysis.stats.detection import Detection, detection
from lac_analysis.tables import Tables

RECALL = 0.96  # of the deduplication, T or P with N records: docs/deduplication.md
_SPOKEN = files.read_yaml(Path(__file__).with_suffix(".yml"))  # language -> countries
LANGUAGES = {iso3: language for language, isos in _SPOKEN.items() for iso3 in isos}
COVARIATES = ("language", "log_population", "log_population_squared", "recognition")


def events(tables: Tables, selection: Selection, undated: str = "include") -> pd.DataFrame:
    """One row a local engagement that either search found: unit (country), found_a (by T1-T3, T5 or
    T6) and found_b (by N1-N5). `undated` as in `chosen`.
    """
    found = chosen(tables, selection.replace(collection="neutral"), undated=undated)
    columns = {"country": "unit", "found_by_t": "found_a", "found_by_n": "found_b"}
    return found[list(columns)].rename(columns=columns).reset_index(drop=True)


def countries(tables: Tables, selection: Selection) -> pd.DataFrame:
    """What detection may depend on: language, size, Taipei recognised in some year; by country."""
    table = panel.countries(tables, selection)
    size = np.log(table["population"])
    size = size - size.mean()
    spoken = [LANGUAGES.get(iso, "Spanish") for iso in table.index]
    roc = panel.recognised_roc(tables, selection).astype("int64").reindex(table.index)
    of_size = {"log_population": size, "log_population_squared": size**2}
    return table[["country"]].assign(language=spoken, **of_size, recognition=roc)


def corrected(tables: Tables, selection: Selection) -> Detection:
    """Detection by country, partially pooled, and counts corrected for it and for links that the
    deduplication misses. Raises InputError where no event was found by both searches.
    """
    found = events(tables, selection)
    return detection(found, countries(tables, selection), COVARIATES, recall=RECALL)


def log_corrected(tables: Tables, selection: Selection) -> pd.Series:
    """Log of (found + 1/2) / detection by ISO3; empty where it cannot be estimated."""
    try:
        units = corrected(tables, selection).units
    except InputError:
        return pd.Series(dtype=float)
    return np.log((units["found"] + 0.5) / units["p_found"])
