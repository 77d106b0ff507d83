"""The report's claims, one module each.

Each module has
    table(tables, selection, **options) -> DataFrame    what the test takes; one row a unit
    estimate(tables, selection, **options) -> float     the primary estimate, for specifications
    analyse(tables, selection, plan, *, seed, **options) -> Finding    the notebook's steps in a row
and, in the module or for the claims on the local share in `share`,
    check(table, plan)                                  raises NotTestable below the plan's minima
    design(...) -> DataFrame                            P(verdict | truth), by simulation
    finding(...) -> Finding                             from the table and the test
    draw_<name>(finding) -> Picture                     what the notebook shows
The notebook calls the same steps one by one, with the test itself, from `stats` or statsmodels, in
plain sight. An exact test of a count has its design from `verdict.exact_design`.
"""

from importlib import import_module
from numbers import Integral
from pathlib import Path

import pandas as pd

from lac_analysis import config, files
from lac_analysis.charts import Picture
from lac_analysis.claims import definitions, share, specifications
from lac_analysis.claims import plan as plans
from lac_analysis.claims.finding import Finding
from lac_analysis.claims.picture import draw_design
from lac_analysis.claims.plan import CANNOT, NotTestable
from lac_analysis.claims.specifications import draw_specifications
from lac_analysis.claims.verdict import judge
from lac_analysis.errors import InputError, checked
from lac_analysis.selection import Selection
from lac_analysis.tables import Tables

CLAIMS = {
    name: import_module(f"{__name__}.{name}") for name in (
        "web", "not_new", "growth", "technology", "platforms", "twinning", "reach", "authority",
        "self_rule", "strained", "tiers",
    )
}  # fmt: skip
SPECIFICATIONS = "specifications_all.csv"

__all__ = [
    "CANNOT", "CLAIMS", "Finding", "NotTestable", "analyse", "complete", "draw_design",
    "draw_specifications", "findings", "read", "save",
]  # fmt: skip


@checked
def analyse(
    claim: str, tables: Tables, selection: Selection | None = None, *,
    seed: Integral | None = None, **options,
) -> Finding:  # fmt: skip
    """Test a claim on a selection, with its specifications, and judge it.

    Parameters
    ----------
    claim : web, not_new, growth, technology, platforms, twinning, reach, authority, self_rule,
        strained or tiers, as in claims.yml.
    selection : sample and window; those of the plan where left out, which
        `lac.plan(claim).selection(window_start=2005, drop_countries=["BRA"])` changes.
    seed : of every random draw; that of the plan where left out.
    options : the claim's own choices; those left out are the plan's. `definition` may be one's own
        Series by ISO3: true and false for authority, a score for self_rule, either for strained;
        `covariates` a Series or DataFrame by ISO3, for the same three. All specifications then
        have them.

    Returns
    -------
    Finding : where the selection cannot carry the claim, one with verdict 'not testable' and the
        reason.

    Raises
    ------
    InputError : an unknown claim or option, or a value outside its choices.

    Examples
    --------
    >>> import lac_analysis as lac
    >>> lac.analyse("not_new", lac.load()).unit
    'countries'
    """
    planned, module = plans.of(claim), CLAIMS[claim]
    selection = planned.selection() if selection is None else selection
    own = planned.options_from(selection.window_start) | options
    planned.check(own)
    if "definition" in own:
        module.label(tables, selection, own["definition"])  # refused here, and not called a finding
    if "covariates" in own:  # the same
        own["covariates"] = definitions.covariates(own["covariates"], share.COLUMNS, selection)
    seed = planned.seed if seed is None else seed
    if seed < 0:
        raise InputError("parameter seed", value=seed, expected="a whole number, zero or more")
    try:
        finding = module.analyse(tables, selection, planned, seed=seed, **own)
    except CANNOT as reason:
        finding = Finding(not_testable=str(reason))
    return complete(claim, finding, tables, selection, seed=seed, **own)


