"""How differently must engagement be found to erase a result?"""

import numpy as np
import pandas as pd

from lac_analysis.claims.finding import Finding
from lac_analysis.stats.reporting_bias import tipping_point

COMPARED = {  # whose detection is compared with whose
    "growth": "a year against the year before",
    "authority": "local against national excerpts",
    "self_rule": "local against national excerpts",
    "strained": "local against national excerpts",
}


def tipping_points(findings: dict[str, Finding]) -> pd.DataFrame:
    """How much more readily something must be found to explain a ratio, bring its interval to no
    effect, or bring it to the SESOI.

    A share of excerpts is moved by nothing that makes all engagement of a country easier to find:
    only by what favours local over national excerpts where the label is, by the odds ratio. Columns
    claim, compared, estimate, to_null, to_insignificance (1: it is so as it stands), to_sesoi.
    Source: Lash, Fox and Fink (2009), Applying Quantitative Bias Analysis, ch. 6.
    """
    rows = []
    for name, compared in COMPARED.items():
        finding = findings[name]
        if not finding.not_testable and 0 < finding.estimate < np.inf:
            row = {"claim": name, "compared": compared, "estimate": finding.estimate}
            interval = (finding.low, finding.high)
            rows.append(row | tipping_point(finding.estimate, interval, finding.sesoi))
    columns = ["claim", "compared", "estimate", "to_null", "to_insignificance", "to_sesoi"]
    return pd.DataFrame(rows, columns=columns)
