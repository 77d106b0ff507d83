"""Regression of counts, Poisson and negative binomial, by statsmodels."""

import warnings
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import statsmodels.api as sm
from statsmodels.tools.sm_exceptions import ModelWarning

from lac_analysis.errors import InputError
from lac_analysis.stats import inputs
from lac_analysis.stats.estimate import Estimate, exponentiate
from lac_analysis.stats.sandwich import (
    jackknife_covariance,
    newey_west_lags,
    number_of_groups,
    wald,
)
from lac_analysis.stats.separation import independent_columns, separated, without_maximum

FAMILIES = {"poisson": "Poisson", "nb2": "negative binomial"}
COVARIANCES = {
    "model": "model",
    "robust": "HC1",
    "hac": "Newey-West",
    "cluster": "CRV1",
    "jackknife": "CRV3",
}


@dataclass(frozen=True)
class CountFit:
    """A log-linear model of n counts.

    Attributes
    ----------
    coef : (k,) on the log scale; infinite where there is no finite maximum.
    covariance : (k, k), NaN for what is not finite.
    alpha : NB2 dispersion (variance mu + alpha mu^2); 0 is the Poisson model, which NB2 becomes
        without overdispersion.
    loglik, converged : log-likelihood, and whether the iterations settled.
    fitted : (n,) fitted counts.
    influence : (n, k) what each observation adds to each coefficient, to first order.
    names : the k columns.
    df : degrees of freedom of the t, infinite where the normal was used.
    level, n, method : confidence, number of observations, the estimator in words.
    """

    coef: np.ndarray
    covariance: np.ndarray
    alpha: float
    loglik: float
    converged: bool
    fitted: np.ndarray
    influence: np.ndarray
    names: tuple[str, ...] = ()
    df: float = np.inf
    level: float = 0.95
    n: int = 0
    method: str = ""

    @property
    def se(self) -> np.ndarray:
        """(k,) standard errors."""
        return wald(self.coef, self.covariance, self.df, self.level)[0]

    @property
    def interval(self) -> np.ndarray:
        """(k, 2) at `level`."""
        return wald(self.coef, self.covariance, self.df, self.level)[1]

    @property
    def p(self) -> np.ndarray:
        """(k,) two-sided, against 0."""
        return wald(self.coef, self.covariance, self.df, self.level)[2]

    def rate_ratio(self, name: str) -> Estimate:
        """The rate ratio for one unit more of column `name`."""
        if name not in self.names:
            raise InputError("unknown column", value=name, expected=" or ".join(self.names))
        j = self.names.index(name)
        low, high = self.interval[j]
        return Estimate(
            estimate=exponentiate(self.coef[j]),
            interval=(exponentiate(low), exponentiate(high)),
            level=self.level,
            p=float(self.p[j]),
            method=self.method,
            n=self.n,
        )


def fit_counts(
    y,
    X: pd.DataFrame,
    exposure=None,
    *,
    family: str = "poisson",
    cov: str = "robust",
    groups=None,
    maxlags: int | None = None,
    level: float = 0.95,
) -> CountFit:
    """Fit E(y) = exposure * exp(X coef) by maximum likelihood (Cameron and Trivedi 2013, ch. 3).

    Parameters
    ----------
    y : (n,) counts.
    X : (n, k) finite numbers with named columns, the constant included if wanted.
    exposure : (n,) above 0, or None for 1.
    family : poisson or nb2.
    cov : model (normal), robust (HC1), hac (Newey-West, rows in time order), both with t(n-k);
        cluster (CRV1) or jackknife (CRV3), both with `groups` (n,) and t(G-1).
    maxlags : of hac, by default `newey_west_lags`.

    The errors of nb2 allow for the estimation of its dispersion. A coefficient without a finite
    maximum is infinite, with NaN interval and p.

    Raises
    ------
    InputError : unusable input.
    ValueError : there is nothing to estimate: no events, no degrees of freedom, or one group.
    """
    inputs.one_of(family, tuple(FAMILIES), "family")
    inputs.one_of(cov, tuple(COVARIANCES), "covariance")
    y = inputs.whole_numbers(y, "y").astype(float)
    offset = np.log(inputs.exposures(exposure, len(y)))
    design, scale = _design(X, len(y))
    lags = newey_west_lags(len(y)) if maxlags is None else maxlags
    df, codes = np.inf, None
    if cov in ("robust", "hac"):
        df = len(y) - design.shape[1]
        if df < 1:
            raise ValueError(
                f"{len(y)} observations for {design.shape[1]} coefficients: no degrees of freedom"
            )
    if cov in ("cluster", "jackknife"):
        if groups is None:
            expected = f"one label a row for the covariance {cov}"
            raise InputError("no groups", expected=expected)
        codes = inputs.labels(groups, len(y), "groups")
        df = number_of_groups(codes) - 1
    fit = _fit(y, design, offset, family, cov, codes, lags)
    matrix = fit.covariance
    if cov == "jackknife":

        def refit(kept):
            return _fit(y[kept], design[kept], offset[kept], family).coef

        matrix = jackknife_covariance(refit, fit.coef, codes)
    limit = " at its Poisson limit" if family == "nb2" and fit.alpha == 0 else ""
    method = f"{FAMILIES[family]}{limit}, {COVARIANCES[cov]} covariance"
    return replace(
        fit,
        coef=fit.coef / scale,
        covariance=matrix / np.outer(scale, scale),
        influence=fit.influence / scale,
        names=tuple(X.columns),
        df=df,
        level=level,
        n=len(y),
        method=f"{method} with {lags} lags" if cov == "hac" else method,
    )


