"""The report's claims, one module each: tables and a selection in, a Finding and its pictures out.

Each module has
    estimate(tables, selection, **options) -> float      the primary point estimate, quickly
    interval(tables, selection, **options) -> low, high  of it, where that is quick too
    test(tables, selection, *, seed, **options) -> Finding   the primary and secondary analyses
and raises NotTestable where the selection cannot carry the claim. Beside it, <claim>_figures has
    pictures(finding) -> dict[str, Picture]                what the notebook shows, named in
    PICTURES
and every claim's notebook shows the specifications of its plan besides.
"""

from collections.abc import Callable
from importlib import import_module

from lac_analysis import files
from lac_analysis.claims import plan as plans
from lac_analysis.claims import specifications
from lac_analysis.claims.finding import Finding, NotTestable, code_hash
from lac_analysis.claims.verdict import judge
from lac_analysis.panel import Selection
from lac_analysis.tables import Tables

PICTURES = ("specifications",)  # of every claim, beside its own

__all__ = ["Finding", "NotTestable", "pictures", "primary", "save", "test"]


def test(
    claim: str, tables: Tables, selection: Selection, *, seed: int | None = None, **options
) -> Finding:
    """Test a claim on a selection, with its specifications, and judge it.

    Parameters
    ----------
    claim : id in claims.yml. options : the claim's own choices; those left out are the plan's
        primary ones.
    seed : of every random draw; the plan's where left out.

    Returns
    -------
    Finding : where the selection cannot carry the claim, one with verdict 'not testable' and
        the reason.
    """
    plan = plans.load()[claim]
    own = plan.options | options
    module = import_module(f"lac_analysis.claims.{claim}")
    seed = plan.seed if seed is None else seed
    identity = {
        "claim": claim,
        "estimand": " ".join(plan.estimand.split()),
        "unit": plan.unit,
        "sesoi": plan.sesoi,
        "level": plan.level,
        "window": (selection.window_start, selection.window_end),
        "parameters": selection.__dict__
        | own
        | {"seed": seed}
        | ({"engagements": tables.own} if tables.own else {}),
        "input_hash": tables.input_hash,
        "code_hash": code_hash(claim),
    }
    try:
        finding = primary(module.test, tables, selection, seed, own).replace(**identity)
    except NotTestable as reason:
        return judge(_empty(str(reason)).replace(**identity), plan)
    curve = specifications.estimates(
        module.estimate, tables, plan, selection, own, getattr(module, "interval", None)
    )
    share, n = specifications.sign_share(curve, finding.null_value)
    finding = finding.replace(
        sign_share=share, n_specifications=n, detail=finding.detail | {"specifications": curve}
    )
    return judge(finding, plan)


def primary(test: Callable, tables: Tables, selection: Selection, seed: int, own: dict) -> Finding:
    """What a claim's own `test` finds with its `own` choices, not judged yet. Raises NotTestable."""
    return test(tables, selection, seed=seed, **own)


def pictures(finding: Finding) -> dict:
    """The pictures of a finding by name; where it is not testable, each says why."""
    module = import_module(f"lac_analysis.claims.{finding.claim}_figures")
    if finding.not_testable and not finding.detail:
        from lac_analysis.charts.picture import message

        names = (*module.PICTURES, *PICTURES)
        return {name: message(name, finding.not_testable, finding.provenance()) for name in names}
    from lac_analysis.claims import specification_figures

    return module.pictures(finding) | {"specifications": specification_figures.picture(finding)}


def save(finding: Finding, pictures: dict, folder: str) -> None:
    """Write finding.json and every picture into `folder`; where it is blank, write nothing and say
    so.
    """
    files.save(finding.to_dict() | {"sentence": finding.sentence()}, pictures, folder)


def _empty(reason: str) -> Finding:
    return Finding(
        estimate=None, low=None, high=None, interval_method="", p=None, p_method="", null_value=None, n_countries=0,
        n_places=0, n_engagements=0, not_testable=reason,
    )  # fmt: skip
