"""Poisson and NB2 regression against R's glm and MASS::glm.nb; what must not matter.

R's numbers: tests/reference/procedures.R.
"""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import gammaln
from statsmodels.tools.numdiff import approx_fprime, approx_hess

from lac_analysis.errors import InputError
from lac_analysis.stats.counts import fit_counts

SE_NAMES = {"model": "model_se", "robust": "hc1_se", "cluster": "crv1_se"}


@pytest.fixture(scope="module")
def panel(reference):
    table = reference.table("panel")
    X = pd.DataFrame(
        {"(Intercept)": 1.0, "federal": table["federal"], "time": table["year"] - 2010}
    )
    return table, X


@pytest.mark.parametrize("family", ["poisson", "nb2"])
@pytest.mark.parametrize("cov", SE_NAMES)
def test_equals_r_on_the_country_year_panel(reference, panel, family, cov):
    table, X = panel
    r = reference.of(f"counts_{family}")
    fit = fit_counts(
        table["projects"], X, table["population"], family=family, cov=cov, groups=table["iso3"]
    )
    for j, name in enumerate(X.columns):
        assert fit.coef[j] == pytest.approx(r[f"coef.{name}"], rel=1e-6)
        if family == "poisson":  # R's glm.nb takes the dispersion as known
            assert fit.se[j] == pytest.approx(r[f"{SE_NAMES[cov]}.{name}"], rel=1e-6)
    assert fit.loglik == pytest.approx(r["loglik"], rel=1e-9)
    assert fit.alpha == pytest.approx(r.get("alpha", 0), rel=1e-6)
    assert fit.converged
    assert fit.df == {"model": np.inf, "robust": len(table) - 3, "cluster": 32}[cov]


def test_errors_of_nb2_allow_for_the_estimated_dispersion(panel):
    """Against the inverse Hessian and the sandwich by numerical derivatives of the likelihood."""
    table, X = panel
    y, offset = table["projects"].to_numpy(float), np.log(table["population"].to_numpy(float))

    def log_likelihood(parameters):
        *coef, alpha = parameters
        mean = np.exp(X.to_numpy(float) @ coef + offset)
        size = 1 / alpha
        value = gammaln(y + size) - gammaln(size) - gammaln(y + 1)
        return value + y * np.log(alpha * mean) - (y + size) * np.log1p(alpha * mean)

    arguments = (table["projects"], X, table["population"])
    fit = fit_counts(*arguments, family="nb2", cov="model")
    at = np.array([*fit.coef, fit.alpha])
    inverse = np.linalg.inv(-approx_hess(at, lambda p: log_likelihood(p).sum()))
    scores = approx_fprime(at, log_likelihood, centered=True)
    sandwich = inverse @ scores.T @ scores @ inverse * len(y) / (len(y) - len(at))
    robust = fit_counts(*arguments, family="nb2", cov="robust")
    assert fit.se == pytest.approx(np.sqrt(np.diag(inverse))[:3], rel=1e-3)
    assert robust.se == pytest.approx(np.sqrt(np.diag(sandwich))[:3], rel=1e-3)


def test_jackknife_equals_leaving_out_each_country_in_r(reference, panel):
    table, X = panel
    fit = fit_counts(
        table["projects"], X, table["population"], cov="jackknife", groups=table["iso3"]
    )
    r = reference.of("counts_poisson")
    assert fit.se == pytest.approx([r[f"crv3_se.{name}"] for name in X.columns], rel=1e-6)


def test_nb2_without_overdispersion_is_poisson():
    X = pd.DataFrame({"constant": np.ones(6), "x": np.arange(6)})
    y = [2, 2, 3, 3, 4, 4]
    nb2, poisson = (fit_counts(y, X, family=family) for family in ("nb2", "poisson"))
    assert nb2.alpha == 0
    assert nb2.coef == pytest.approx(poisson.coef)
    assert "Poisson limit" in nb2.method


def test_very_dispersed_counts_reach_their_maximum():
    """Fisher scoring (R's glm.nb) swings about this one; statsmodels alone runs to alpha = 1e6."""
    y = [13, 3, 0, 3, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 4, 0]
    fit = fit_counts(y, pd.DataFrame({"constant": 1.0, "x": np.linspace(-1, 1, 21)}), family="nb2")
    assert fit.converged
    assert fit.influence.sum(axis=0) == pytest.approx([0, 0], abs=1e-8)
    assert fit.alpha == pytest.approx(6.54184, rel=1e-5)


def test_group_without_events_has_ratio_zero_and_leaves_the_rest_alone():
    X = pd.DataFrame({"constant": 1.0, "treated": [0, 0, 0, 1, 1, 1], "late": [0, 1, 0, 1, 0, 1]})
    fit = fit_counts([1, 4, 3, 0, 0, 0], X, cov="model")
    alone = fit_counts([1, 4, 3], X[["constant", "late"]][:3], cov="model")
    ratio = fit.rate_ratio("treated")
    assert ratio.estimate == 0
    assert np.isnan(ratio.p)
    assert np.isnan(ratio.interval).all()
    assert fit.coef[2] == pytest.approx(alone.coef[1])
    assert fit.se[2] == pytest.approx(alone.se[1])


