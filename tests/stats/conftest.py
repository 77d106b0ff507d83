"""What R found (tests/reference/procedures.R and version_2_c.R)."""

from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest

FOLDER = Path(__file__).parents[1] / "reference"


@pytest.fixture(scope="session")
def reference():
    """`of(case)`: a dict of R's numbers; `table(name)`: the data they come from."""
    results = pd.read_csv(FOLDER / "procedures_results.csv", dtype={"quantity": str})

    def of(case):
        rows = results[results["case"] == case]
        return dict(zip(rows["quantity"], rows["value"], strict=True))

    return SimpleNamespace(of=of, table=lambda name: pd.read_csv(FOLDER / f"procedures_{name}.csv"))


@pytest.fixture(scope="session")
def reference_b():
    """As `reference`, of tests/reference/version_2_b.R."""
    return _version_2("b")


@pytest.fixture(scope="session")
def reference_c():
    """As `reference`, of tests/reference/version_2_c.R."""
    return _version_2("c")


def _version_2(part):
    results = pd.read_csv(FOLDER / f"version_2_{part}_results.csv", dtype={"quantity": str})

    def of(case):
        rows = results[results["case"] == case]
        return dict(zip(rows["quantity"], rows["value"], strict=True))

    return SimpleNamespace(
        of=of, table=lambda name: pd.read_csv(FOLDER / f"version_2_{part}_{name}.csv")
    )
