"""Tables for papers say what the data say, in HTML and LaTeX, with the same bytes each time."""

import math
from pathlib import Path

import pandas as pd
import pytest

from lac_analysis import panel
from lac_analysis.claims import plan as plans
from lac_analysis.claims.finding import Finding
from lac_analysis.panel import Selection
from lac_analysis.report import regressions
from lac_analysis.report import tables as paper
from lac_analysis.stats.counts import fit_counts


@pytest.fixture(scope="module")
def findings():
    """Made-up findings: a table is set from them whatever they say."""

    def made(plan, window):
        return Finding(
            0.5, 0.1, math.inf, "", 0.04, "", 1.0, 33, 1, 1, claim=plan.id, unit=plan.unit, window=window, holm_p=0.4,
            sesoi=plan.sesoi, verdict="not supported & 100 % <sure>",
        )  # fmt: skip

    return [
        {name: made(plan, window) for name, plan in plans.load().items()}
        for window in ((2000, 2020), (2021, 2025))
    ]


@pytest.fixture(scope="module")
def made(tables, findings):
    return {table.name: table for table in paper.every(tables, *findings)}


def test_descriptive_statistics_are_those_of_the_panel(tables, made):
    rows = made["descriptive"].data.set_index("Variable")
    counts = panel.countries(tables, Selection())["engagements"]
    assert float(rows.loc["Local engagements", "Mean"]) == pytest.approx(counts.mean(), rel=5e-3)
    assert float(rows.loc["Local engagements", "Maximum"]) == counts.max()
    assert rows.loc["Federal", ["Countries", "Mean"]].tolist() == ["33", "0.152"]  # 5 of 33
    assert rows.loc["Regional self-rule (RAI)", "Countries"] == "27"


def test_federal_model_without_controls_is_the_ratio_of_means(tables, made):
    counts = panel.countries(tables, Selection())
    means = counts.groupby("federal")["engagements"].mean()
    first = made["federal"].data.set_index("term").loc["Federal", "(1)"]
    assert float(first.rstrip("*")) == pytest.approx(math.log(means[1] / means[0]), abs=6e-4)


def test_strained_model_is_that_of_r(made):
    """The Poisson panel model with year effects of tests/reference/panel.R."""
    known = (
        pd.read_csv(Path(__file__).parents[1] / "reference" / "panel_fits.csv")
        .set_index("family")
        .loc["poisson"]
    )
    first = made["strained"].data.set_index("term")["(1)"]
    assert first["Strained"].replace("−", "-").rstrip("*") == f"{known['roc']:.3f}"
    assert first["Log-likelihood"].replace("−", "-") == f"{known['loglik']:.1f}"
    assert "(1) recognises the ROC" in made["strained"].note


def test_a_regression_table_shows_coefficients_errors_and_stars():
    y = [1, 2, 2, 4, 5, 9, 14, 22, 40, 61]
    fit = fit_counts(y, pd.DataFrame({"Time": range(10), "Constant": 1.0}), cov="model")
    table = regressions.table([regressions.Model("(1)", "time", fit, sum(y), {"Countries": "1"})])
    assert table.index.tolist()[:4] == ["Time", "", "Constant", ""]
    # summary(glm(y ~ t, family = poisson)) in R: slope 0.47354 (0.04236), p = 5e-29; constant
    # -0.15284 (0.32480)
    assert table["(1)"].tolist()[:4] == ["0.474***", "(0.042)", "−0.153", "(0.325)"]
    assert table.loc["Engagements", "(1)"] == "160"
    assert "Dispersion" not in table.index


def test_latex_is_escaped_and_uses_booktabs(made):
    for table in made.values():
        text = paper.as_latex(table)
        assert all(rule in text for rule in ("\\toprule", "\\midrule", "\\bottomrule"))
        assert text.isascii(), sorted({sign for sign in text if not sign.isascii()})
    assert "not supported \\& 100 \\% \\textless{}sure\\textgreater{}" in paper.as_latex(
        made["verdicts"]
    )


def test_html_is_escaped_names_its_origin_and_does_not_change(made):
    text = paper.as_html(made["verdicts"])
    assert "100 % &lt;sure&gt;" in text and "<sure>" not in text
    assert text.startswith("<!-- {") and '"input_hash"' in text.splitlines()[0]
    assert text == paper.as_html(made["verdicts"])
