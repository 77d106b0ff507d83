"""The claims' primary numbers, computed again in R from each claim's table (tests/reference)."""

import pandas as pd
import pytest
from reference.findings import FOLDER, primary_tables

from lac_analysis import config, files
from lac_analysis.claims import plan

R = pd.read_csv(FOLDER / "findings_results.csv").set_index(["claim", "quantity"])["value"]
AGAIN = "run tests/reference/findings.py and findings.R again"


def test_r_had_the_tables_of_today(tables):
    for name, table in primary_tables(tables).items():
        stored = pd.read_csv(FOLDER / f"findings_{name}.csv")
        pd.testing.assert_frame_equal(
            stored, table, check_dtype=False, rtol=1e-9, obj=f"{name}: {AGAIN}; it"
        )


@pytest.mark.parametrize("claim", sorted(set(R.index.get_level_values("claim"))))
def test_the_reference_run_found_what_r_finds(claim):
    notebook = plan.of(claim).notebook
    finding = files.read_json(config.REFERENCE / f"{notebook}.json")
    for quantity, value in R[claim].items():
        if quantity in ("estimate", "low", "high", "p"):
            assert finding[quantity] == pytest.approx(value, rel=1e-6), quantity


def test_what_r_counted():
    assert R["authority", "assignments"] == 3630
