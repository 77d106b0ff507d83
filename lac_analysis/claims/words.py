"""Words that every claim's pictures share."""

from lac_analysis import tables
from lac_analysis.claims.finding import Finding
from lac_analysis.panel import COLLECTIONS


def window(finding: Finding) -> str:
    """Years and sample, for a subtitle: '2000–2020, all records'."""
    start, end = finding.window
    sample = COLLECTIONS.get(finding.parameters.get("collection"))
    return f"{start}–{end}, {sample}" if sample else f"{start}–{end}"


def sample(finding: Finding) -> str:
    """The records used, for a subtitle."""
    return COLLECTIONS.get(finding.parameters.get("collection"), "")


def source(finding: Finding) -> str:
    """What a caption calls the records, the user's own file or the project's."""
    return tables.source(finding.parameters.get("engagements", ""))


def caption(finding: Finding) -> str:
    """Source and n of a picture of engagement records."""
    if not finding.n_places:  # a claim on excerpts or volumes, which have no place
        return f"Source: {source(finding)}; {finding.n_countries} countries."
    return (
        f"Source: {source(finding)}; {finding.n_engagements:,} local engagements, "
        f"{finding.n_places:,} places, {finding.n_countries} countries."
    )
