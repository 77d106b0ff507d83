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
<<<<<<< HEAD
def reference_b():
    """As `reference`, of tests/reference/version_2_b.R."""
    results = pd.read_csv(FOLDER / "version_2_b_results.csv", dtype={"quantity": str})
=======
def reference_c():
    """The same for version_2_c.R."""
    results = pd.read_csv(FOLDER / "version_2_c_results.csv", dtype={"quantity": str})
>>>>>>> statsc

    def of(case):
        rows = results[results["case"] == case]
        return dict(zip(rows["quantity"], rows["value"], strict=True))

    return SimpleNamespace(
<<<<<<< HEAD
        of=of, table=lambda name: pd.read_csv(FOLDER / f"version_2_b_{name}.csv")
=======
        of=of, table=lambda name: pd.read_csv(FOLDER / f"version_2_c_{name}.csv")
>>>>>>> statsc
    )
