"""The specification curves of authority and strained: every specification, on the data and on
permuted labels.
"""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import product

import numpy as np
import pandas as pd

from lac_analysis import panel
from lac_analysis.claims import authority, plan, specifications, strained
from lac_analysis.claims.exposures import need_exposures
from lac_analysis.claims.finding import NotTestable
from lac_analysis.stats.batched import fit_many
from lac_analysis.stats.curve import AxisInfluence, CurveTest, axis_influence, joint_test
from lac_analysis.stats.period_ratio import period_ratios
from lac_analysis.stats.shift import shift_many
from lac_analysis.tables import Tables

ESTIMATORS = {
    "poisson": "ratio of two rates (Poisson), HC1",
    "nb2": "ratio of two rates (negative binomial), HC1",
    "log_ols": "ratio of geometric mean rates (least squares on logs, 1/2 added to each count), HC1",
    "rank": "median ratio of a labelled and another country (Hodges-Lehmann, 1/2 added), rank-sum test",
}


@dataclass(frozen=True, eq=False)
class Curve:
    """A whole specification curve.

    Attributes
    ----------
    table : one row a specification: its choices, estimate, low, high (ratios), p (its own
        model's), primary (the one
        fixed in advance). NaN where a specification cannot be estimated.
    null, null_p : (permutations, specifications) log ratios and p-values on permuted labels.
    test : the joint test, on the log scale.   influence : what each choice explains of the log
        ratios.
    """

    table: pd.DataFrame
    null: np.ndarray
    null_p: np.ndarray
    test: CurveTest
    influence: AxisInfluence


def authority_curve(
    tables: Tables,
    permutations: int = 500,
    *,
    seed: int,
    spread: Callable = map,
    claim: plan.Plan | None = None,
) -> Curve:
    """Every specification of the plan by every estimator; whole countries swap their labels, in all
    definitions alike.

    Parameters
    ----------
    spread : runs the independent parts: `map`, or the `map` of an executor. The result does not
        depend on it.
    claim : the plan with fewer options (`specifications.narrowed`); left out, the whole of it.

    Raises NotTestable where no specification can be estimated.
    Source: Simonsohn, Simmons and Nelson (2020), Nat. Hum. Behav. 4.
    """
    claim = claim or plan.load()["authority"]
    definitions = claim.axes["definition"]
    orders = _orders(tables, permutations, seed)
    cells, parts = [], []
    for choices in _samples(claim, "definition", "exposure"):
        selection = claim.selection(**choices)
        need_exposures(selection)
        table = panel.countries(tables, selection, undated=choices["undated"])
        labels = np.stack(
            [table[authority.DEFINITIONS[name][0]].to_numpy(dtype=float) for name in definitions]
        )
        moved = labels[:, _without(orders, tables, selection.drop_countries)]
        exposures = claim.axes["exposure"]
        cells.extend(choices | {"exposure": exposure} for exposure in exposures)
        parts.append(
            (table["engagements"].to_numpy(float), table[list(exposures)].to_numpy(float).T, moved)
        )
    results = list(spread(_by_label, *zip(*parts, strict=True)))
    rows = [
        cell | {"definition": definition, "estimator": estimator}
        for cell, definition, estimator in product(cells, definitions, ESTIMATORS)
    ]
    return _curve(claim, rows, np.concatenate(results, axis=1), {"estimator": "poisson"})


def strained_curve(
    tables: Tables,
    permutations: int = 500,
    *,
    seed: int,
    spread: Callable = map,
    claim: plan.Plan | None = None,
) -> Curve:
    """Every specification of the plan, Poisson with year effects; whole label histories move among
    countries.

    The interval and p of a specification are clustered by country. Other arguments and source as in
    `authority_curve`.
    """
    claim = claim or plan.load()["strained"]
    orders = _orders(tables, permutations, seed)
    names = ("definition", "prc_recognising_only")
    keys = list(product(*(claim.axes[name] for name in names)))
    samples = product(_samples(claim, *names, "exposure"), claim.axes["exposure"])
    cells = [choices | {"exposure": exposure} for choices, exposure in samples]
    selections = [claim.selection(**cell) for cell in cells]
    alike = {}  # cells that share labels and exposure, which are fitted together
    for place, (cell, chosen) in enumerate(zip(cells, selections, strict=True)):
        need_exposures(chosen)
        shared = (chosen.window_start, chosen.window_end, chosen.drop_countries, cell["exposure"])
        alike.setdefault(shared, []).append(place)
    parts = []
    for (*_, gone, exposure), places in alike.items():
        found = [strained.counts(tables, selections[place], exposure) for place in places]
        labels = [strained.labels(tables, selections[places[0]], *key) for key in keys]
        parts.append(
            (
                np.stack([events for events, _ in found]),
                found[0][1],
                labels,
                _without(orders, tables, gone),
            )
        )
    results = np.concatenate(list(spread(_by_history, *zip(*parts, strict=True))), axis=1)
    results = results[:, np.argsort(np.concatenate(list(alike.values())))]
    rows = [cell | dict(zip(names, key, strict=True)) for cell, key in product(cells, keys)]
    return _curve(claim, rows, results.reshape(4, -1, len(orders)), {})


