"""The picture of a claim's other choices: all specifications of the plan, sorted."""

import numpy as np
import pandas as pd

from lac_analysis import charts
from lac_analysis.charts.picture import Picture, message
from lac_analysis.claims import specifications
from lac_analysis.claims.finding import Finding, show
from lac_analysis.claims.picture import draw
from lac_analysis.stats.curve import axis_influence

_RESULTS = ("estimate", "low", "high", "p", "primary")
CHOICES = {  # axis of claims.yml -> what it is called in a picture
    "collection": "records",
    "include_other_local": "with other local bodies",
    "min_confidence": "lowest confidence",
    "drop_countries": "country left out",
    "window_start": "first year",
    "definition": "definition",
    "recognition": "recognise Beijing",
    "excerpts": "queries",
    "controls": "at equal",
    "undated": "undated engagements",
    "drawn": "engagements drawn",
    "before": "before the year",
    "exclude_report_dates": "without dates of reports",
    "family": "model",
    "templates": "queries",
    "months": "months around",
    "platform_definition": "platform",
    "memoranda": "friendship memoranda",
    "years_before": "years before",
    "at_least": "engagements at least",
    "years": "years compared",
    "without_2020": "without 2020",
}
_OPTIONS = {
    "True": "yes",
    "False": "no",
    "": "none",
    "1": "nothing",
    "log_population": "population",
    "log_population + log_gdp": "population and GDP",
    "nb2": "NB2",
    "rai": "RAI",
    "rai_known": "RAI, known",
    "vdem": "V-Dem",
}


def draw_specifications(finding: Finding, name: str = "specifications") -> Picture:
    """Every specification of the finding's plan, and what each choice explains of the variance.

    name : of the picture.
    """
    table = finding.specifications
    if table is None or table["estimate"].notna().sum() == 0:
        reason = finding.not_testable or "no specification of the plan can be estimated"
        return message(name, reason, finding.provenance())
    log, choices = "ratio" in finding.unit, choices_of(table)
    table = table.reindex(columns=[*choices, "estimate", "low", "high", "primary"])
    explained = influence(table, choices, log)
    shown = table.assign(**{column: table[column].astype(str).map(option) for column in choices})
    share, n = specifications.sign_share(table, finding.null_value)
    head = "" if name == "specifications" else f"{name.replace('_', '-').capitalize()}. "
    known = table["estimate"].dropna()
    most = f"; {CHOICES[explained.idxmax()]} explains most" if explained.notna().any() else ""
    # thousands of rows: numbers are kept short
    short = table.select_dtypes("float").map(lambda value: float(f"{value:.6g}"))
    return draw(
        finding, name, charts.curve, shown.rename(columns=CHOICES), "estimate", "low", "high",
        [CHOICES[column] for column in choices], "primary", reference=finding.null_value,
        sesoi=finding.sesoi, log=log, influence=explained.rename(index=CHOICES),
        title=headline(share, n),
        subtitle=f"{head}{finding.unit[0].upper()}{finding.unit[1:]} in every specification of the "
        "plan around this selection",
        when=f"{finding.window[0]}–{finding.window[1]}", data=table.assign(**short),
        caption=None if finding.n_places else "",
        alt=f"Specification curve: {n:,} estimates from {show(known.min())} to "
        f"{show(known.max())}, median {show(known.median())}, "
        f"{(known > finding.null_value).mean():.0%} above {show(finding.null_value)}{most}.",
    )  # fmt: skip


def headline(share: float, n: int) -> str:
    """What the specifications say of the sign, as a title."""
    if share in (0.0, 1.0):
        return f"All {n:,} specifications lie {'above' if share else 'at or below'} no effect"
    told = ": the choices decide the sign" if 0.2 < share < 0.8 else ""
    return f"{share:.0%} of {n:,} specifications lie above no effect{told}"


def choices_of(table: pd.DataFrame) -> list[str]:
    """The columns of a table of specifications that are choices with two options or more."""
    return [
        column for column in table.columns if column not in _RESULTS and table[column].nunique() > 1
    ]


def influence(table: pd.DataFrame, choices: list[str], log: bool) -> pd.Series:
    """Share of the estimates' variance that each choice explains; NaN where they do not vary."""
    estimates = table["estimate"].to_numpy(dtype=float)
    with np.errstate(divide="ignore", invalid="ignore"):
        values = np.log(estimates) if log else estimates
    if not np.isfinite(values).any() or np.ptp(values[np.isfinite(values)]) == 0:
        return pd.Series(np.nan, index=choices)
    return axis_influence(values, table[choices]).share


def option(text: str) -> str:
    """An option of an axis, as a picture calls it."""
    return _OPTIONS.get(text, text.replace("_", " "))
