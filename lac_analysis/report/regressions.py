"""Regressions of counts as papers report them: models in columns, coefficients over standard
errors.
"""

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from lac_analysis import panel
from lac_analysis.claims import strained
from lac_analysis.panel import Selection
from lac_analysis.stats.counts import CountFit, fit_counts
from lac_analysis.tables import Tables


@dataclass(frozen=True)
class Model:
    """One column: its name, what sets it apart, the fit, its events, and rows for the foot of the
    table.
    """

    name: str
    words: str
    fit: CountFit
    events: int
    foot: dict[str, str]


def federal(tables: Tables, selection: Selection) -> list[Model]:
    """NB2 models of a country's local engagements on federalism, with more controls from left to
    right (HC1, t).
    """
    table = panel.countries(tables, selection)
    columns = {
        "Federal": table["federal"],
        "Log population": np.log(table["population"]),
        "Log GDP": np.log(table["gdp"]),
        "Log first-level units": np.log(table["admin1"]),
        "Log trade with China": np.log(table["china_trade"]),
        "Regional self-rule": table["rai_self_rule"],
    }
    chosen = [
        ["Federal"],
        ["Federal", "Log population"],
        ["Federal", "Log population", "Log GDP"],
        ["Federal", "Log population", "Log GDP", "Log first-level units"],
        ["Federal", "Log population", "Log GDP", "Log trade with China"],
        ["Federal", "Log population", "Log GDP", "Regional self-rule"],
    ]
    models = []
    for i, names in enumerate(chosen, 1):
        design = pd.DataFrame({name: columns[name] for name in names}).assign(Constant=1.0)
        known = np.isfinite(design).all(axis=1)
        y = table.loc[known, "engagements"]
        fit = fit_counts(y, design[known], family="nb2", cov="robust")
        models.append(
            Model(
                f"({i})", ", ".join(names), fit, int(y.sum()), {"Countries": str(int(known.sum()))}
            )
        )
    return models


def strained_relations(tables: Tables, selection: Selection) -> list[Model]:
    """Poisson models of local engagements by country and year on each definition of strained
    relations.

    Year effects, population as exposure, standard errors clustered by country (CRV1, t with G - 1).
    Country-years whose
    label is not known are left out, and definitions that do not vary.
    """
    cells = panel.country_cells(tables, selection)
    events = cells.pivot(index="iso3", columns="year", values="engagements")
    people = cells.pivot(index="iso3", columns="year", values="population").reindex_like(events)
    models = []
    for definition, words in strained.DEFINITIONS.items():
        label = pd.DataFrame(
            strained.labels(tables, selection, definition), events.index, events.columns
        )
        long = pd.DataFrame(
            {"y": events.stack(), "people": people.stack(), "label": label.stack()}
        ).dropna()
        busy = (
            long.groupby("year")["y"].transform("sum") > 0
        )  # a year without events says nothing within years
        long = long[busy]
        if long["label"].nunique() < 2:
            continue
        years = pd.get_dummies(long.index.get_level_values("year"), dtype=float).set_axis(
            long.index
        )
        design = pd.DataFrame({"Strained": long["label"]}).join(years.add_prefix("year "))
        fit = fit_counts(
            long["y"],
            design,
            long["people"],
            cov="cluster",
            groups=long.index.get_level_values("iso3").to_numpy(),
        )
        foot = {
            "Year effects": "yes",
            "Exposure": "population",
            "Country-years": str(len(long)),
            "Countries": str(long.index.get_level_values("iso3").nunique()),
        }
        models.append(Model(f"({len(models) + 1})", words, fit, int(long["y"].sum()), foot))
    return models


def table(models: list[Model]) -> pd.DataFrame:
    """The models as text: index row (term, blank for its standard error, then the foot), one column
    a model.

    Coefficients on the log scale with their standard errors in brackets below; * p < 0.05, ** p <
    0.01, *** p < 0.001.
    """
    terms = [
        name
        for name in dict.fromkeys(n for m in models for n in m.fit.names)
        if not name.startswith("year ")
    ]
    terms.sort(key=lambda name: name == "Constant")
    foot = list(dict.fromkeys(name for model in models for name in model.foot))
    rows: list[tuple[str, list[str]]] = []
    for term in terms:
        cells = [_cell(model.fit, term) for model in models]
        rows += [(term, [cell[0] for cell in cells]), ("", [cell[1] for cell in cells])]
    rows += [(name, [model.foot.get(name, "") for model in models]) for name in foot]
    rows.append(("Engagements", [str(model.events) for model in models]))
    if any(model.fit.alpha > 0 for model in models):
        rows.append(("Dispersion", [f"{model.fit.alpha:.2f}" for model in models]))
    rows.append(
        ("Log-likelihood", [f"{model.fit.loglik:.1f}".replace("-", "−") for model in models])
    )
    return pd.DataFrame(
        [cells for _, cells in rows],
        index=[name for name, _ in rows],
        columns=[model.name for model in models],
    ).rename_axis("term")


def _cell(fit: CountFit, term: str) -> tuple[str, str]:
    if term not in fit.names:
        return "", ""
    j = fit.names.index(term)
    if not math.isfinite(fit.coef[j]):
        return "−∞" if fit.coef[j] < 0 else "∞", ""
    stars = "*" * sum(fit.p[j] < bound for bound in (0.05, 0.01, 0.001))
    return f"{fit.coef[j]:.3f}{stars}".replace("-", "−"), f"({fit.se[j]:.3f})"
