"""Power of the tests on the observed design, and the smallest effect found with a given power."""

from collections.abc import Callable

import numpy as np
from scipy import stats

from lac_analysis.stats import histories, spells, trend

# designs whose sums are kept (0.2 MB each of 33 units and 21 periods); more are summed up each time
_KEPT = 400


def smallest_detectable(
    power: Callable[[float], float], low: float, high: float, target: float = 0.8
) -> float:
    """Smallest effect between `low` and `high` at which `power(effect)` reaches `target`.

    By bisection on a log scale, to 1 %; inf when even `high` is not found with that power. `power`
    must use the same random numbers at each effect, so that it does not decrease.
    """
    if power(high) < target:
        return float("inf")
    while high / low > 1.01:
        middle = float(np.sqrt(low * high))
        low, high = (low, middle) if power(middle) >= target else (middle, high)
    return high


def label_power(
    events, exposure, n_labelled: int, *, alpha=0.05, designs=400, draws=4000, seed
) -> Callable[[float], float]:
    """Power of the two-sided label randomisation test by rate ratio, on the observed units.

    The label is given at random to `n_labelled` units, their events are multiplied by the ratio,
    and the test is run with `draws` sampled assignments; the share of `designs` rejected at
    `alpha`. events, exposure : (n,).
    """
    rng = np.random.default_rng(seed)
    events, exposure = np.asarray(events, dtype=float), np.asarray(exposure, dtype=float)
    null = _labels(rng, draws, len(events), n_labelled)
    truth = _labels(rng, designs, len(events), n_labelled)
    # events inside each assignment: those there are (draws,), and those of the truly labelled
    inside, labelled = null @ events, null @ (events * truth).T
    own, own_exposure = truth @ events, truth @ exposure
    null_exposure, all_exposure = (null @ exposure)[:, None], exposure.sum()

    def power(ratio: float) -> float:
        total = events.sum() + (ratio - 1) * own
        observed = _ratio(ratio * own, total, own_exposure, all_exposure)
        shifted = inside[:, None] + (ratio - 1) * labelled
        ratios = _ratio(shifted, total, null_exposure, all_exposure)
        above = (ratios >= observed * (1 - 1e-12)).sum(axis=0)
        below = (ratios <= observed * (1 + 1e-12)).sum(axis=0)
        p = np.minimum(1, 2 * (1 + np.minimum(above, below)) / (1 + draws))
        return float((p <= alpha).mean())

    return power


def history_power(
    events, exposure, label, *, alpha=0.05, designs=100, draws=199, seed
) -> Callable[[float], float]:
    """Power of the two-sided `spells.spell_test` (period effects) by rate ratio.

    Label histories are handed at random to the units, the events of labelled cells are multiplied
    by the ratio, and the test is run with `draws` permutations; the share of `designs` rejected at
    `alpha`. Arrays are (units, periods).
    """
    rng = np.random.default_rng(seed)
    events, exposure, label = spells.checked_panel(events, exposure, label)
    own = np.arange(len(label))
    orders = np.vstack([own, rng.permuted(np.tile(own, (draws, 1)), axis=1)])
    moved = [rng.permutation(len(label)) for _ in range(designs)]

    def sums():
        """Of events, those that get the effect, and exposure; a few designs at a time."""
        for start in range(0, designs, 10):
            labels = [label[order] for order in moved[start : start + 10]]
            weights = [[events, events * (one == 1), exposure] for one in labels]
            yield np.stack(
                [histories.sums(*pair, orders) for pair in zip(labels, weights, strict=True)],
                axis=3,
            )

    kept = list(sums()) if designs <= _KEPT else None

    def power(ratio: float) -> float:
        rejected = 0
        for plain, labelled, at_risk in (part.swapaxes(0, 1) for part in kept or sums()):
            _, p = spells.drawn_tests(plain + (ratio - 1) * labelled, at_risk)
            rejected += int((p <= alpha).sum())
        return rejected / designs

    return power


