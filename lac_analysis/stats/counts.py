"""Regression of counts: Poisson and negative binomial."""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from scipy.optimize import brentq

from lac_analysis.errors import InputError
from lac_analysis.stats import inputs
from lac_analysis.stats.estimate import Estimate, exponentiate
from lac_analysis.stats.glm import (
    Glm,
    dispersion_score,
    fit_log_linear,
    log_likelihood,
    number_above,
)
from lac_analysis.stats.sandwich import (
    KINDS,
    covariance,
    jackknife_covariance,
    newey_west_lags,
    wald,
)

FAMILIES = ("poisson", "nb2")


@dataclass(frozen=True)
class CountFit:
    """A log-linear model of counts.

    Attributes
    ----------
    names : the k columns.   coef, se, p : (k,) on the log scale, p against 0.   interval : (k,
        2), at `level`.
    covariance : (k, k).   df : degrees of freedom of the t, infinite where the normal was used.
    alpha : NB2 dispersion (variance mu + alpha mu^2); 0 is the Poisson model, which NB2 becomes
        without overdispersion.
    loglik, converged, n : log-likelihood, whether the iterations settled, number of observations.
    fitted : (n,) fitted counts.   influence : (n, k) what each observation adds to each
        coefficient, to first order.
    method : the estimator in words.
    """

    names: tuple[str, ...]
    coef: np.ndarray
    se: np.ndarray
    interval: np.ndarray
    p: np.ndarray
    level: float
    covariance: np.ndarray
    df: float
    alpha: float
    loglik: float
    converged: bool
    n: int
    fitted: np.ndarray
    influence: np.ndarray
    method: str

    def rate_ratio(self, name: str) -> Estimate:
        """The rate ratio for one unit more of column `name`."""
        if name not in self.names:
            raise InputError("unknown column", value=name, expected=" or ".join(self.names))
        j = self.names.index(name)
        low, high = (exponentiate(bound) for bound in self.interval[j])
        return Estimate(
            estimate=exponentiate(self.coef[j]),
            interval=(low, high),
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
    """Fit E(y) = exposure * exp(X coef) by maximum likelihood, Poisson or NB2 (Cameron and Trivedi
    2013, ch. 3).

    Parameters
    ----------
    y : (n,) counts.   X : (n, k) finite numbers with named columns, the constant included if
        wanted.
    exposure : (n,) above 0, or None for 1.   family : poisson or nb2.
    cov : model (normal), robust (HC1, t with n-k), hac (Newey-West, rows in time order, t with
        n-k), cluster (CRV1) or
        jackknife (CRV3), both with `groups` (n,) and t with G-1.   maxlags : of hac, by default
        floor(4 (n/100)^(2/9)).

    A coefficient without a finite maximum is infinite, with NaN interval and p. Raises InputError
    for unusable input
    and ValueError where there is nothing to estimate.
    """
    inputs.one_of(family, FAMILIES, "family")
    inputs.one_of(cov, KINDS, "covariance")
    inputs.confidence(level)
    y = inputs.whole_numbers(y, "y").astype(float)
    offset = np.log(inputs.exposures(exposure, len(y)))
    design, scale = _design(X, len(y))
    codes = None
    if cov in ("cluster", "jackknife"):
        if groups is None:
            raise InputError("no groups", expected=f"one label a row for the covariance {cov}")
        codes = inputs.labels(groups, len(y), "groups")
    fit, alpha = _fit(y, design, offset, family)
    lags = newey_west_lags(len(y)) if maxlags is None else maxlags
    if cov == "jackknife":

        def refit(kept):
            return _fit(y[kept], design[kept], offset[kept], family)[0].coef

        matrix, df = jackknife_covariance(refit, fit.coef, codes)
    else:
        matrix, df = covariance(fit, cov, groups=codes, maxlags=lags)
    coef, matrix = fit.coef / scale, matrix / np.outer(scale, scale)
    se, interval, p = wald(coef, matrix, df, level)
    words = {
        "model": "model",
        "robust": "HC1",
        "hac": "Newey-West",
        "cluster": "CRV1",
        "jackknife": "CRV3",
    }[cov]
    model = {"poisson": "Poisson", "nb2": "negative binomial"}[family]
    limit = " at its Poisson limit" if family == "nb2" and alpha == 0 else ""
    return CountFit(
        names=tuple(X.columns),
        coef=coef,
        se=se,
        interval=interval,
        p=p,
        level=level,
        covariance=matrix,
        df=df,
        alpha=alpha,
        loglik=log_likelihood(y, fit.mean, alpha),
        converged=fit.converged,
        n=len(y),
        fitted=fit.mean,
        influence=fit.scores @ fit.bread / scale,
        method=f"{model}{limit}, {words} covariance"
        + (f" with {lags} lags" if cov == "hac" else ""),
    )


def _design(X: pd.DataFrame, n: int) -> tuple[np.ndarray, np.ndarray]:
    """Columns scaled to a largest absolute value of 1, and the scales."""
    design = np.column_stack([inputs.real_numbers(X[name], str(name)) for name in X.columns])
    inputs.same_length(n, design, "X")
    scale = np.abs(design).max(axis=0)
    if (scale == 0).any() or np.linalg.matrix_rank(design / scale) < design.shape[1]:
        raise InputError(
            "columns of X are linear combinations of each other",
            value=", ".join(map(str, X.columns)),
        )
    return design / scale, scale


def _fit(y, X, offset, family) -> tuple[Glm, float]:
    """Model and dispersion, maximised in turn: they are orthogonal in expectation, so a few rounds
    do.
    """
    fit, alpha = fit_log_linear(y, X, offset), 0.0
    if family == "poisson":
        return fit, alpha
    for _ in range(200):
        before, alpha = alpha, _dispersion(y, fit.mean)
        if abs(alpha - before) <= 1e-10 * alpha:
            return fit, alpha
        fit = fit_log_linear(
            y, X, offset, alpha
        )  # not from the fit before: rounding would keep alpha from settling
    return replace(fit, converged=False), alpha


def _dispersion(y, mean) -> float:
    """Maximum likelihood NB2 dispersion at these means: 0 where the likelihood falls from 0 on."""
    low, high, above = 1e-8, 1.0, number_above(y)

    def score(alpha):
        return dispersion_score(y, mean, alpha, above)

    if ((y - mean) ** 2 - y).sum() <= 0 or score(low) <= 0:
        return 0.0
    while score(high) > 0:
        low, high = high, high * 10
    return brentq(score, low, high, xtol=1e-14, rtol=1e-13)