def _samples(claim: plan.Plan, *others: str) -> list[dict]:
    """Every combination of the axes but `others`."""
    axes = {name: options for name, options in claim.axes.items() if name not in others}
    return [dict(zip(axes, values, strict=True)) for values in product(*axes.values())]


def _orders(tables: Tables, permutations: int, seed: int) -> np.ndarray:
    """Whose label each country gets, (1 + permutations, countries), in sorted order of ISO3; the
    data's own first.
    """
    own = np.arange(len(tables.countries))
    return np.vstack(
        [own, np.random.default_rng(seed).permuted(np.tile(own, (permutations, 1)), axis=1)]
    )


def _without(orders: np.ndarray, tables: Tables, gone: tuple[str, ...]) -> np.ndarray:
    """The same orders among the countries left: who would get the label of one that is gone gets
    what it got.
    """
    isos = sorted(tables.countries["iso3"])
    for country in sorted((isos.index(iso) for iso in gone), reverse=True):
        orders = np.where(orders == country, orders[:, [country]], orders)
        orders = np.delete(orders, country, axis=1)
        orders = orders - (orders > country)
    return orders


def _by_label(events, exposures, labels) -> np.ndarray:
    """Log ratio, low, high and p, (4, exposures x definitions x estimators, orders), of labels
    (definitions, orders,
    countries)."""
    return np.concatenate([_by_exposure(events, per, labels) for per in exposures], axis=1)


def _by_exposure(events, exposure, labels) -> np.ndarray:
    """The same of one exposure (countries,)."""
    # definitions that are equal, as some are once a country is left out, are fitted once
    same = [
        [np.array_equal(one, other, equal_nan=True) for other in labels].index(True)
        for one in labels
    ]
    first, code = np.unique(same, return_inverse=True)
    known = np.isfinite(exposure)
    label = np.where(known, labels[first], np.nan).reshape(-1, len(events))
    exposure = np.where(known, exposure, 1.0)
    offset, logs = np.log(exposure), np.log((events + 0.5) / exposure)
    X, weights = np.stack([np.ones(label.shape), label], axis=2), ~np.isnan(label)
    found = []
    for family, y, per in (
        ("poisson", events, offset),
        ("nb2", events, offset),
        ("ols", logs, None),
    ):
        fit = fit_many(y, X, per, weights, family=family)
        found.append([fit.coef[:, 1], *fit.limits(1), fit.p(1)])
    shifts = shift_many(logs, label)
    found.append([shifts.shift, shifts.low, shifts.high, shifts.p])
    orders = labels.shape[1]
    found = np.array(found).reshape(4, 4, -1, orders)[:, :, code]
    return found.transpose(1, 2, 0, 3).reshape(4, -1, orders)


def _by_history(events, exposure, labels, orders) -> np.ndarray:
    """Log ratio, low, high and p, (4, samples, labels, orders), of label histories (countries,
    years).
    """
    found = [period_ratios(events, exposure, label, orders) for label in labels]
    return np.array([[f.log_ratio, f.low, f.high, f.p] for f in found]).transpose(1, 2, 0, 3)


def _curve(claim: plan.Plan, rows: list[dict], results: np.ndarray, estimator: dict) -> Curve:
    """The curve of results (4, specifications, orders), one of `rows` each."""
    table = pd.DataFrame(rows)
    choices = list(table.columns)
    primary = [
        row["drop_countries"] == claim.axes["drop_countries"][0]
        and estimator.items() <= row.items()
        and specifications.is_primary(
            {name: row[name] for name in row if name not in estimator}, claim
        )
        for row in rows
    ]
    table["drop_countries"] = table["drop_countries"].map(", ".join)
    log_ratio, low, high, p = results[:, :, 0]
    if not np.isfinite(log_ratio).any():
        raise NotTestable("no specification of the plan can be estimated in this selection")
    with np.errstate(over="ignore"):
        table = table.assign(estimate=np.exp(log_ratio), low=np.exp(low), high=np.exp(high), p=p)
    null, null_p = results[0, :, 1:].T, results[3, :, 1:].T
    return Curve(
        table=table.assign(primary=primary),
        null=null,
        null_p=null_p,
        test=joint_test(log_ratio, p, null, null_p, alpha=claim.alpha),
        influence=axis_influence(log_ratio, table[choices]),
    )
