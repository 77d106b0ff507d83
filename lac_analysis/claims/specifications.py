"""Does the sign of a claim's estimate survive the plan's other defensible choices?"""

import math
from collections.abc import Callable
from dataclasses import replace

import pandas as pd

from lac_analysis import config
from lac_analysis.claims.finding import NotTestable
from lac_analysis.claims.plan import Plan
from lac_analysis.panel import Selection
from lac_analysis.tables import Tables


def estimates(
    estimate: Callable,
    tables: Tables,
    plan: Plan,
    selection: Selection,
    options: dict,
    interval: Callable | None = None,
) -> pd.DataFrame:
    """Every specification of the plan estimated; NaN where it cannot be.

    The specifications vary around `selection`: its window stays, except that the axis
    `window_start` applies where the
    selection starts with the report; its dropped countries stay dropped. One row a specification:
    its choices, and
    columns estimate, low and high (where `interval` gives them), and primary, true for the plan's
    own choices.
    Source: Simonsohn, Simmons and Nelson (2020), Nat. Hum. Behav. 4.
    """
    fixed = {name: value for name, value in options.items() if name not in plan.axes}
    return _estimates(estimate, tables, plan, selection, fixed, interval)


def _estimates(estimate, tables, plan, selection, fixed, interval) -> pd.DataFrame:
    """`fixed` are the options that the plan does not vary: runs that differ in another one share
    the curve.
    """
    rows = []
    for choices in plan.specifications():
        if selection.window_start != config.REPORT_WINDOW[0]:
            choices.pop("window_start", None)
        if choices.get("window_start", selection.window_start) > selection.window_end:
            continue
        drop = set(selection.drop_countries) | set(choices.get("drop_countries", ()))
        chosen = selection.replace(**choices | {"drop_countries": tuple(drop)})
        own = fixed | {
            name: value
            for name, value in choices.items()
            if name not in Selection.__dataclass_fields__
        }
        try:
            value = estimate(tables, chosen, **own)
            bounds = interval(tables, chosen, **own) if interval else ()
        except NotTestable:
            value, bounds = math.nan, ()
        results = {"estimate": value} | dict(zip(("low", "high"), bounds, strict=False))
        primary = is_primary(choices, plan) and drop == set(selection.drop_countries)
        rows.append(
            choices | {"drop_countries": ", ".join(sorted(drop)), **results, "primary": primary}
        )
    return pd.DataFrame(rows).drop_duplicates(ignore_index=True)


def kept(plan: Plan, only: dict) -> Plan:
    """The plan with its axes kept to the options in `only` (axis -> option)."""
    return replace(
        plan,
        axes={name: [only[name]] if name in only else axis for name, axis in plan.axes.items()},
    )


def narrowed(plan: Plan, selection: Selection, **only) -> Plan:
    """The plan with every axis kept to a selection and to the options in `only` (axis -> option).

    The window's end is that of the selection, and so is its start unless the selection starts with
    the report; the
    countries it leaves out stay out of every specification.
    """
    plan = kept(plan, only)
    axes = dict(plan.axes)
    starts = [selection.window_start]
    if selection.window_start == config.REPORT_WINDOW[0]:
        starts = [
            start for start in axes.get("window_start", starts) if start <= selection.window_end
        ]
    gone = set(selection.drop_countries)
    drops = [sorted(gone | set(drop)) for drop in axes["drop_countries"]]
    axes["drop_countries"] = [drop for i, drop in enumerate(drops) if drop not in drops[:i]]
    return replace(plan, axes=axes | {"window_start": starts, "window_end": [selection.window_end]})


def is_primary(choices: dict, plan: Plan) -> bool:
    """Whether these choices, dropped countries apart, are the plan's primary ones."""
    start, end = config.REPORT_WINDOW
    primary = {"window_start": start, "window_end": end} | plan.primary | {"drop_countries": None}
    return all(primary[name] in (None, value) for name, value in choices.items())


def sign_share(table: pd.DataFrame, null_value: float) -> tuple[float | None, int]:
    """Share of the estimable specifications above the null value, and their number."""
    known = table["estimate"].dropna()
    return (float((known > null_value).mean()) if len(known) else None), len(known)
