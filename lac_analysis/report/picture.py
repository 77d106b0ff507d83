"""A chart of the records of a selection, with what every such picture carries."""

from collections.abc import Callable

from lac_analysis.claims import picture
from lac_analysis.panel import Selection
from lac_analysis.tables import Tables, source


def provenance(tables: Tables, selection: Selection) -> dict:
    """What a picture or a record of these tables and this selection was made of."""
    chosen = selection.__dict__ | {"drop_countries": list(selection.drop_countries)}
    return {"claim": "data", "parameters": chosen, "input_hash": tables.input_hash}


def window(selection: Selection) -> str:
    """'2000–2020', for a subtitle."""
    return f"{selection.window_start}–{selection.window_end}"


def drawn(empty: str) -> Callable:
    """Decorate a function `draw_<name>(table, tables, selection)`; of a table without rows the
    picture says why there is none, in the words `empty`.
    """
    return picture.unless_empty(empty, provenance)


def made(tables: Tables, selection: Selection) -> picture.Made:
    """What `claims.picture.draw` is to say of a picture of these records."""
    return picture.Made(provenance(tables, selection), f"Source: {source(tables.name)}.")