def test_effects_of_groups_without_events_do_not_disturb_the_effect_of_interest():
    group = np.repeat([0, 1, 2], 4)
    X = pd.DataFrame(
        {"constant": 1.0, "g1": group == 1, "g2": group == 2, "x": np.tile([0, 1, 1, 0], 3)}
    ).astype(float)
    fit = fit_counts([0, 0, 0, 0, 1, 4, 2, 1, 3, 5, 8, 2], X)
    without = fit_counts([1, 4, 2, 1, 3, 5, 8, 2], X.loc[4:, ["g1", "g2", "x"]])
    assert fit.coef[:3].tolist() == [-np.inf, np.inf, np.inf]
    assert fit.coef[3] == pytest.approx(without.coef[2])


def test_country_that_alone_carries_an_effect_has_no_jackknife_variance():
    X = pd.DataFrame({"constant": 1.0, "one": [1.0, 1, 0, 0, 0, 0]})
    fit = fit_counts([1, 2, 3, 4, 5, 6], X, cov="jackknife", groups=list("aabbcc"))
    assert np.isnan(fit.se[1])


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.integers(0, 30), min_size=8, max_size=8).filter(
        lambda y: min(y[:4]) + min(y[4:]) > 0
    ),
    st.integers(0, 999),
)
def test_order_of_rows_and_unit_of_exposure_do_not_matter(y, seed):
    y, exposure = np.array(y), np.arange(1.0, 9.0)
    X = pd.DataFrame({"constant": 1.0, "x": [0, 0, 0, 0, 1, 1, 1, 1]})
    order = np.random.default_rng(seed).permutation(8)
    fit = fit_counts(y, X, exposure, family="nb2")
    moved = fit_counts(y[order], X.iloc[order], 1000 * exposure[order], family="nb2")
    assert moved.coef[1] == pytest.approx(fit.coef[1], abs=1e-7)
    assert moved.se[1] == pytest.approx(fit.se[1], rel=1e-6)
    assert moved.coef[0] == pytest.approx(fit.coef[0] - np.log(1000), abs=1e-7)


def test_saturated_poisson_is_the_ratio_of_rates():
    X = pd.DataFrame({"constant": 1.0, "x": [0, 0, 1, 1]})
    ratio = fit_counts([3, 5, 10, 2], X, [1, 3, 2, 2]).rate_ratio("x")
    assert ratio.estimate == pytest.approx((12 / 4) / (8 / 4))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"y": [1, -2, 3, 4]}, "not a count"),
        ({"y": [1, 2, 3]}, "lengths differ"),
        ({"exposure": [1, 1, 0, 1]}, "exposure must be positive"),
        ({"family": "gamma"}, "unknown family"),
        ({"cov": "cluster"}, "no groups"),
        ({"X": pd.DataFrame({"constant": 1.0, "x": [1, 1, 1, 1]})}, "linear combinations"),
        ({"X": pd.DataFrame({"constant": 1.0, "x": [0, 1, np.nan, 1]})}, "missing or infinite"),
    ],
)
def test_unusable_input_is_named(change, message):
    arguments = {
        "y": [1, 2, 3, 4],
        "X": pd.DataFrame({"constant": 1.0, "x": [0, 1, 0, 1]}),
    } | change
    with pytest.raises(InputError, match=message):
        fit_counts(**arguments)


def test_nothing_to_estimate():
    X = pd.DataFrame({"constant": 1.0, "x": [0, 1, 0, 1]})
    with pytest.raises(ValueError, match="no events"):
        fit_counts([0, 0, 0, 0], X)
    with pytest.raises(ValueError, match="at least two"):
        fit_counts([1, 2, 3, 4], X, cov="cluster", groups=["a"] * 4)


@pytest.mark.slow
def test_nb2_finds_a_maximum_for_any_data():
    rng = np.random.default_rng(3)
    X = pd.DataFrame({"constant": 1.0, "x": np.linspace(-1, 1, 21)})
    for _ in range(300):
        shape = rng.choice([0.1, 1, 10, 1000])
        y = rng.negative_binomial(shape, shape / (shape + rng.choice([0.5, 5, 500])), 21)
        if y.sum() == 0:
            continue
        fit = fit_counts(y, X, family="nb2")
        assert fit.converged
        assert fit.loglik >= fit_counts(y, X, family="poisson").loglik - 1e-9


@pytest.mark.slow
def test_jackknife_interval_covers_with_few_unequal_countries():
    rng = np.random.default_rng(5)
    groups = np.repeat(np.arange(12), [3, 3, 3, 4, 4, 5, 6, 8, 10, 14, 20, 30])
    treated = (groups % 3 == 0).astype(float)
    X = pd.DataFrame({"constant": 1.0, "treated": treated})
    covered = {"cluster": 0, "jackknife": 0}
    runs = 300
    for _ in range(runs):
        y = rng.poisson(np.exp(1 + rng.normal(0, 0.4, 12)[groups]))
        for cov in covered:
            low, high = fit_counts(y, X, cov=cov, groups=groups).interval[1]
            covered[cov] += low <= 0 <= high
    assert covered["jackknife"] > covered["cluster"]
    assert covered["jackknife"] / runs > 0.9
