"""Rate ratio of a label that comes and goes on a panel; whole label histories are permuted."""

from dataclasses import dataclass

import numpy as np

from lac_analysis.errors import InputError
from lac_analysis.stats import histories
from lac_analysis.stats.randomisation import permutation_p

_CELLS = 1 << 16  # of permuted panels held at once: they stay in the processor's cache
_DIVERGED = 15.0  # a log ratio beyond this is 0 or infinite
_ROUNDS = 100


@dataclass(frozen=True)
class SpellTest:
    """Rate ratio of labelled against other cells, with its distribution when histories move.

    Source: Fisher (1935); Poisson panel model: Hausman, Hall and Griliches (1984), Econometrica
    52(4).

    Attributes
    ----------
    ratio : 0 or inf when the events are all on one side.
    p : two-sided.
    interval : by test inversion; None with unit effects, where every trial ratio would need all
        two-way fits again.
    arrangements, exact : number enumerated or drawn, and whether all distinct ones were enumerated.
    null : (arrangements,) log ratios; NaN where not identified.
    """

    ratio: float
    p: float
    interval: tuple[float, float] | None
    arrangements: int
    exact: bool
    null: np.ndarray


def spell_test(
    events,
    exposure,
    label,
    *,
    unit_effects: bool = False,
    level: float = 0.95,
    draws: int = 10_000,
    seed: int,
) -> SpellTest:
    """Poisson rate ratio with period (and unit) effects, against permuted label histories.

    Parameters
    ----------
    events, exposure : (units, periods) counts and exposure in any unit; NaN in either drops the
        cell.
    label : (units, periods) 1, 0 or NaN. A cell with a missing label is left out, and since the
        history moves as a whole, so is that period of whichever unit the history goes to.
    draws : all distinct arrangements are enumerated if there are no more than this, else so many
        are drawn.

    The interval multiplies the exposure of labelled cells by a trial ratio and keeps the ratios
    that are not rejected; with no events on one side it is (0, inf). An arrangement in which the
    ratio is not identified counts as extreme. Raises InputError for shapes that differ, other
    labels, events without exposure, or an unidentified ratio.
    """
    events, exposure, label = checked_panel(events, exposure, label)
    (observed,) = log_rate_ratios(events, exposure, label, unit_effects=unit_effects)
    if np.isnan(observed):
        raise InputError(
            "the label does not vary enough within periods (and units) to identify a rate ratio"
        )
    orders, exact = histories.arrangements(label, draws, seed)
    if unit_effects:
        null, interval = log_rate_ratios(events, exposure, label, orders, unit_effects=True), None
    else:
        weights = [events, exposure * (label != 1), exposure * (label == 1)]
        sums = histories.sums(label, weights, orders)
        null = period_log_ratio(sums[:, 0], sums[:, 1] + sums[:, 2])
        interval = _interval(sums, exact, observed, level)
    p = permutation_p(np.exp(observed), np.exp(null), exact=exact)
    return SpellTest(float(np.exp(observed)), p, interval, len(null), exact, null)


