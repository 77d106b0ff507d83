"""A chart of many claims, with what made it."""

import functools
from collections.abc import Callable

import pandas as pd
from matplotlib.figure import Figure

from lac_analysis import files, tables
from lac_analysis.charts import Picture, message
from lac_analysis.files import to_json_values
from lac_analysis.tables import Tables


def made_from(name: str, data: Tables, **parameters) -> dict:
    """What an analysis was made from: its name, parameters, hashes of data and code, source."""
    return {
        "claim": name,
        "parameters": to_json_values(parameters),
        "input_hash": data.input_hash,
        "code_hash": files.code_hash(),
        "source": f"Source: {tables.source(data.name)}.",
    }


def draw(
    made: dict, name: str, chart: Callable[..., Figure], table, *columns,
    subtitle: str, alt: str, caption: str = "", data: pd.DataFrame | None = None, **words,
) -> Picture:  # fmt: skip
    """Draw `chart(table, *columns, **words)` and keep it as the picture `name`.

    Parameters
    ----------
    made : of `made_from`; its window is added to the subtitle, its source comes before the caption.
    alt : what the picture shows, for those who cannot see it.
    data : the numbers drawn, for the CSV; the table where left out.
    """
    start, end = (made["parameters"][f"window_{side}"] for side in ("start", "end"))
    words |= {"subtitle": f"{subtitle}, {start}–{end}"}
    words |= {"caption": f"{made['source']} {caption}".strip()}
    figure = chart(table, *columns, **words)
    return Picture(name, figure, table if data is None else data, alt, made)


def drawn(function: Callable[..., Picture]) -> Callable[..., Picture]:
    """Decorate a function `draw_<name>(table, ..., made)`: where its table is empty, its picture
    says so.
    """

    @functools.wraps(function)
    def picture(table, *args, **options) -> Picture:
        if len(table):
            return function(table, *args, **options)
        name, made = function.__name__.removeprefix("draw_"), args[-1]
        return message(name, "no claim can be tested in this selection", made)

    return picture