def complete(
    claim: str, finding: Finding, tables: Tables, selection: Selection, *, seed: int, **options
) -> Finding:
    """A claim's finding with its plan, specifications and verdict; arguments of `analyse`."""
    planned = plans.of(claim)
    finding = finding.replace(
        claim=claim,
        estimand=" ".join(planned.estimand.split()),
        unit=planned.unit,
        null_value=planned.null_value,
        sesoi=planned.sesoi,
        level=planned.level,
        window=(selection.window_start, selection.window_end),
        parameters=_parameters(tables, selection, options, seed),
        input_hash=tables.input_hash,
        code_hash=files.code_hash(),
    )
    if finding.attainable is not None and finding.attainable < planned.sesoi:
        reason = f"no data of this design could give an estimate of {planned.sesoi:g}"
        finding = finding.replace(not_testable=reason)
    if not finding.not_testable:
        estimate = CLAIMS[claim].estimate
        curve = specifications.estimates(estimate, tables, planned, selection, options)
        share, n = specifications.sign_share(curve, planned.null_value)
        finding = finding.replace(sign_share=share, n_specifications=n, specifications=curve)
    return judge(finding, planned)


def _parameters(tables: Tables, selection: Selection, options: dict, seed: int) -> dict:
    """Every choice behind a finding; a user's own definition and covariates as values by ISO3."""
    plain = {name: v.to_dict() if hasattr(v, "to_dict") else v for name, v in options.items()}
    user = {"engagements": tables.name} if tables.name else {}
    return selection.__dict__ | plain | {"seed": seed} | user


def save(finding: Finding, pictures: list[Picture], folder: str) -> None:
    """Write finding.json, specifications and pictures into `folder`; where it is blank, say so."""
    tables = {} if finding.specifications is None else {SPECIFICATIONS: finding.specifications}
    files.save(finding.to_dict() | {"sentence": repr(finding)}, pictures, folder, tables)


def findings(
    tables: Tables, window: tuple[int, int], *, later: bool = False, runs: str = "",
    seed: int | None = None, **choices,
) -> dict[str, Finding]:  # fmt: skip
    """Every claim's primary finding in a window. `choices` replace the plan's sample in every
    claim. A finding is read where the folder `runs` holds a claim's own run of just these choices,
    data and code, else computed. After the report, and in the `later` window of two, a claim is not
    tested where the plan says that it has no second test (`out_of_sample`).
    """
    found, later = {}, later or window[0] >= config.OUT_OF_SAMPLE_WINDOW[0]
    for name, planned in plans.load().items():
        selection = planned.selection(window_start=window[0], window_end=window[1], **choices)
        own = planned.options_from(window[0], later=later)
        used = planned.seed if seed is None else seed
        if later and "out_of_sample" in planned.entry:
            reason = Finding(not_testable=" ".join(planned.entry["out_of_sample"].split()))
            found[name] = complete(name, reason, tables, selection, seed=used, **own)
            continue
        stored = read(Path(runs) / planned.notebook) if runs else None
        choices_made = files.to_json_values(_parameters(tables, selection, own, used))
        made = (choices_made, tables.input_hash, files.code_hash())
        if stored is None or (stored.parameters, stored.input_hash, stored.code_hash) != made:
            stored = analyse(name, tables, selection, seed=used, **own)
        found[name] = stored
    return found


def read(folder: Path) -> Finding | None:
    """The finding that a notebook's run left, with its specifications; None where there is none."""
    if not (path := folder / files.FINDING).is_file():
        return None
    finding = Finding.from_dict(files.read_json(path), path)
    path = folder / SPECIFICATIONS
    if not path.is_file():
        return finding
    table = pd.read_csv(path)
    none_left_out = {"drop_countries": ""} if "drop_countries" in table else {}
    return finding.replace(specifications=table.fillna(none_left_out))
