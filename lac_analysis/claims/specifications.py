"""Does the sign of a claim's estimate survive the plan's other defensible choices?"""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd

from lac_analysis import charts, config, files
from lac_analysis.claims.finding import Finding, show
from lac_analysis.claims.picture import draw, source
from lac_analysis.claims.plan import CANNOT, Plan
from lac_analysis.selection import Selection
from lac_analysis.stats.curve import NOTHING, axis_influence
from lac_analysis.tables import Tables

_RESULTS = ("estimate", "primary")
CHOICES, _OPTIONS = files.read_yaml(Path(__file__).with_suffix(".yml")).values()


def estimates(
    estimate: Callable, tables: Tables, plan: Plan, selection: Selection, options: dict
) -> pd.DataFrame:
    """Every specification of the plan estimated: its choices, estimate (NaN where there is none)
    and primary, true for the plan's own choices. A collection that holds no record is no
    choice; where none does, the selection's stays.

    Source: Simonsohn, Simmons and Nelson (2020), Nat. Hum. Behav. 4.
    """
    axes, found = dict(plan.axes), tables.engagements
    asked = axes.pop("collection", ())
    if held := [name for name in asked if name == "all" or found[f"in_{name}"].any()]:
        axes["collection"] = held
    plan = replace(plan, axes={name: axes[name] for name in plan.axes if name in axes})
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
    with the report; dropped countries stay dropped. So do options that the plan does not vary,
    those that are a user's own, and `before` where the window holds no year before any of the
    plan's: runs that differ in another option share the curve.
    """
    fields = Selection.__dataclass_fields__
    start, end = config.REPORT_WINDOW
    primary = {"window_start": start, "window_end": end} | plan.primary | {"drop_countries": None}
    users = {name for name, value in options.items() if isinstance(value, pd.Series)}
    kept = users | ({"window_start"} if selection.window_start != start else set())
    if selection.window_start >= max(plan.axes.get("before", [math.inf])):
        kept.add("before")
    of_all = options.keys() - (plan.axes.keys() - kept)
    fixed = {name: value for name, value in options.items() if name in of_all}
    varied = {name: values for name, values in plan.axes.items() if name not in kept}
    for made in product(*varied.values()):
        choices = dict(zip(varied, made, strict=True))
        if choices.get("window_start", selection.window_start) > selection.window_end:
            continue
        drop = set(selection.drop_countries) | set(choices.get("drop_countries", ()))
        own = {name: value for name, value in choices.items() if name not in fields}
        sample = {name: choices[name] for name in choices.keys() - own.keys()}
        yield Specification(
            choices | {"drop_countries": ", ".join(sorted(drop))},
            selection.replace(**sample | {"drop_countries": tuple(drop)}),
            fixed | own,
            all(primary[name] in (None, value) for name, value in choices.items())
            and drop == set(selection.drop_countries),
        )


def sign_share(table: pd.DataFrame, null_value: float) -> tuple[float | None, int]:
    """Share of the estimable specifications above the null value, and their number."""
    known = table["estimate"].dropna()
    above = known - null_value > NOTHING
    return (float(above.mean()) if len(known) else None), len(known)


def draw_specifications(finding: Finding) -> charts.Picture:
    """Every specification of the finding's plan, and what each choice explains of the variance."""
    table = finding.specifications
    if table is None or table["estimate"].notna().sum() == 0:
        reason = finding.not_testable or "no specification of the plan can be estimated"
        return charts.message("specifications", reason, finding.provenance())
    choices, explains = choices_of(table), explained(finding)
    table = table[[*choices, "estimate", "primary"]]
    shown = table.assign(**{column: _in_words(table[column]) for column in choices})
    share, n = sign_share(table, finding.null_value)
    null = f"{show(finding.null_value)}, the null value"
    title = f"{share:.0%} of {n:,} specifications lie above {null}"
    if share in (0.0, 1.0):
        title = f"All {n:,} specifications lie {'above' if share else 'at or below'} {null}"
    elif 0.2 < share < 0.8:
        title += " (the choices decide the sign)"
    known = table["estimate"].dropna()
    if finding.sesoi != finding.null_value:
        reached = (known >= finding.sesoi).mean()
        title += f"; {reached:.0%} reach the smallest effect of interest"
    most = f"; {CHOICES[explains.idxmax()]} explains most" if explains.notna().any() else ""
    caption = None
    if finding.otherwise():
        caption = f"Source: {source(finding)}; the choices that the plan varies are the plan's."
    # thousands of rows: numbers are kept short
    short = table.select_dtypes("float").map(lambda value: float(f"{value:.6g}"))
    return draw(
        finding, "specifications", charts.curve, shown.rename(columns=CHOICES), "estimate",
        [CHOICES[column] for column in choices], "primary", reference=finding.null_value,
        sesoi=finding.sesoi, log="ratio" in finding.unit, influence=explains.rename(index=CHOICES),
        title=title,
        subtitle=f"{finding.unit[0].upper()}{finding.unit[1:]} in every specification of the "
        "plan around this selection",
        when=finding.period(), caption=caption,
        data=table.assign(**short),
        alt=f"Specification curve: {n:,} estimates from {show(known.min())} to "
        f"{show(known.max())}, median {show(known.median())}, "
        f"{(known > finding.null_value).mean():.0%} above {show(finding.null_value)}{most}.",
    )  # fmt: skip


def _in_words(options: pd.Series) -> pd.Series:
    words = _OPTIONS.get(options.name, {"True": "yes", "False": "no"})
    return options.astype(str).map(lambda text: words.get(text, text.replace("_", " ")))


def choices_of(table: pd.DataFrame) -> list[str]:
    """The columns of a table of specifications that are choices with two options or more."""
    return [name for name in table if name not in _RESULTS and table[name].nunique() > 1]


def explained(finding: Finding) -> pd.Series:
    """Choice -> share of the variance of the specifications that it explains; NaN where they
    do not vary, empty where there are none.
    """
    table = finding.specifications
    if table is None:
        return pd.Series(dtype=float)
    estimates = table["estimate"].to_numpy(dtype=float)
    with np.errstate(divide="ignore", invalid="ignore"):
        values = np.log(estimates) if "ratio" in finding.unit else estimates
    return axis_influence(values, table[choices_of(table)])
