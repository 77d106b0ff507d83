import math

from lac_analysis.stats.estimate import exponentiate


def test_what_overflows_is_infinite():
    assert exponentiate(1000) == math.inf == exponentiate(math.inf)
    assert exponentiate(700) == math.exp(700) and exponentiate(-1000) == 0