def log_rate_ratios(
    events, exposure, label, orders=None, *, unit_effects: bool = False
) -> np.ndarray:
    """Log rate ratios, one for each way to hand the histories around, without a test.

    orders : (arrangements, units) which unit's history each unit gets; its own where left out.
    Other arguments and errors as in `spell_test`; NaN where the ratio is not identified.
    """
    events, exposure, label = checked_panel(events, exposure, label)
    orders = np.arange(len(label))[None, :] if orders is None else np.asarray(orders)
    if not unit_effects:
        sums = histories.sums(label, [events, exposure], orders)
        return period_log_ratio(sums[:, 0], sums[:, 1])
    parts = np.array_split(orders, 1 + orders.size * label.shape[1] // _CELLS)
    return np.concatenate([_two_way_log_ratio(events, exposure, label, part) for part in parts])


def period_log_ratio(events: np.ndarray, exposure: np.ndarray) -> np.ndarray:
    """Log rate ratios with period effects, by Newton's method on all arrangements at once.

    events, exposure : sums over units, (sides, periods, ...), as `histories.sums` gives them; what
    follows the periods is kept, and may be more than arrangements.

    Given its total, a period's labelled events are binomial with odds ratio x labelled / other
    exposure, which leaves one equation in the log ratio. A step of sign(s) log(1 + |s|) for the
    Newton step s never overshoots, because the second derivative of the score is never larger than
    the first.
    """
    informative = (exposure > 0).all(0)
    hits, rest = events * informative
    any_hits, any_rest = hits.any(0), rest.any(0)
    result = np.full(any_hits.shape, np.nan)
    result[any_rest], result[any_hits] = -np.inf, np.inf
    both = any_hits & any_rest
    if not both.any():
        return result
    inside, outside = np.where(informative, exposure, 1)
    odds = np.broadcast_to(inside / outside, hits.shape)[:, both]
    hits, total = hits[:, both], (hits + rest)[:, both]
    chance = odds / (1 + odds)
    # Mantel and Haenszel's estimate is a start
    log_ratio = np.log((hits * (1 - chance)).sum(0) / ((total - hits) * chance).sum(0))
    for _ in range(_ROUNDS):
        theta = odds * np.exp(log_ratio)
        chance = theta / (1 + theta)
        fitted = total * chance
        step = (hits.sum(0) - fitted.sum(0)) / (fitted * (1 - chance)).sum(0)
        step = np.sign(step) * np.log1p(np.abs(step))
        log_ratio += step
        if np.abs(step).max() < 1e-6:  # the step just made leaves less than its square
            break
    result[both] = log_ratio
    return result


def drawn_tests(events: np.ndarray, exposure: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Log rate ratios (tests,) with period effects, and two-sided p against drawn arrangements.

    events, exposure : sums over units, (sides, periods, tests, arrangements), each as
    `histories.sums` gives it; the observed arrangement comes first. p is 1 where the ratio is not
    identified.

    Each arrangement is compared without a fit of its own: its ratio is at least the observed one
    exactly where its score (events less expected ones) at the observed ratio is not negative.
    """
    observed = period_log_ratio(events[..., 0], exposure[..., 0])
    (hits, rest), (at_risk, others) = events[..., 1:], exposure[..., 1:]
    total = (hits + rest) * (exposure[..., 1:] > 0).all(0)
    with np.errstate(divide="ignore", invalid="ignore"):
        chance = 1 / (1 + others / (np.exp(observed)[:, None] * at_risk))
    score = np.where(total > 0, hits - total * chance, 0).sum(0)
    tie = _tie(total)
    tail = np.minimum((score >= -tie).sum(1), (score <= tie).sum(1))
    p = np.minimum(1, 2 * (1 + tail) / (1 + score.shape[1]))
    return observed, np.where(np.isnan(observed), 1, p)


def _two_way_log_ratio(events, exposure, label, orders) -> np.ndarray:
    """Log rate ratios (arrangements,) with period and unit effects.

    Conditional on the unit totals a unit's events are multinomial over the periods; Newton's method
    on log ratio and period effects, batched, steps damped as above.
    """
    # units and periods without events add nothing to the likelihood
    units, periods = (events > 0).any(1), (events > 0).any(0)
    events, exposure = events[units][:, periods], exposure[units][:, periods]
    moved = label[:, periods][orders[:, units]]
    seen = ~np.isnan(moved)
    z, y = np.where(seen, moved, 0), np.where(seen, events, 0)
    unit_total, period_total, labelled = y.sum(2), y.sum(1), (z * y).sum((1, 2))
    base = np.where(seen & (period_total > 0)[:, None, :], exposure, 0)
    data = [z, base, labelled, unit_total, period_total]
    result, live = np.full(len(orders), np.nan), np.arange(len(orders))
    beta = np.zeros(len(orders))
    with np.errstate(divide="ignore", invalid="ignore"):  # the fit without label and units
        gamma = np.where(period_total > 0, np.log(period_total / base.sum(1)), 0)
    for round_ in range(_ROUNDS):
        part = [array[live] for array in (*data, beta, gamma)]
        step_beta, step_gamma, identified = _newton_step(*part)
        if round_ == 0:
            separated = identified & (labelled == 0)
            result[separated] = -np.inf
            identified &= ~separated
        live, step_beta = live[identified], step_beta[identified]
        step_gamma = step_gamma[identified]
        largest = np.abs(step_beta) + np.abs(step_gamma).max(1)
        damping = np.where(largest > 0, np.log1p(largest) / np.maximum(largest, 1e-300), 1)
        beta[live] += damping * step_beta
        gamma[live] += damping[:, None] * step_gamma
        diverged = np.abs(beta[live]) > _DIVERGED
        done = diverged | (largest < 1e-6)  # the step just made leaves less than its square
        result[live[done]] = np.where(diverged, np.sign(beta[live]) * np.inf, beta[live])[done]
        live = live[~done]
        if len(live) == 0:
            break
    return result


def _newton_step(z, base, labelled, unit_total, period_total, beta, gamma):
    """Newton step of the log ratio (b,) and the period effects (b, periods); is it identified?"""
    weight = base * np.where(z > 0, np.exp(beta)[:, None, None], 1) * np.exp(gamma)[:, None]
    sums = weight.sum(2)
    chance = weight / np.where(sums > 0, sums, 1)[:, :, None]
    fitted = unit_total[:, :, None] * chance
    inside = z * fitted
    by_unit = inside.sum(2)
    mean = by_unit / np.where(unit_total > 0, unit_total, 1)  # of the label
    score_beta, score_gamma = labelled - by_unit.sum(1), period_total - fitted.sum(1)
    # minus the second derivatives: in the log ratio, in both, and in the period effects
    h_beta = (by_unit * (1 - mean)).sum(1)
    h_mixed = inside.sum(1) - np.einsum("bu,bup->bp", mean, fitted)
    diagonal = fitted.sum(1)
    size = diagonal.mean(1)[:, None]
    index = np.arange(gamma.shape[1])
    h_gamma = -np.swapaxes(chance, 1, 2) @ fitted
    # a common shift of all period effects changes nothing: the added constant fixes it, and the
    # small ridge fixes periods without events
    h_gamma[:, index, index] += diagonal + np.where(diagonal > 0, 1e-10 * size, np.maximum(size, 1))
    h_gamma += (np.maximum(size, 1e-300) / gamma.shape[1])[:, :, None]
    # period effects are solved for first, then the log ratio from what they leave of its equation
    solved = np.linalg.solve(h_gamma, np.stack([h_mixed, score_gamma], axis=2))
    remaining = h_beta - (h_mixed * solved[:, :, 0]).sum(1)
    identified = remaining > 1e-8 * by_unit.sum(1)
    rise = score_beta - (h_mixed * solved[:, :, 1]).sum(1)
    step_beta = rise / np.where(identified, remaining, 1)
    return step_beta, solved[:, :, 1] - solved[:, :, 0] * step_beta[:, None], identified


def _interval(sums, exact: bool, observed: float, level: float) -> tuple[float, float]:
    """Trial ratios not rejected, by bisection.

    sums : as `histories.sums` gives them, of events, exposure of the cells that are not labelled in
    the data, and exposure of those that are: it is the latter that a trial ratio multiplies.

    An arrangement's estimate is at least the observed one where its score there is not negative,
    and with the trial ratio that score only rises: so the number of arrangements in a tail only
    grows towards the observed ratio, and no refit is needed.
    """
    if np.isinf(observed):
        return 0.0, np.inf
    (hits, others_hits), (plain, others_plain), (own, others_own) = sums.swapaxes(0, 1)
    informative = (plain + own > 0) & (others_plain + others_own > 0)
    total, hits = (hits + others_hits) * informative, (hits * informative).sum(0)
    others_plain = np.where(informative, others_plain, 1)
    tie, added = _tie(total), 0 if exact else 1
    # so many scores in a tail are still rejected
    most = ((1 - level) / 2 + 1e-9) * (len(hits) + added) - added

    def rejected(log_trial: float, sign: int) -> bool:
        trial = np.exp(log_trial)
        odds = (trial * own + plain) * np.exp(observed - log_trial)
        chance = odds / (odds + trial * others_own + others_plain)
        score = hits - np.einsum("pa,pa->a", total, chance)
        return np.count_nonzero(sign * score >= -tie) <= most

    limits = []
    for sign in (1, -1):
        inside, outside = observed, observed - sign * _DIVERGED
        if not rejected(outside, sign):
            limits.append(-sign * np.inf)
            continue
        for _ in range(45):
            middle = (inside + outside) / 2
            inside, outside = (inside, middle) if rejected(middle, sign) else (middle, outside)
        limits.append(inside)
    low, high = np.exp(limits)
    return float(low), float(high)


def _tie(totals) -> float:
    """Scores of so many events that are this close to 0 are 0, computed in another order."""
    return 1e-9 * max(totals.sum(0).max(), 1)


def checked_panel(events, exposure, label, *, stack: bool = False):
    """The three tables as numbers; a dropped cell has no events and no exposure.

    stack : events may be many tables, (samples, units, periods)."""
    events, exposure, label = (
        np.asarray(table, dtype=float) for table in (events, exposure, label)
    )
    shape = events.shape[-2:] if stack else events.shape
    if label.ndim != 2 or not shape == exposure.shape == label.shape:
        raise InputError("events, exposure and label must be tables of one shape, units by periods")
    if not ((label == 0) | (label == 1) | np.isnan(label)).all():
        raise InputError("a label must be 1, 0 or missing")
    missing = np.isnan(events).reshape(-1, *label.shape).any(0) | np.isnan(exposure)
    if missing.any():
        events, exposure = np.where(missing, 0, events), np.where(missing, 0, exposure)
    if not all(np.isfinite(table).all() and table.min() >= 0 for table in (events, exposure)):
        raise InputError("events and exposure must be finite and not negative")
    if ((exposure == 0) & (events > 0)).any():
        raise InputError("a cell has events but no exposure")
    return events, exposure, label
