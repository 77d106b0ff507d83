"""All checks of one selection together."""

from dataclasses import dataclass

import pandas as pd

from lac_analysis.claims.finding import Finding
from lac_analysis.panel import Selection
from lac_analysis.robustness import coding, dates, design, influence, reporting
from lac_analysis.robustness.identity import identity
from lac_analysis.tables import Tables, source


@dataclass(frozen=True, eq=False)
class Checks:
    """Attributes: findings (claim -> its primary test), one frame a check, as the functions of this
    package make them,
    window (in words), identity (what they were made from), source (what a caption calls the
    records)."""

    findings: dict[str, Finding]
    influence: pd.DataFrame
    reliability: pd.DataFrame
    simex: pd.DataFrame
    dates: pd.DataFrame
    tipping: pd.DataFrame
    yields: pd.DataFrame
    power: pd.DataFrame
    tests: pd.DataFrame
    controls: pd.DataFrame
    uniform: pd.DataFrame
    planted: pd.DataFrame
    window: str
    identity: dict
    source: str


def run(tables: Tables, selection: Selection, *, simulations: int, seed: int, **choices) -> Checks:
    """Every check of every claim, in the window and without the countries of `selection`.

    simulations : data sets behind each power, size and control, and completions and SIMEX draws
        (at most 50 of these).
    choices : replace the primary sample of every claim (collection, include_other_local,
        min_confidence).
    """
    selections = influence.primary_selections(tables, selection, **choices)
    found = design.findings(tables, selections, seed=seed)
    observed = design.Design(tables, selections, found)
    draws = max(2, min(50, simulations))
    power = design.curves(observed, designs=simulations, seed=seed)
    controls = design.negative(observed, tests=simulations, seed=seed)
    return Checks(
        findings=found,
        influence=influence.leave_out(tables, selections),
        reliability=coding.reliability(tables, seed=seed),
        simex=coding.corrected(tables, selections, draws=draws, seed=seed),
        dates=dates.completed(tables, selections, draws=draws, seed=seed),
        tipping=reporting.tipping_points(found),
        yields=reporting.yields(tables),
        power=power,
        tests=design.summary(found, power),
        controls=controls,
        uniform=design.uniform(controls),
        planted=design.planted(observed, tests=simulations, seed=seed),
        window=f"{selection.window_start}–{selection.window_end}",
        identity=identity(
            "robustness",
            tables,
            vars(selection) | choices | {"simulations": simulations, "seed": seed},
        ),
        source=f"Source: {source(tables.name)}.",
    )


def record(checks: Checks) -> dict:
    """What finding.json holds: every table but the p-values of the controls one by one."""
    names = (
        "influence",
        "reliability",
        "simex",
        "dates",
        "tipping",
        "yields",
        "power",
        "tests",
        "uniform",
        "planted",
    )
    return checks.identity | {name: getattr(checks, name) for name in names}
