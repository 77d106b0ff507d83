"""How differently must engagement be found to erase a result, and what the query log shows of how
it is found.
"""

import numpy as np
import pandas as pd

from lac_analysis.claims.finding import Finding
from lac_analysis.stats import rates, reporting_bias
from lac_analysis.tables import Tables

CLAIMS = {  # whose detection is compared with whose
    "growth": "a year against the year before",
    "authority": "federal against other countries",
    "strained": "strained against other country-years",
}
TEMPLATES = {
    "T1": "T1 twinning", "T2": "T2 governors and mayors", "T3": "T3 ambassador", "T4": "T4 technology vendors",
    "T5": "T5 investment", "T6": "T6 twinning, local language", "T7": "T7 cameras, local language",
    "T8": "T8 buses and solar", "T9": "T9 pandemic",
}  # fmt: skip
_BY_LANGUAGE = {"BRA": "Portuguese", "HTI": "French", "SUR": "Dutch"}
_SPANISH = {
    "ARG", "BOL", "CHL", "COL", "CRI", "CUB", "DOM", "ECU", "GTM", "HND", "MEX", "NIC", "PAN", "PER", "PRY", "SLV",
    "URY", "VEN",
}  # fmt: skip


def tipping_points(findings: dict[str, Finding]) -> pd.DataFrame:
    """Ratio of detection that would explain each ratio, or take away its significance, or bring it
    to the SESOI.

    Columns: claim, compared, estimate, to_null, to_insignificance, to_sesoi. Claims without an
    estimate are left out.
    Source: Lash, Fox and Fink (2009), Applying Quantitative Bias Analysis, ch. 6.
    """
    rows = []
    for name, compared in CLAIMS.items():
        finding = findings[name]
        if finding.estimate is None or finding.low is None or not 0 < finding.estimate < np.inf:
            continue
        point = reporting_bias.tipping_point(
            finding.estimate, (finding.low, finding.high), finding.sesoi
        )
        rows.append(
            (
                name,
                compared,
                finding.estimate,
                point.to_null,
                point.to_insignificance,
                point.to_sesoi,
            )
        )
    columns = ["claim", "compared", "estimate", "to_null", "to_insignificance", "to_sesoi"]
    return pd.DataFrame(rows, columns=columns)


def yields(tables: Tables) -> pd.DataFrame:
    """Records coded per country query, by group of countries and by template, with exact Poisson
    intervals.

    Columns: dimension (authority, strained, language, template), group, records, queries, estimate,
    low, high. Each
    query returned eight excerpts, so that a country with more to find shows no more than another.
    """
    log = tables.search_log[tables.search_log["template"].isin(TEMPLATES)]
    federal = tables.countries.set_index("iso3")["federal"]
    roc = set(tables.recognition.loc[(tables.recognition["recognises"] == "ROC"), "iso3"])
    groups = {
        "authority": log["target"].map(federal).map({1: "federal", 0: "not federal"}),
        "strained": log["target"]
        .isin(roc)
        .map({True: "recognised the ROC at some time", False: "never did"}),
        "language": log["target"].map(language),
        "template": log["template"].map(TEMPLATES),
    }
    rows = []
    for dimension, group in groups.items():
        for name, part in log.groupby(group, sort=True):
            count, queries = int(part["records_coded"].sum()), len(part)
            low, high = rates.rate_interval(count, queries)
            rows.append((dimension, name, count, queries, count / queries, low, high))
    return pd.DataFrame(
        rows, columns=["dimension", "group", "records", "queries", "estimate", "low", "high"]
    )


def language(iso3: str) -> str:
    """Official language of a CELAC member, as the local-language queries used it."""
    return _BY_LANGUAGE.get(iso3, "Spanish" if iso3 in _SPANISH else "English")
