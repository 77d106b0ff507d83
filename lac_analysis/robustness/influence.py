"""How far one country, website, query template, coder or language moves each claim's estimate."""

import math
from collections.abc import Iterator

import pandas as pd

from lac_analysis import claims
from lac_analysis.claims import plan, share
from lac_analysis.claims.finding import Finding, show
from lac_analysis.records.merge import found_by
from lac_analysis.robustness.curves import JOINT
from lac_analysis.selection import Selection
from lac_analysis.tables import Tables

_LANGUAGES = {"en": "English", "es": "Spanish", "pt": "Portuguese", "zh": "Chinese"}
_SITES = 15  # websites left out one at a time: those that attest most engagements


def leave_out(tables: Tables, selections: dict[str, Selection]) -> pd.DataFrame:
    """Each claim's primary estimate without each group.

    selections : claim -> the sample that it is estimated on.

    An engagement goes only if nothing else attests it: it stays without a website, template, coder
    or language if another page, query, coder or language gave it. Templates are left out within
    N1-N5 only, as earlier rounds coded an event under the first query that found it. Excerpts, and
    so the local share, have no website or language; `tiers` has countries alone.

    Columns claim, dimension, group, estimate (NaN where there is none), full (with everything).
    Claims that cannot be estimated with everything are left out.
    """
    parts = list(_without_each(tables))
    rows = []
    for name, selection in selections.items():
        full = _estimate(name, tables, selection)
        if math.isnan(full):
            continue
        for country in sorted(set(tables.countries["iso3"]) - set(selection.drop_countries)):
            without = selection.replace(drop_countries=(*selection.drop_countries, country))
            rows.append((name, "country", country, _estimate(name, tables, without), full))
        rows += [
            (name, dimension, group, _estimate(name, part, selection), full)
            for dimension, group, part in parts
            if name != "tiers" and not (name in JOINT and dimension in ("website", "language"))
        ]
    return pd.DataFrame(rows, columns=["claim", "dimension", "group", "estimate", "full"])


def summary(left_out: pd.DataFrame, findings: dict[str, Finding]) -> pd.DataFrame:
    """Lowest and highest estimate without a group, in words, and what takes it to the other side of
    no effect or of the smallest effect of interest than the full one; indexed by claim.
    """
    rows = {}
    for name, part in left_out.dropna(subset="estimate").groupby("claim", sort=False):
        low, high = (part.loc[part["estimate"].agg(end)] for end in ("idxmin", "idxmax"))
        rows[name] = {
            "lowest": f"{show(low['estimate'])} without {low['group']}",
            "highest": f"{show(high['estimate'])} without {high['group']}",
            "turned by": _across(part, findings[name].null_value),
            "across the SESOI": _across(part, findings[name].sesoi),
        }
    return pd.DataFrame.from_dict(rows, orient="index")


def _across(part: pd.DataFrame, line: float) -> str:
    groups = part.loc[(part["estimate"] >= line) != (part["full"] >= line), "group"]
    return " or ".join(groups) if len(groups) < 3 else f"any of {len(groups)} groups"


def _estimate(claim: str, tables: Tables, selection: Selection) -> float:
    options = plan.of(claim).options_from(selection.window_start)
    try:
        return float(claims.CLAIMS[claim].estimate(tables, selection, **options))
    except (*claims.CANNOT, ZeroDivisionError):
        return math.nan


def _without_each(tables: Tables) -> Iterator[tuple[str, str, Tables]]:
    """Dimension, group, and the tables without it."""
    engagements = tables.engagements
    pages = engagements["sources"].fillna("").str.split("; ").explode()
    sites = pages.str.lower().str.extract(r"^https?://(?:www\.)?([^/:?#]+)", expand=False)
    sites = sites.fillna("")
    local = sites[(engagements["level"] != "national").reindex(sites.index) & (sites != "")]
    often = local.reset_index().drop_duplicates()["sources"].value_counts().sort_index()
    for site in often.sort_values(ascending=False, kind="stable").index[:_SITES]:
        yield "website", site, _without(tables, sites == site)

    of_record = tables.records.set_index("record_id")["source_lang"]
    languages = engagements["record_ids"].str.split("; ").explode().map(of_record)
    languages = languages.map(_LANGUAGES).fillna("another or none")
    for language in sorted(languages.unique()):
        yield "language", language, _without(tables, languages == language)

    templates = engagements["templates"].fillna("").str.split(" ").explode()
    for template in share.TEMPLATES:
        part = _without(tables, templates == template)
        rest = part.engagements["templates"].fillna("")
        rest = rest.str.replace(rf"\b{template}\b ?", "", regex=True).str.strip()
        asked = part.engagements["in_protocol"] & rest.str.contains(r"\b[TPN]\d")
        flags = {"templates": rest, "in_protocol": asked, **found_by(rest, asked)}
        log = tables.search_log[tables.search_log["template"] != template]
        changed = part.engagements.assign(**flags)
        part = part.replace(engagements=changed, search_log=log)
        yield "query template", f"query {template}", part

    coders = engagements["coders"].fillna("").str.split(" ").explode()
    asker = tables.search_log["query_id"].str.extract("^([A-Z]+)", expand=False)
    for coder in sorted(set(coders) - {""}):
        part = _without(tables, coders == coder)
        yield "coder", f"coder {coder}", part.replace(search_log=tables.search_log[asker != coder])


def _without(tables: Tables, gone: pd.Series) -> Tables:
    """The tables without engagements of which every attestation (an entry each) is gone."""
    left = tables.engagements.index.isin(gone.index[~gone])
    return tables.replace(engagements=tables.engagements[left])