def trend_power(
    years, total: float, dispersion: float, *, family="nb2", alpha=0.05, designs=200, seed
) -> Callable[[float], float]:
    """Power of the two-sided Newey-West test of a yearly trend (`trend.count_trends`) by ratio.

    `total` expected events fall on the years (n,) in a geometric series of the ratio; their
    variance is mu + dispersion mu^2. The share of `designs` rejected at `alpha`.
    """
    years = np.sort(np.asarray(years))
    drawn = np.random.default_rng(seed).random((designs, len(years)))

    def power(ratio: float) -> float:
        mean = float(ratio) ** (years - years.mean())
        mean *= total / mean.sum()
        if dispersion > 0:
            counts = stats.nbinom.ppf(drawn, 1 / dispersion, 1 / (1 + dispersion * mean))
        else:
            counts = stats.poisson.ppf(drawn, mean)
        with np.errstate(invalid="ignore"):
            return float((trend.count_trends(years, counts, family=family)[1] <= alpha).mean())

    return power


def shifted_power(
    estimates, errors, centre: float, effect: float, df: float, *, alpha=0.05
) -> float:
    """Power of a two-sided Wald test with t(df), from a resampled design moved to `effect`.

    estimates, errors : (draws,) estimates and standard errors of the resampled data, around
    `centre`, on the scale on which effects add; draws without both count as not rejected.
    Source: Efron and Tibshirani (1993), An Introduction to the Bootstrap, ch. 25.
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        t = (np.asarray(estimates, dtype=float) - centre + effect) / np.asarray(errors, dtype=float)
    return float((np.abs(t) > stats.t.isf(alpha / 2, df)).mean())


def detectable_from_null(null, *, alpha: float = 0.05, power: float = 0.8) -> float:
    """Distance from the null mean that is found with `power`, if the null is about normal.

    null : the statistic under the null, on the scale on which effects add. Undefined values are
    left out.
    """
    null = np.asarray(null, dtype=float)
    distance = stats.norm.ppf(1 - alpha / 2) + stats.norm.ppf(power)
    return float(distance * null[np.isfinite(null)].std())


def binomial_detectable(
    n: int, p0: float, *, alternative: str, alpha: float = 0.05, power: float = 0.8
) -> float:
    """Smallest share above `p0` that an exact binomial test of n trials finds; nan if none is.

    alternative : 'greater', or 'two-sided' (twice the upper tail).
    """
    tail = alpha if alternative == "greater" else alpha / 2
    counts = np.arange(n + 1)
    critical = counts[stats.binom.sf(counts - 1, n, p0) <= tail]
    if len(critical) == 0:
        return float("nan")
    shares = np.linspace(p0, 1, 2001)
    enough = stats.binom.sf(critical[0] - 1, n, shares) >= power
    return float(shares[enough][0]) if enough.any() else float("nan")


def rate_ratio_power(
    baseline: float,
    exposure_a: float,
    exposure_b: float,
    ratio: float,
    *,
    null: float,
    alpha: float = 0.05,
) -> float:
    """Exact power of `rates.rate_ratio` (greater than `null`) where the true ratio is `ratio`.

    baseline : events expected in b; a has ratio * baseline * exposure_a / exposure_b.

    Given the total, a is binomial; the power is averaged over the Poisson total. Source:
    Przyborowski and Wilenski (1940), Biometrika 31.
    """
    share, at_null = (r * exposure_a / (r * exposure_a + exposure_b) for r in (ratio, null))
    mean = baseline / (1 - share)
    totals = np.arange(stats.poisson.ppf(1e-9, mean), stats.poisson.isf(1e-9, mean) + 1)
    critical = stats.binom.isf(alpha, totals, at_null)  # the test rejects above it
    return float(stats.poisson.pmf(totals, mean) @ stats.binom.sf(critical, totals, share))


def _labels(rng, draws: int, n: int, k: int) -> np.ndarray:
    order = rng.random((draws, n)).argpartition(k - 1, axis=1)[:, :k]
    labels = np.zeros((draws, n), dtype=bool)
    np.put_along_axis(labels, order, True, axis=1)
    return labels


def _ratio(inside, total, inside_exposure, exposure):
    """Events per exposure inside a label over those outside; infinite without any outside."""
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = inside / np.maximum(total - inside, 0)
        return ratio * ((exposure - inside_exposure) / inside_exposure)
