"""The findings' numbers against R, on the committed panel: tests/reference/panel.R and its stored
output.
"""

import importlib.util

import numpy as np
import pandas as pd
import pytest

from lac_analysis import config, panel
from lac_analysis.stats import counts, randomisation, spells

REFERENCE = config.ROOT / "tests" / "reference"


@pytest.fixture(scope="module")
def years():
    return pd.read_csv(REFERENCE / "panel_years.csv")


@pytest.mark.parametrize("exposure", panel.EXPOSURES)
def test_all_assignments_of_the_federal_label(exposure):
    table = pd.read_csv(REFERENCE / "panel_countries.csv")
    by_r = pd.read_csv(REFERENCE / "panel_randomisation.csv").set_index("exposure").loc[exposure]
    ours = randomisation.label_test(table["engagements"], table[exposure], table["federal"], seed=1)
    assert ours.assignments == by_r["assignments"] == 237_336
    assert ours.statistic == pytest.approx(by_r["ratio"], rel=1e-9)
    assert ours.p == pytest.approx(by_r["p"], abs=1e-12)


@pytest.mark.parametrize("family", ["poisson", "nb2"])
def test_panel_fits(years, family):
    by_r = pd.read_csv(REFERENCE / "panel_fits.csv").set_index("family").loc[family]
    held = years[years.groupby("year")["engagements"].transform("sum") > 0].reset_index(drop=True)
    design = pd.get_dummies(held["year"], prefix="year", drop_first=True, dtype=float)
    design.insert(0, "roc", held["roc"].astype(float))
    design.insert(0, "const", 1.0)
    fit = counts.fit_counts(
        held["engagements"], design, held["population"], family=family, cov="model"
    )
    at = list(fit.names).index("roc")
    assert fit.converged
    assert fit.coef[at] == pytest.approx(by_r["roc"], abs=1e-6)
    assert fit.loglik == pytest.approx(by_r["loglik"], abs=1e-6)
    assert fit.alpha == pytest.approx(by_r["alpha"], rel=1e-4)
    if family == "poisson":
        assert fit.se[at] == pytest.approx(by_r["se"], rel=1e-6)


def test_the_randomisation_estimate_is_the_poisson_fit(years):
    wide = [
        years.pivot(index="iso3", columns="year", values=v).to_numpy(float)
        for v in ("engagements", "population", "roc")
    ]
    by_r = pd.read_csv(REFERENCE / "panel_fits.csv").set_index("family").loc["poisson"]
    assert spells.log_rate_ratios(*wide)[0] == pytest.approx(by_r["roc"], abs=1e-6)


def test_the_committed_panel_is_what_the_data_give(tmp_path):
    spec = importlib.util.spec_from_file_location("export_panel", REFERENCE / "export_panel.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.export(tmp_path)
    for name in ("panel_countries.csv", "panel_years.csv"):
        new, old = pd.read_csv(tmp_path / name), pd.read_csv(REFERENCE / name)
        pd.testing.assert_frame_equal(new, old, rtol=1e-12)
    assert np.isfinite(new.select_dtypes("number")).all().all()
