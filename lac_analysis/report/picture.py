"""A chart of the records of a selection, with what every such picture carries."""

import functools
from collections.abc import Callable

import pandas as pd
from matplotlib.figure import Figure

from lac_analysis.charts import Picture, message
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

    def decorate(function: Callable[..., Picture]) -> Callable[..., Picture]:
        @functools.wraps(function)
        def picture(table: pd.DataFrame, tables: Tables, selection: Selection) -> Picture:
            if table.empty:
                name = function.__name__.removeprefix("draw_")
                return message(name, empty, provenance(tables, selection))
            return function(table, tables, selection)

        return picture

    return decorate


def draw(
    tables: Tables, selection: Selection, name: str, chart: Callable[..., Figure], *columns,
    title: str, subtitle: str, caption: str, alt: str, data: pd.DataFrame | None = None, **options,
) -> Picture:  # fmt: skip
    """Draw `chart(*columns, **options)` and keep it as the picture `name`.

    columns : what the chart takes first: the table, and the names of its columns.
    caption : what follows the source of the records.
    data : the numbers drawn, for the CSV; the table where left out.
    """
    figure = chart(
        *columns,
        title=title,
        subtitle=subtitle,
        caption=f"Source: {source(tables.name)}. {caption}",
        **options,
    )
    drawn_from = columns[0] if data is None else data
    return Picture(name, figure, drawn_from, alt, provenance(tables, selection))
