"""Batched fits against statsmodels one at a time; what cannot be estimated is said, fit by fit."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st

from lac_analysis.errors import InputError
from lac_analysis.stats.batched import STATUSES, fit_many
from lac_analysis.stats.counts import fit_counts

REFERENCE = Path(__file__).parents[1] / "reference"
KINDS = ("shared", "varying", "label")


def _data(seed: int, kind: str, family: str, b: int = 6):
    """Y, X, offset, weights of b random fits."""
    rng = np.random.default_rng(seed)
    n = int(rng.integers(12, 60))
    label = (rng.random((b, n)) < rng.uniform(0.15, 0.85)).astype(float)
    label[:, :2] = 0, 1
    X = np.stack([np.ones((b, n)), label], axis=2)
    if kind == "varying":
        X = np.concatenate([X, rng.normal(size=(b, n, 1))], axis=2)
    if kind == "shared":
        X = np.column_stack([np.ones(n), label[0], rng.normal(size=(n, int(rng.integers(0, 3))))])
    offset = rng.normal(0, 1, (b, n))
    mean = np.exp(offset + 1 + rng.normal() * label)
    size = rng.uniform(0.5, 3)
    Y = (
        rng.normal(size=(b, n))
        if family == "ols"
        else rng.negative_binomial(size, size / (size + mean)).astype(float)
    )
    return Y, X, offset, rng.integers(0, 2, n) | rng.integers(0, 2, (b, n))


def _statsmodels(y, X, offset, family, alpha=None):
    if family == "ols":
        return sm.OLS(y - offset, X).fit()
    model = sm.families.Poisson() if alpha is None else sm.families.NegativeBinomial(alpha=alpha)
    return sm.GLM(y, X, model, offset=offset).fit(tol=1e-13, maxiter=200, cov_type="HC1")


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**9), st.sampled_from(KINDS), st.sampled_from(["poisson", "ols"]))
def test_equals_statsmodels_where_both_converge(seed, kind, family):
    Y, X, offset, weights = _data(seed, kind, family)
    fits = fit_many(Y, X, offset, weights, family=family)
    for i in np.flatnonzero(fits.status == STATUSES.index("converged")):
        used = weights[i] == 1
        design = (X if X.ndim == 2 else X[i])[used]
        n, k = design.shape
        alone = _statsmodels(Y[i, used], design, offset[i, used], family)
        assert fits.n[i] == n
        assert fits.coef[i] == pytest.approx(alone.params, rel=1e-6, abs=1e-6)
        if family == "ols":
            assert fits.se[i] == pytest.approx(alone.bse, rel=1e-6)
            assert fits.robust_se[i] == pytest.approx(alone.HC1_se, rel=1e-6)
            assert fits.p(1)[i] == pytest.approx(
                alone.get_robustcov_results("HC1").pvalues[1], rel=1e-6, abs=1e-12
            )
        else:  # statsmodels leaves out the small-sample factor of HC1 for a GLM
            # NaN: the root of 0, rounded below it
            expected = np.nan_to_num(alone.bse) * np.sqrt(n / (n - k))
            assert fits.robust_se[i] == pytest.approx(expected, rel=1e-5, abs=1e-7)
            assert fits.se[i] == pytest.approx(
                np.sqrt(np.diag(alone.normalized_cov_params)), rel=1e-5
            )


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10**9), st.sampled_from(KINDS))
def test_nb2_is_a_maximum_and_equals_statsmodels_at_its_dispersion(seed, kind):
    Y, X, offset, weights = _data(seed, kind, "nb2")
    fits = fit_many(Y, X, offset, weights, family="nb2")
    for i in np.flatnonzero((fits.status == STATUSES.index("converged")) & (fits.dispersion > 0)):
        used = weights[i] == 1
        y, design, per = Y[i, used], (X if X.ndim == 2 else X[i])[used], offset[i, used]
        likelihood = sm.NegativeBinomial(y, design, offset=per)
        at = np.append(fits.coef[i], np.log(fits.dispersion[i]))  # an unfitted model takes the log
        assert np.abs(likelihood.score(at)).max() < 1e-5 * max(1, y.sum())
        alone = _statsmodels(y, design, per, "nb2", fits.dispersion[i])
        if not alone.converged:
            continue
        assert fits.coef[i] == pytest.approx(alone.params, rel=1e-6, abs=1e-6)
        assert fits.se[i] == pytest.approx(np.sqrt(np.diag(alone.normalized_cov_params)), rel=1e-5)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**9), st.sampled_from(KINDS), st.sampled_from(["poisson", "nb2"]))
def test_equals_the_packages_own_careful_estimator(seed, kind, family):
    """Rare events, so that groups without events, columns that separate and too little dispersion
    all occur.
    """
    Y, X, offset, weights = _data(seed, kind, family)
    Y = np.floor(Y / 4)
    fits = fit_many(Y, X, offset, weights, family=family)
    for i, status in enumerate(fits.status):
        used = weights[i] == 1
        y, design = Y[i, used], pd.DataFrame((X if X.ndim == 2 else X[i])[used])
        name = STATUSES[status]
        if y.sum() == 0 or np.linalg.matrix_rank(design) < design.shape[1]:
            assert name == ("no events" if y.sum() == 0 else "not identified")
            continue
        careful = fit_counts(y, design, np.exp(offset[i, used]), family=family, cov="model")
        if careful.converged:
            assert name == ("converged" if np.isfinite(careful.coef).all() else "separated")
        if name == "converged":
            assert fits.coef[i] == pytest.approx(careful.coef, rel=1e-5, abs=1e-6)
            assert fits.dispersion[i] == pytest.approx(careful.alpha, rel=1e-4, abs=1e-7)
        if name == "separated":
            infinite = np.isinf(fits.coef[i])
            assert infinite.any() and np.isnan(fits.coef[i][~infinite]).all()
            # with few events several directions may lead without end, to either sign
            assert not np.isfinite(careful.coef[infinite]).any()
            assert np.isnan(fits.robust_se[i]).all()


def test_nb2_of_two_groups_equals_r():
    r = pd.read_csv(REFERENCE / "robustness_results.csv")
    r = r[r["case"] == "nb2"].set_index("quantity")["value"]
    data = pd.read_csv(REFERENCE / "robustness_nb2.csv")
    X = np.column_stack([np.ones(len(data)), data["label"]])
    fit = fit_many(data["events"], X, np.log(data["exposure"]), family="nb2")
    assert fit.coef[0, 1] == pytest.approx(r["coef"], rel=1e-6)
    assert fit.dispersion[0] == pytest.approx(r["alpha"], rel=1e-5)
    assert fit.se[0, 1] == pytest.approx(r["se"], rel=1e-5)


def test_a_label_and_an_exposure_give_the_ratio_of_two_rates():
    y, exposure, label = np.array([3, 5, 8, 2]), np.array([1.0, 2, 4, 8]), np.array([1, 0, 1, 0])
    fit = fit_many(y, np.stack([np.ones(4), label], 1)[None], np.log(exposure))
    assert np.exp(fit.coef[0, 1]) == pytest.approx((11 / 5) / (7 / 10))
    assert fit.se[0, 1] == pytest.approx(np.sqrt(1 / 11 + 1 / 7))


def test_each_fit_says_what_became_of_it():
    label = np.array([[1.0, 1, 0, 0], [1, 1, 0, 0], [1, 1, 0, 0], [1, 1, 1, 1]])
    y = np.array([[2.0, 3, 1, 4], [0, 0, 1, 4], [0, 0, 0, 0], [2, 3, 1, 4]])
    fits = fit_many(y, np.stack([np.ones((4, 4)), label], axis=2))
    assert [STATUSES[s] for s in fits.status] == [
        "converged",
        "separated",
        "no events",
        "not identified",
    ]
    assert fits.coef[1, 1] == -np.inf
    assert np.isnan(fits.coef[2:]).all()


def test_a_column_that_separates_without_being_a_label_is_found():
    X = np.column_stack([np.ones(6), np.arange(6)])
    fits = fit_many(np.array([[0.0, 0, 0, 0, 0, 7], [0, 0, 1, 0, 2, 7]]), X)
    assert [STATUSES[s] for s in fits.status] == ["separated", "converged"]
    assert fits.coef[0].tolist() == [-np.inf, np.inf]


def test_events_in_one_group_only_give_an_infinite_ratio():
    label = np.array([[0.0, 0, 1, 1]])
    fits = fit_many([0, 0, 3, 4], np.stack([np.ones((1, 4)), label], axis=2))
    assert fits.coef[0].tolist() == [-np.inf, np.inf]


def test_the_interval_is_that_of_the_p():
    Y, X, offset, weights = _data(4, "label", "nb2", b=30)
    fits = fit_many(Y, X, offset, weights, family="nb2")
    low, high = fits.limits(1)
    known = np.isfinite(low)
    assert known.any()
    assert ((low > 0) | (high < 0))[known].tolist() == (fits.p(1) < 0.05)[known].tolist()


def test_a_weight_counts_a_row_again_and_zero_hides_it():
    rng = np.random.default_rng(3)
    X = np.column_stack([np.ones(20), rng.normal(size=20)])
    y, times = rng.poisson(3, 20).astype(float), rng.integers(0, 3, 20)
    for family in ("poisson", "nb2", "ols"):
        repeated = fit_many(np.repeat(y, times), np.repeat(X, times, axis=0), family=family)
        hidden, hidden_X = np.where(times == 0, np.nan, y), np.where(times[:, None] == 0, np.nan, X)
        weighted = fit_many(hidden, hidden_X, weights=times, family=family)
        for name in ("coef", "se", "robust_se", "dispersion", "n"):
            assert getattr(weighted, name) == pytest.approx(getattr(repeated, name), rel=1e-9)


def test_a_fit_does_not_depend_on_its_neighbours():
    Y, X, offset, weights = _data(8, "label", "nb2", b=40)
    together = fit_many(Y, X, offset, weights, family="nb2")
    alone = fit_many(Y[7], X[7:8], offset[7], weights[7], family="nb2")
    assert together.coef[7] == pytest.approx(alone.coef[0], rel=1e-12)


def test_one_set_of_numbers_stands_for_all_fits():
    Y, X, offset, _ = _data(8, "label", "poisson", b=5)
    repeated = fit_many(np.tile(Y[0], (5, 1)), X, np.tile(offset[0], (5, 1)))
    for y, per in ((Y[0], offset[0]), (Y[:1], offset[:1])):
        assert np.array_equal(fit_many(y, X, per).coef, repeated.coef)


@pytest.mark.parametrize(
    "arguments, message",
    [
        ((np.ones((3, 4)), np.ones((5, 1))), "shapes"),
        ((np.ones((3, 4)), np.ones((2, 4, 1))), "shapes"),
        ((np.full(4, np.nan), np.ones((4, 1))), "missing"),
        ((-np.ones(4), np.ones((4, 1))), "count"),
        ((np.ones(4), np.ones((4, 1)), None, np.full(4, 0.5)), "weights"),
    ],
)
def test_unusable_input_is_refused(arguments, message):
    with pytest.raises(InputError, match=message):
        fit_many(*arguments)
