"""Does the sign of a claim's estimate survive the plan's other defensible choices?"""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pandas as pd

from lac_analysis import config
from lac_analysis.claims.finding import CANNOT
from lac_analysis.claims.plan import Plan
from lac_analysis.panel import Selection
from lac_analysis.tables import Tables


def estimates(
    estimate: Callable, tables: Tables, plan: Plan, selection: Selection, options: dict
) -> pd.DataFrame:
    """Every specification of the plan estimated: its choices, estimate (NaN where there is none)
    and primary, true for the plan's own choices.

    Source: Simonsohn, Simmons and Nelson (2020), Nat. Hum. Behav. 4.
    """
    rows = []
    for specification in every(plan, selection, options):
        try:
            value = estimate(tables, specification.selection, **specification.options)
        except CANNOT:
            value = math.nan
        results = {"estimate": value, "primary": specification.primary}
        rows.append(specification.choices | results)
    return pd.DataFrame(rows).drop_duplicates(ignore_index=True)


@dataclass(frozen=True)
class Specification:
    """One combination of the plan's choices around a selection."""

    choices: dict  # axis -> option, with the countries left out as text
    selection: Selection  # with those choices
    options: dict  # the claim's own choices, as its `estimate` takes them
    primary: bool  # whether the choices are the plan's own


def every(plan: Plan, selection: Selection, options: dict) -> Iterator[Specification]:
    """The specifications of the plan around a selection; some may be alike.

    The window of the selection stays, except that the axis `window_start` applies where it starts
    with the report; dropped countries stay dropped. So do options that the plan does not vary, and
    those that are a user's own: runs that differ in another option share the curve.
    """
    fields = Selection.__dataclass_fields__
    own = {name for name, value in options.items() if isinstance(value, pd.Series)}
    kept = own | ({"window_start"} if selection.window_start != config.REPORT_WINDOW[0] else set())
    fixed = {name: value for name, value in options.items() if name in own or name not in plan.axes}
    for choices in plan.specifications():
        choices = {name: value for name, value in choices.items() if name not in kept}
        if choices.get("window_start", selection.window_start) > selection.window_end:
            continue
        drop = set(selection.drop_countries) | set(choices.get("drop_countries", ()))
        yield Specification(
            choices | {"drop_countries": ", ".join(sorted(drop))},
            selection.replace(**choices | {"drop_countries": tuple(drop)}),
            fixed | {name: value for name, value in choices.items() if name not in fields},
            is_primary(choices, plan) and drop == set(selection.drop_countries),
        )


def is_primary(choices: dict, plan: Plan) -> bool:
    """Whether these choices, dropped countries apart, are the plan's primary ones."""
    start, end = config.REPORT_WINDOW
    primary = {"window_start": start, "window_end": end} | plan.primary | {"drop_countries": None}
    return all(primary[name] in (None, value) for name, value in choices.items())


def sign_share(table: pd.DataFrame, null_value: float) -> tuple[float | None, int]:
    """Share of the estimable specifications above the null value, and their number."""
    known = table["estimate"].dropna()
    # an estimate this close to the null value is on neither side: its sign is that of rounding
    above = known - null_value > 1e-9
    return (float(above.mean()) if len(known) else None), len(known)
