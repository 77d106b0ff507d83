"""The report's claims, one module each.

Each module has
    table(tables, selection, **options) -> DataFrame    what the test takes; one row a unit
    estimate(tables, selection, **options) -> float     the primary estimate, for specifications
    analyse(tables, selection, plan, *, seed, **options) -> Finding    table, test and finding
    pictures(finding) -> dict[str, Picture]             what the notebook shows
and the steps that `analyse` composes and the notebook calls one by one: the test from `stats` or
statsmodels, `design` (P(verdict | truth) by simulation) and `finding`. Every step raises
NotTestable where the selection cannot carry the claim.
"""

from pathlib import Path

import pandas as pd

from lac_analysis import config, files, results
from lac_analysis.charts.picture import Picture, message
from lac_analysis.claims import (
    authority, growth, not_new, platforms, reach, self_rule, specification_figures, specifications,
    strained, technology, tiers, twinning, web,
)  # fmt: skip
from lac_analysis.claims import plan as plans
from lac_analysis.claims.finding import Finding, NotTestable
from lac_analysis.claims.verdict import judge
from lac_analysis.panel import Selection
from lac_analysis.tables import Tables

CLAIMS = {
    "web": web,
    "not_new": not_new,
    "growth": growth,
    "technology": technology,
    "platforms": platforms,
    "twinning": twinning,
    "reach": reach,
    "authority": authority,
    "self_rule": self_rule,
    "strained": strained,
    "tiers": tiers,
}

__all__ = ["CLAIMS", "Finding", "NotTestable", "analyse", "complete", "pictures", "save"]


def analyse(
    claim: str, tables: Tables, selection: Selection, *, seed: int | None = None, **options
) -> Finding:
    """Test a claim on a selection, with its specifications, and judge it.

    Parameters
    ----------
    claim : id in claims.yml. options : the claim's own choices; those left out are the plan's.
    seed : of every random draw; the plan's where left out.

    Returns
    -------
    Finding : where the selection cannot carry the claim, one with verdict 'not testable' and the
        reason.

    Raises
    ------
    InputError : an unknown claim or option, or a value outside its choices.
    """
    plan = plans.load()[claim]
    window = (selection.window_start, selection.window_end)
    own = plan.options_in(window) | options
    seed = plan.seed if seed is None else seed
    try:
        finding = CLAIMS[claim].analyse(tables, selection, plan, seed=seed, **own)
    except NotTestable as reason:
        finding = Finding(not_testable=str(reason))
    return complete(claim, finding, tables, selection, seed=seed, **own)


def complete(
    claim: str, finding: Finding, tables: Tables, selection: Selection, *, seed: int, **options
) -> Finding:
    """A claim's finding with what the plan and the selection say, its specifications, and its
    verdict. Arguments as in `analyse`.
    """
    plan = plans.load()[claim]
    user = {"engagements": tables.own} if tables.own else {}
    finding = finding.replace(
        claim=claim,
        estimand=" ".join(plan.estimand.split()),
        unit=plan.unit,
        null_value=plan.null_value,
        sesoi=plan.sesoi,
        level=plan.level,
        window=(selection.window_start, selection.window_end),
        parameters=selection.__dict__ | options | {"seed": seed} | user,
        input_hash=tables.input_hash,
        code_hash=files.code_hash(),
    )
    if finding.attainable is not None and finding.attainable < plan.sesoi:
        reason = f"no data of this design could give an estimate of {plan.sesoi:g}"
        finding = finding.replace(not_testable=reason)
    if not finding.not_testable:
        curve = specifications.estimates(CLAIMS[claim].estimate, tables, plan, selection, options)
        share, n = specifications.sign_share(curve, plan.null_value)
        finding = finding.replace(sign_share=share, n_specifications=n, specifications=curve)
    return judge(finding, plan)


def pictures(finding: Finding) -> dict[str, Picture]:
    """The pictures of a finding by name; where it is not testable, one that says why."""
    if not finding.detail:
        return {"reason": message("reason", finding.not_testable, finding.provenance())}
    drawn = CLAIMS[finding.claim].pictures(finding)
    if finding.specifications is not None:
        drawn["specifications"] = specification_figures.picture(finding)
    return drawn


def save(finding: Finding, pictures: dict[str, Picture], folder: str) -> None:
    """Write finding.json, the specifications and every picture into `folder`; where it is blank,
    write nothing and say so.
    """
    results.save(finding.to_dict(), pictures, folder)
    if folder and finding.specifications is not None:
        files.write_csv(Path(folder) / "specifications_all.csv", finding.specifications)


def findings(
    tables: Tables, window: tuple[int, int], *, runs: str = "", seed: int | None = None
) -> dict[str, Finding]:
    """Every claim's primary finding in a window: read from the claims' own runs where the folder
    `runs` holds them, else computed.
    """
    found = {}
    for name, plan in plans.load().items():
        selection = plan.selection(window_start=window[0], window_end=window[1])
        stored = Path(runs) / plan.notebook if runs else None
        if stored and window == config.REPORT_WINDOW:
            found[name] = read(stored)
        else:
            found[name] = analyse(name, tables, selection, seed=seed)
    return found


def read(folder: Path) -> Finding:
    """The finding that a run of a claim's notebook left, with its specifications."""
    finding = Finding.from_dict(files.read_json(folder / results.NAME))
    table = folder / "specifications_all.csv"
    return finding.replace(specifications=pd.read_csv(table) if table.is_file() else None)
