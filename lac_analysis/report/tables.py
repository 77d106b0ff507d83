"""Tables for papers: descriptive statistics, the verdicts, regressions; as HTML and as LaTeX
(booktabs).
"""

import html
import json
from dataclasses import dataclass

import great_tables as gt
import numpy as np
import pandas as pd

from lac_analysis import panel
from lac_analysis.claims.finding import Finding, show, show_p
from lac_analysis.panel import Selection
from lac_analysis.report import regressions, verdicts
from lac_analysis.tables import Tables, source

_LATEX = {"−": "$-$", "–": "--", "∞": r"$\infty$", "“": "``", "”": "''"}


@dataclass(frozen=True)
class Table:
    """A table ready to set.

    Attributes: name (of the files), title, subtitle, note (source and how to read it), data (text;
    the first column
    names the rows), provenance.
    """

    name: str
    title: str
    subtitle: str
    note: str
    data: pd.DataFrame
    provenance: dict


def every(tables: Tables, report: dict[str, Finding], later: dict[str, Finding]) -> list[Table]:
    """The descriptive, verdict and regression tables of the report's window, in the primary sample."""
    window = next(iter(report.values())).window
    selection = Selection(*window)
    years = f"{window[0]}–{window[1]}"
    origin = {
        "input_hash": tables.input_hash,
        "window": list(window),
        "collection": selection.collection,
    }
    models = regressions.strained_relations(tables, selection)
    definitions = "; ".join(f"{model.name} {model.words}" for model in models)
    records = f"Source: {source(tables.name)}, found by the country queries"
    errors = "Standard errors in brackets; * p < 0.05, ** p < 0.01, *** p < 0.001."
    return [
        Table(
            "descriptive",
            "Descriptive statistics",
            f"33 countries, {years}",
            f"{records}; World Bank, Regional Authority Index, V-Dem, Correlates of War. GDP and trade are means of "
            "the years known.",
            descriptive(tables, selection),
            origin,
        ),
        Table(
            "verdicts",
            "The report's ten findings, tested",
            f"{years}, and {'–'.join(map(str, next(iter(later.values())).window))} out of sample",
            "Estimates with 95 % intervals; p after Holm's correction over the ten tests. Detectable: the smallest "
            "effect that the test finds with 80 % power.",
            verdict_rows(report, later),
            origin | {"code_hash": verdicts.code_hash(report)},
        ),
        Table(
            "federal",
            "Local engagement and federalism",
            f"Negative binomial (NB2) models of local engagements by country, {years}; log scale",
            f"{records}. {errors} HC1, t. Five federal states; the claim's own test is a randomisation test.",
            regressions.table(regressions.federal(tables, selection)).reset_index(),
            origin,
        ),
        Table(
            "strained",
            "Local engagement and strained relations",
            f"Poisson models of local engagements by country and year, {years}; log scale",
            f"{records}. {errors} Clustered by country (CRV1), t with G-1 degrees of freedom. The claim's own test "
            f"permutes label histories. Strained: {definitions}.",
            regressions.table(models).reset_index(),
            origin,
        ),
    ]


def descriptive(tables: Tables, selection: Selection) -> pd.DataFrame:
    """One row a country-level variable: countries with a value, mean, standard deviation, minimum,
    median, maximum.
    """
    table = panel.countries(tables, selection)
    years = len(selection.years)
    cells = panel.country_cells(tables, selection)
    variables = {
        "Local engagements": table["engagements"],
        "Population, millions": table["population"] / years / 1e6,
        "GDP, billion US dollars": table["gdp"] / years / 1e9,
        "First-level units": table["n_admin1"],
        "Trade with China, million US dollars": table["china_trade"] / years,
        "Federal": table["federal"],
        "Regional self-rule (RAI)": table["rai_self_rule"],
        "Division of power (V-Dem)": table["division_of_power"],
        "Years of recognition of the ROC": cells.groupby("iso3")["roc_recognition"].sum(),
        "AidData projects": cells.groupby("iso3")["gcdf_projects"].sum(min_count=1),
    }
    rows = []
    for name, values in variables.items():
        known = values.dropna().astype(float)
        numbers = (known.mean(), known.std(ddof=1), known.min(), known.median(), known.max())
        rows.append((name, str(len(known)), *map(_three, numbers)))
    return pd.DataFrame(
        rows, columns=["Variable", "Countries", "Mean", "SD", "Minimum", "Median", "Maximum"]
    )


def verdict_rows(report: dict[str, Finding], later: dict[str, Finding]) -> pd.DataFrame:
    """One row a claim: finding, estimate with interval, Holm p, smallest effects, both verdicts;
    all text.
    """
    rows = []
    for row in verdicts.table(report, later).itertuples():
        known = row.estimate is not None and not pd.isna(row.estimate)
        interval = (
            f" ({show(row.low)} to {show(row.high)})" if known and row.low is not None else ""
        )
        rows.append(
            (
                row.finding.rstrip("."),
                f"{row.unit} {show(row.estimate)}{interval}" if known else "–",
                show_p(row.holm_p),
                show(row.sesoi),
                show(row.smallest_detectable),
                row.verdict,
                row.later_verdict,
            )
        )
    columns = [
        "Finding",
        "Estimate",
        "Holm p",
        "Smallest of interest",
        "Detectable",
        "Verdict",
        "Later",
    ]
    return pd.DataFrame(rows, columns=columns)


def as_html(table: Table) -> str:
    """The table as HTML, styled, with its provenance in a comment. The same table gives the same
    text.
    """
    return f"<!-- {_origin(table)} -->\n{_set(table).as_raw_html()}\n"


def as_latex(table: Table) -> str:
    """The table as LaTeX for the packages booktabs and caption, with its provenance in a comment."""
    text = _set(table).as_latex()
    for sign, command in _LATEX.items():
        text = text.replace(sign, command)
    return f"% {_origin(table)}\n{text}\n"


def _set(table: Table) -> gt.GT:
    first, *others = table.data.columns
    made = gt.GT(table.data, rowname_col=first, id=table.name).tab_stubhead(
        "" if first == "term" else first
    )
    made = made.tab_header(table.title, table.subtitle).tab_source_note(table.note)
    words = table.name == "verdicts"
    return made.cols_align("left" if words else "center", columns=others)


def _origin(table: Table) -> str:
    """Provenance on one line that can end neither kind of comment."""
    text = json.dumps({"table": table.name, **table.provenance}, sort_keys=True)
    return html.escape(text, quote=False).replace("--", "- -")


def _three(value: float) -> str:
    """A number to three digits, thousands set apart."""
    if not np.isfinite(value):
        return "–"
    return f"{value:,.0f}" if abs(value) >= 100 or value == int(value) else f"{value:.3g}"
