"""Words that every claim's pictures share."""

from lac_analysis import tables
from lac_analysis.claims.finding import Finding

SAMPLES = {
    "country_queries": "records found by equal-effort country queries",
    "protocol": "records found by any equal-effort query",
    "all": "all records",
}


def window(finding: Finding) -> str:
    """Years and sample, for a subtitle: '2000–2020, all records'."""
    start, end = finding.window
    sample = SAMPLES.get(finding.parameters.get("collection"))
    return f"{start}–{end}, {sample}" if sample else f"{start}–{end}"


def source(finding: Finding) -> str:
    """What a caption calls the records, the user's own file or the project's."""
    return tables.source(finding.parameters.get("engagements", ""))


def caption(finding: Finding) -> str:
    """Source and n of a picture of engagement records."""
    return (
        f"Source: {source(finding)}; {finding.n_engagements:,} local engagements, "
        f"{finding.n_places:,} places, {finding.n_countries} countries."
    )
