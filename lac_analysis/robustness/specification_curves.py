"""Every claim's specification curve, and joint tests of the two that have thousands of
specifications.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module

import numpy as np
import pandas as pd

from lac_analysis.claims import curves, specifications, twinning
from lac_analysis.claims import plan as plans
from lac_analysis.claims.finding import NotTestable
from lac_analysis.claims.specification_figures import choices_of, influence
from lac_analysis.errors import InputError
from lac_analysis.panel import Selection
from lac_analysis.robustness.identity import identity
from lac_analysis.stats.curve import CurveTest
from lac_analysis.tables import Tables, source

JOINT = {"authority": curves.authority_curve, "strained": curves.strained_curve}
_PATIENCE = 10  # seconds for a dask scheduler to answer
EVERY = "every"  # leaves an axis of choice whole


@dataclass(frozen=True, eq=False)
class ClaimCurve:
    """One claim's specifications.

    Attributes
    ----------
    table : a row each: choices, estimate, low and high where known, primary. Empty where none
        can be estimated.
    null_value : of no effect.   influence : choice -> share of the variance that it explains.
    test : joint test, on the log scale; None but for the claims in JOINT.
    reason : why there is no estimate, or blank.
    """

    table: pd.DataFrame
    null_value: float
    influence: pd.Series
    test: CurveTest | None = None
    reason: str = ""


@dataclass(frozen=True, eq=False)
class Curves:
    """Attributes: by_claim (claim -> ClaimCurve, in the plan's order), window, identity (what they
    were made from),
    source (what a caption calls the records)."""

    by_claim: dict[str, ClaimCurve]
    window: tuple[int, int]
    identity: dict
    source: str


def every(
    tables: Tables, selection: Selection, permutations: int, *, seed: int, collection: str = EVERY,
    include_other_local: str = EVERY, min_confidence: str = EVERY, dask: str = "",
) -> Curves:  # fmt: skip
    """The curves of all claims, in the window and without the countries of `selection`.

    Parameters
    ----------
    permutations : curves of permuted labels for each joint test.
    collection, include_other_local, min_confidence : keep this axis to one of its options;
        'every' varies it.
    dask : address of a scheduler whose workers share the permutations; blank, this process
        makes them all. The numbers
        are the same.

    Source: Simonsohn, Simmons and Nelson (2020), Nat. Hum. Behav. 4.
    """
    only = {"collection": collection, "min_confidence": min_confidence}
    other = str(include_other_local).lower()
    only["include_other_local"] = other if other == EVERY else other == "true"
    only = {name: option for name, option in only.items() if option != EVERY}
    found = dict.fromkeys(plans.load())
    with _spread(dask) as spread:
        for (
            name
        ) in JOINT:  # first, while the claims' own notebooks make the others, which are shared
            claim = specifications.narrowed(plans.load()[name], selection, **only)
            found[name] = _joint(tables, claim, permutations, seed, spread)
    for name in [name for name in found if name not in JOINT]:
        found[name] = _plain(tables, specifications.kept(plans.load()[name], only), selection)
    parameters = vars(selection) | only | {"permutations": permutations, "seed": seed}
    window = (selection.window_start, selection.window_end)
    made_from = identity("specification_curve", tables, parameters)
    return Curves(found, window, made_from, f"Source: {source(tables.name)}.")


def summary(found: Curves) -> pd.DataFrame:
    """One row a claim: specifications, share above no effect, median, range, what explains most,
    joint p-values.
    """
    rows = []
    for name, curve in found.by_claim.items():
        log = "ratio" in plans.load()[name].unit
        known = curve.table["estimate"].dropna() if len(curve.table) else pd.Series(dtype=float)
        row = {"claim": name, "specifications": len(known), "reason": curve.reason}
        if len(known):
            share, _ = specifications.sign_share(curve.table, curve.null_value)
            middle = (
                float(np.exp(np.median(np.log(known))))
                if log and (known > 0).all()
                else float(known.median())
            )
            row |= {
                "share_above_null": share,
                "median": middle,
                "lowest": known.min(),
                "highest": known.max(),
            }
        if curve.influence.notna().any():
            row |= {"explains_most": curve.influence.idxmax(), "explains": curve.influence.max()}
        if curve.test:
            test = curve.test
            row |= {
                "significant_share": test.significant_share, "median_p": test.median_p, "sign_p": test.sign_p,
                "significant_p": test.significant_p, "permutations": test.permutations,
            }  # fmt: skip
        rows.append(row)
    return pd.DataFrame(rows)


@contextmanager
def _spread(dask: str) -> Iterator[Callable]:
    """`map` here, or over the workers of a dask cluster. InputError if no scheduler answers.

    No threads here: the arrays are small, so that threads would wait for the interpreter's lock
    (measured).
    """
    if not dask:
        yield map
        return
    try:
        from distributed import Client

        client = Client(dask, timeout=_PATIENCE)
    except (ImportError, OSError, ValueError) as error:
        raise InputError("no dask scheduler answers", value=dask, expected=str(error)) from None
    with client, client.get_executor(pure=False) as executor:
        yield executor.map


def _plain(tables: Tables, claim: plans.Plan, selection: Selection) -> ClaimCurve:
    module = import_module(f"lac_analysis.claims.{claim.id}")
    base = claim.selection(
        window_start=selection.window_start,
        window_end=selection.window_end,
        drop_countries=selection.drop_countries,
    )
    interval = getattr(module, "interval", None)
    table = specifications.estimates(module.estimate, tables, claim, base, claim.options, interval)
    if not table["estimate"].notna().any():
        return _none("no specification of the plan can be estimated in this selection")
    try:
        null_value = _null_value(tables, claim, base)
    except NotTestable as reason:
        return _none(str(reason))
    return ClaimCurve(
        table, null_value, influence(table, choices_of(table), log="ratio" in claim.unit)
    )


def _joint(tables: Tables, claim: plans.Plan, permutations: int, seed: int, spread) -> ClaimCurve:
    try:
        curve = JOINT[claim.id](tables, permutations, seed=seed, spread=spread, claim=claim)
    except NotTestable as reason:
        return _none(str(reason))
    table = curve.table
    return ClaimCurve(table, 1.0, influence(table, choices_of(table), log=True), curve.test)


def _null_value(tables: Tables, claim: plans.Plan, selection: Selection) -> float:
    """No effect; of twinning, the share that a random order within places would give. NotTestable
    without a date.
    """
    if not isinstance(claim.null_value, str):
        return float(claim.null_value)
    found = twinning.events(tables, selection)
    if not (found.unit & found.dated).any():
        raise NotTestable(
            "no twinning in the selection has a date that lies in the window for certain"
        )
    return twinning.order_within_places(found, claim.primary["memoranda"]).expected


def _none(reason: str) -> ClaimCurve:
    return ClaimCurve(pd.DataFrame(), np.nan, pd.Series(dtype=float), reason=reason)
