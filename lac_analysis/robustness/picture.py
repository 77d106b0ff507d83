"""What the pictures of the checks have in common."""

from lac_analysis import files, tables
from lac_analysis.claims.picture import Made, or_message
from lac_analysis.selection import sample_of_several
from lac_analysis.tables import Tables

_EMPTY = "no claim can be tested in this selection"
drawn = or_message(lambda table, *rest: (len(table), _EMPTY, rest[-1].provenance))  # rest: .., Made


def made_from(name: str, data: Tables, *, window_start: int, window_end: int, **parameters) -> Made:
    """What an analysis was made from: its name, window, other parameters, data and code."""
    chosen = {"window_start": window_start, "window_end": window_end, **parameters}
    provenance = {
        "claim": name,
        "parameters": files.to_json_values(chosen),
        "input_hash": data.input_hash,
        "code_hash": files.code_hash(),
    }
    source = f"Source: {tables.source(data.name)}."
    when = f"{window_start}–{window_end}, {sample_of_several(parameters)}".removesuffix(", ")
    return Made(provenance, source, when)


def hyphenated(claim: str) -> str:
    """A claim's id in words: 'self-rule' for 'self_rule'."""
    return claim.replace("_", "-")
