"""Are the p-values of tests on labels that should not matter uniform, as they must be?"""

from dataclasses import dataclass

import numpy as np
from scipy import stats

from lac_analysis.errors import InputError
from lac_analysis.stats import inputs
from lac_analysis.stats.proportions import Proportion, proportion

_BINS = 10


@dataclass(frozen=True)
class Uniformity:
    """Attributes: size (share of the p-values at or below `alpha`, exact interval, p against
    `alpha`), ks_p
    (Kolmogorov-Smirnov against the uniform), chi2_p (ten bins of equal width), n. A test whose p
    takes few values
    is conservative, not uniform: then only a `size` above alpha is a fault.
    """

    size: Proportion
    ks_p: float
    chi2_p: float
    n: int


def uniformity(p_values, *, alpha: float = 0.05) -> Uniformity:
    """Check the p-values (n,) of negative controls, independent of each other. InputError unless
    all lie in [0, 1].
    """
    p = inputs.real_numbers(p_values, "p_values")
    if len(p) == 0 or p.min() < 0 or p.max() > 1:
        raise InputError("p-values are needed", expected="at least one, all between 0 and 1")
    counts = np.histogram(p, bins=_BINS, range=(0, 1))[0]
    return Uniformity(
        size=proportion(int((p <= alpha + 1e-12).sum()), len(p), null=alpha),
        ks_p=float(stats.kstest(p, "uniform").pvalue),
        chi2_p=float(stats.chisquare(counts).pvalue),
        n=len(p),
    )
