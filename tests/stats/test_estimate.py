import math

import numpy as np
import pytest
from scipy import stats

from lac_analysis.stats.estimate import exponentiate, wald


def test_what_overflows_is_infinite():
    assert exponentiate(1000) == math.inf == exponentiate(math.inf)
    assert exponentiate(700) == math.exp(700) and exponentiate(-1000) == 0


@pytest.mark.parametrize("level", [0.9, 0.95])
def test_of_a_mean_it_is_the_one_sample_t_test(level):
    values = np.array([0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0])
    test = stats.ttest_1samp(values, 0)
    interval, p = wald(values.mean(), stats.sem(values), len(values) - 1, level)
    assert interval == pytest.approx(test.confidence_interval(level)) and p == pytest.approx(
        test.pvalue
    )


def test_without_an_error_that_is_bounded_nothing_is_told():
    assert wald(0.5, math.inf, 9, 0.95) == ((-math.inf, math.inf), 1.0)
