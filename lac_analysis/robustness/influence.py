"""How far one country, website, query template or language moves each claim's primary estimate."""

import math
from importlib import import_module
from urllib.parse import urlsplit

import pandas as pd

from lac_analysis.claims import plan as plans
from lac_analysis.claims.finding import NotTestable
from lac_analysis.claims.plan import Plan
from lac_analysis.errors import InputError
from lac_analysis.panel import Selection
from lac_analysis.tables import Tables

DIMENSIONS = ("country", "website", "query template", "language")
_LANGUAGES = {
    "en": "English",
    "es": "Spanish",
    "pt": "Portuguese",
    "zh": "Chinese",
    "fr": "French",
    "nl": "Dutch",
}
_SITES = 15  # websites left out one at a time: those that attest most engagements


def leave_out(tables: Tables, selections: dict[str, Selection]) -> pd.DataFrame:
    """Each claim's primary estimate without each group.

    selections : claim -> the sample it is estimated on.

    An engagement goes only if nothing else attests it: it stays without a website, template or
    language if another page
    or query found it, and it loses the samples that it was in by that template alone. One row a
    claim and group: claim,
    dimension, group, estimate (NaN where there is none), full (with everything). Claims that cannot
    be estimated with
    everything are left out.
    """
    attested = [
        (dimension, group, part)
        for dimension, groups in _groups(tables)
        for group, part in groups.items()
    ]
    rows = []
    for name, selection in selections.items():
        claim = plans.load()[name]
        full = _estimate(tables, claim, selection)
        if math.isnan(full):
            continue
        for country in sorted(set(tables.countries["iso3"]) - set(selection.drop_countries)):
            without = selection.replace(drop_countries=(*selection.drop_countries, country))
            rows.append((name, "country", country, _estimate(tables, claim, without), full))
        if name != "tiers":  # it uses no engagement
            rows += [
                (name, dim, group, _estimate(part, claim, selection), full)
                for dim, group, part in attested
            ]
    return pd.DataFrame(rows, columns=["claim", "dimension", "group", "estimate", "full"])


def _estimate(tables: Tables, claim: Plan, selection: Selection) -> float:
    module = import_module(f"lac_analysis.claims.{claim.id}")
    try:
        return float(module.estimate(tables, selection, **claim.options))
    except (NotTestable, InputError, ZeroDivisionError):
        return math.nan


def _groups(tables: Tables):
    """Dimension and its groups: name -> the tables without the group."""
    local = tables.engagements.index[tables.engagements["level"] != "national"]
    records = tables.records.set_index("record_id")
    of_engagement = tables.engagements["record_ids"].str.split("; ").explode()
    languages = of_engagement.map(records["source_lang"]).map(_LANGUAGES).fillna("other or none")
    sites = tables.engagements["sources"].fillna("").str.split("; ").explode().map(_site)
    common = sites[sites.index.isin(local) & (sites != "")].reset_index().drop_duplicates()
    largest = (
        common.iloc[:, 1]
        .value_counts()
        .sort_index()
        .sort_values(ascending=False, kind="stable")
        .index[:_SITES]
    )
    templates = tables.engagements["templates"].str.findall(r"[TPN]\d").explode().fillna("")
    named = sorted(set(templates) - {""})
    yield "website", {site: _without(tables, sites == site) for site in largest}
    yield "query template", {name: _without_template(tables, templates, name) for name in named}
    yield "language", {name: _without(tables, languages == name) for name in sorted(set(languages))}


def _without(tables: Tables, gone: pd.Series) -> Tables:
    """The tables without the engagements all of whose attestations (an entry each, by index) are
    gone.
    """
    left = tables.engagements.index.isin(gone.index[~gone])
    return tables.replace(engagements=tables.engagements[left])


def _without_template(tables: Tables, templates: pd.Series, name: str) -> Tables:
    rest = templates[(templates != name) & (templates != "")]
    kept = _without(tables, templates == name).engagements
    found = {
        "in_protocol": kept.index.isin(rest.index),
        "in_country_queries": kept.index.isin(rest.index[rest.str.startswith("T")]),
    }
    return tables.replace(
        engagements=kept.assign(**{flag: kept[flag] & still for flag, still in found.items()}),
    )


def _site(url: str) -> str:
    return (urlsplit(url).hostname or "").removeprefix("www.") if "//" in url else ""


def primary_selections(tables: Tables, selection: Selection, **choices) -> dict[str, Selection]:
    """Each claim's primary sample, in the window and without the countries of `selection`,
    `choices` replaced.
    """
    shared = {
        "window_start": selection.window_start,
        "window_end": selection.window_end,
        "drop_countries": selection.drop_countries,
    }
    return {name: claim.selection(**shared | choices) for name, claim in plans.load().items()}