def _design(X: pd.DataFrame, n: int) -> tuple[np.ndarray, np.ndarray]:
    """Columns scaled to a largest absolute value of 1, and the scales."""
    design = np.column_stack([inputs.real_numbers(X[name], str(name)) for name in X.columns])
    inputs.same_length(n, design, "X")
    scale = np.abs(design).max(axis=0)
    if (scale == 0).any() or np.linalg.matrix_rank(design / scale) < design.shape[1]:
        names = ", ".join(map(str, X.columns))
        raise InputError("columns of X are linear combinations of each other", value=names)
    return design / scale, scale


def _fit(y, X, offset, family, cov="model", groups=None, lags=0) -> CountFit:
    """One fit, of the rows and columns that have a finite maximum; others have no influence."""
    if not y.sum() > 0:
        raise ValueError("no events: nothing to estimate")
    kept, direction = separated(y, X)
    used = independent_columns(X[kept])
    model, results, alpha = _by_statsmodels(
        y[kept],
        X[np.ix_(kept, used)],
        offset[kept],
        family,
        _options(cov, None if groups is None else groups[kept], lags),
    )
    k = len(used)
    coef, influence = np.zeros(X.shape[1]), np.zeros(X.shape)
    coef[used] = results.params[:k]
    covariance = np.full((X.shape[1], X.shape[1]), np.nan)
    factor = _small_sample_factor(cov, len(y), len(results.params), groups)
    covariance[np.ix_(used, used)] = factor * results.cov_params()[:k, :k]
    inverse = np.linalg.inv(-model.hessian(results.params))
    influence[np.ix_(kept, used)] = (model.score_obs(results.params) @ inverse)[:, :k]
    fitted = np.where(kept, np.exp(np.where(kept, X @ coef + offset, 0)), 0)
    return CountFit(
        coef=coef + without_maximum(X[kept], direction),
        covariance=covariance,
        alpha=alpha,
        loglik=float(results.llf),
        converged=bool(results.converged),
        fitted=fitted,
        influence=influence,
    )


def _options(cov: str, groups, lags: int) -> dict:
    """What statsmodels' `fit` takes for a covariance, without its small-sample factor."""
    if cov == "robust":
        return {"cov_type": "HC0"}
    if cov == "hac":
        return {"cov_type": "HAC", "cov_kwds": {"maxlags": lags, "use_correction": False}}
    if cov == "cluster":
        return {"cov_type": "cluster", "cov_kwds": {"groups": groups, "use_correction": False}}
    return {}


def _small_sample_factor(cov: str, n: int, parameters: int, groups) -> float:
    """n / (n - k), of clusters G / (G - 1) (n - 1) / (n - k); rows set aside count in n.

    statsmodels has the same, but for its HC1 of models fitted by maximum likelihood.
    """
    if cov not in ("robust", "hac", "cluster"):
        return 1.0
    if n <= parameters:
        return np.nan
    G = 0 if groups is None else groups.max() + 1
    return n / (n - parameters) if not G else G / (G - 1) * (n - 1) / (n - parameters)


def _by_statsmodels(y, X, offset, family, options):
    """Model, results and dispersion. NB2 without more spread than Poisson's is the Poisson model.

    From its own start statsmodels can run to a dispersion of millions; it starts from the Poisson
    fit and the dispersion by moments, and Newton's method ends what BFGS began.
    """
    poisson = sm.GLM(y, X, sm.families.Poisson(), offset=offset)
    nb2 = sm.NegativeBinomial(y, X, offset=offset)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ModelWarning)  # `converged` says so
        warnings.simplefilter("ignore", RuntimeWarning)  # as many coefficients as rows
        results = poisson.fit(tol=1e-10, **options)
        mean = results.fittedvalues
        excess = ((y - mean) ** 2 - y).sum()  # twice the score of the dispersion at 0
        if family == "poisson" or excess <= 0:
            return poisson, results, 0.0
        start = [*results.params, excess / (mean**2).sum()]
        near = nb2.fit(start, method="bfgs", maxiter=500, gtol=1e-6, disp=0)
        results = nb2.fit(near.params, method="newton", tol=1e-12, disp=0, **options)
    return nb2, results, float(results.params[-1])
