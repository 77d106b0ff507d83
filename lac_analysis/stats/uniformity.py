"""Are the p-values of tests on labels that should not matter uniform, as they must be?"""

from dataclasses import dataclass

from scipy import stats

from lac_analysis.errors import InputError
from lac_analysis.stats import inputs
from lac_analysis.stats.estimate import Estimate
from lac_analysis.stats.proportions import proportion


@dataclass(frozen=True)
class Uniformity:
    """How p-values are distributed.

    A test whose p takes few values is conservative, not uniform: then only a `size` above alpha is
    a fault.

    Attributes
    ----------
    size : share of the p-values at or below alpha, exact interval, p against alpha.
    ks_p : Kolmogorov-Smirnov against the uniform.
    n : p-values.
    """

    size: Estimate
    ks_p: float
    n: int


def uniformity(p_values, *, alpha: float = 0.05) -> Uniformity:
    """Check the independent p-values (n,) of negative controls. InputError if any is no p-value."""
    p = inputs.real_numbers(p_values, "p_values")
    if len(p) == 0 or p.min() < 0 or p.max() > 1:
        raise InputError("p-values are needed", expected="at least one, all between 0 and 1")
    size = proportion(int((p <= alpha + 1e-12).sum()), len(p), null=alpha)
    return Uniformity(size=size, ks_p=float(stats.kstest(p, "uniform").pvalue), n=len(p))
