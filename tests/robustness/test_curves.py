"""Joint tests of the curves of the local share, on data whose truth is known."""

import math

import numpy as np
import pandas as pd
import pytest

from lac_analysis import claims
from lac_analysis.claims import authority, plan, specifications
from lac_analysis.claims.finding import Finding
from lac_analysis.robustness import check_charts, curves, picture
from lac_analysis.selection import Selection

SELECTION = plan.of("authority").selection()


@pytest.fixture(scope="module")
def planted(counted):
    return counted(ratio=6.0, seed=1, each=6)


@pytest.fixture(scope="module")
def fits(planted):
    return curves.null_fits("authority", planted, SELECTION)


def simulated(rng, units=24):
    """Two specifications of the same made-up data without an effect: with and without a control."""
    isos = pd.Index([f"C{number:02d}" for number in range(units)])
    size, label = rng.normal(size=units), rng.normal(size=units)
    total = rng.integers(5, 30, units)
    local = rng.binomial(total, 1 / (1 + np.exp(-rng.normal(0, 0.6, units))))
    share = local.sum() / total.sum()
    return [
        curves.NullFit(
            label=pd.Series(label, isos),
            size=pd.Series(size, isos),
            residual=local - total * share,
            weight=total * share * (1 - share),
            design=np.column_stack([np.ones(units), *[rng.normal(size=units)] * k]),
        )
        for k in (0, 1)
    ]


def test_one_step_is_near_the_full_fit_where_effects_are_small(counted):
    data, planned = counted(ratio=1.8, seed=2, each=8), plan.of("authority")
    few = curves.null_fits("authority", data, SELECTION)[:12]
    test = curves.permuted(few, curves.orders(few, 9, seed=1))
    rows = list(specifications.every(planned, SELECTION, planned.options))[:12]
    full = [authority.estimate(data, row.selection, **row.options) for row in rows]
    assert np.exp(test.median) == pytest.approx(np.median(full), rel=0.05)


def test_a_planted_effect_is_found_in_the_whole_curve(fits):
    assert len(fits) == math.prod(map(len, plan.of("authority").axes.values()))
    test = curves.permuted(fits, curves.orders(fits, 200, seed=1))
    assert test.median_p < 0.05 and test.significant_p < 0.05


def test_countries_exchange_labels_within_thirds_and_those_left_out_pass_theirs_on(fits):
    exchanged = curves.orders(fits, 50, seed=2)
    assert (exchanged.iloc[0] == np.arange(33)).all()
    size = pd.concat([fit.size for fit in fits]).groupby(level=0).mean()
    third = pd.Series(curves.strata(size), size.index)[exchanged.columns].to_numpy()
    assert (third[exchanged.to_numpy()] == third).all()

    names = pd.Series(exchanged.columns, exchanged.columns).drop(["BRA", "PER"])
    labels = curves._labels(names, exchanged)
    assert (labels[0] == names.index).all()
    assert all(sorted(row) == sorted(names.index) for row in labels)
    row = exchanged.set_axis(range(51)).loc[7]
    wanted = exchanged.columns[row["ARG"]]
    while wanted in ("BRA", "PER"):
        wanted = exchanged.columns[row[wanted]]
    assert labels[7, names.index.get_loc("ARG")] == wanted


def test_without_an_effect_the_joint_test_keeps_its_size():
    rng = np.random.default_rng(3)
    p = []
    for _ in range(200):
        made = simulated(rng)
        test = curves.permuted(made, curves.orders(made, 99, seed=int(rng.integers(2**31))))
        p.append((test.median_p, test.significant_p))
    assert (np.array(p) <= 0.05).mean(axis=0).max() < 0.1  # 200 tests: 0.1 is 3 s.e. above 0.05


def test_the_summary_has_a_line_for_every_claim_and_pictures_say_what_is_missing(tables):
    table = pd.DataFrame({"definition": ["a", "b", "c"], "excerpts": ["x", "y", "x"]})
    table = table.assign(estimate=[1.0, 2.0, 4.0], primary=[True, False, False])
    findings = {
        "authority": Finding(unit="odds ratio", sign_share=0.9, specifications=table),
        "technology": Finding(not_testable="too few"),
    }
    made = simulated(np.random.default_rng(1))
    joint = {"authority": curves.permuted(made, curves.orders(made, 19, seed=1))}
    summary = curves.summary(findings, joint).set_index("claim")
    assert summary.loc["authority", ["specifications", "median", "lowest", "highest"]].tolist() == [
        3, 2, 1, 4,
    ]  # fmt: skip
    assert summary.loc["authority", "explains_most"] == "definition"
    assert summary.loc["technology", "specifications"] == 0
    made_from = picture.made_from("x", tables, window_start=2000, window_end=2020)
    assert "authority" in check_charts.draw_medians(joint, made_from).alt
    chosen = {"min_confidence": "high", "collection": "all", "drop_countries": ("BRA",)}
    of_some = picture.made_from("x", tables, window_start=2000, window_end=2020, **chosen)
    drawn = check_charts.draw_medians(joint, of_some)
    words = " ".join(each.get_text() for each in drawn.figure.texts).replace("\n", " ")
    # no choice of records, and no window, moves what excerpts say
    assert "excerpts of equal searches, all years, without BRA" in words
    assert "confidence" not in words and "all records" not in words
    assert "all records, high confidence or more where records are counted" in of_some.when
    assert "No picture" in check_charts.draw_medians({}, made_from).alt


def test_a_selection_without_excerpts_says_so(tables):
    log = tables.search_log.assign(n_local=0.0)
    with pytest.raises(claims.NotTestable, match="no specification"):
        curves.null_fits("authority", tables.replace(search_log=log), Selection())
