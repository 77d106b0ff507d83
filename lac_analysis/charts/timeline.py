"""Spells over time, one row a unit, with the switches marked."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from lac_analysis.charts import axes as parts
from lac_analysis.charts import theme
from lac_analysis.errors import InputError


@theme.chart
def timeline(
    df: pd.DataFrame, start: str, end: str, row: str, state: str, *, title: str, subtitle: str, caption: str,
    window: tuple[int, int], highlight: str, events: pd.DataFrame | None = None,
) -> Figure:  # fmt: skip
    """Spells as bars, one row each `row`; changes of state inside the window are marked and named
    at the right.

    Parameters
    ----------
    df : one row a spell; `start` and `end` are ISO dates or years, blank or missing for open.
    window : first and last whole year drawn.
    highlight : the state in colour; other states are grey.
    events : dots, with columns `row` and `start`.

    Rows that change come first, by date of their first change; then those always in the highlighted
    state.
    """
    parts.need(df, start, end, row, state)
    first, last = window[0], window[1] + 1
    spells = pd.DataFrame({
        "row": df[row].astype(str), "state": df[state].astype(str),
        "start": np.fmax(_decimal_years(df[start]), first), "end": np.fmin(_decimal_years(df[end]), last),
    })  # fmt: skip
    spells = spells[spells["start"] < spells["end"]].sort_values(
        ["row", "start"], kind="stable", ignore_index=True
    )
    if spells.empty:
        raise InputError("nothing to draw: no spell meets the window", value=window)
    same = spells["row"].eq(spells["row"].shift())
    switches = spells[same & spells["state"].ne(spells["state"].shift())]
    order = _row_order(spells, switches, highlight)
    place = {name: i for i, name in enumerate(order)}

    page = theme.figure(title, subtitle, caption, size=(theme.WIDTH, 0.23 * len(order) + 0.6))
    ax = page.subplots()
    parts.rows(ax, order)
    for name, part in spells.groupby("state"):
        color = theme.HIGHLIGHT if name == highlight else theme.FAINT
        parts.bars(
            ax,
            part["start"],
            part["row"].map(place) - 0.31,
            part["end"] - part["start"],
            0.62,
            color,
        )
    at = switches["row"].map(place)
    ax.plot(switches["start"], at, "D", color=theme.INK, markersize=4.5, linestyle="none", zorder=4)
    if events is not None:
        parts.need(events, row, start)
        shown = events[events[row].isin(place)]
        dots = (_decimal_years(shown[start]), shown[row].map(place))
        ax.plot(*dots, "o", color=theme.INK, markersize=2.6, alpha=0.7, linestyle="none", zorder=3)
    latest = spells.drop_duplicates("row", keep="last").set_index("row")["state"]
    tint = [theme.HIGHLIGHT if latest[name] == highlight else theme.MUTED for name in order]
    parts.right_column(ax, _row_words(spells, switches, order), tint)
    parts.year_axis(ax, first, last - 1)
    ax.set_xlim(first, last)
    ax.grid(True, axis="x")
    return page


def _decimal_years(dates: pd.Series) -> np.ndarray:
    """ISO dates (or years) as years with decimals; blank is NaN. A bare year or month counts from
    its first day.
    """
    text = (
        dates.astype("object")
        .where(dates.notna(), "")
        .astype(str)
        .str.strip()
        .str.removesuffix(".0")
    )
    parsed = pd.to_datetime(text.where(text != ""), format="ISO8601", errors="coerce")
    wrong = text[(text != "") & parsed.isna()]
    if len(wrong):
        raise InputError(
            "not a date",
            column=dates.name,
            value=wrong.iloc[0],
            expected="YYYY, YYYY-MM or YYYY-MM-DD",
        )
    year = parsed.dt.year
    return (year + (parsed.dt.day_of_year - 1) / (365 + parsed.dt.is_leap_year)).to_numpy(
        dtype=float
    )


def _row_words(spells: pd.DataFrame, switches: pd.DataFrame, order: list[str]) -> list[str]:
    """What the row switched to and when; for the rows that never switch, the first of each state is
    named.
    """
    words, named = [], set()
    for name in order:
        changes = switches[switches["row"] == name]
        text = "; ".join(
            f"{state} from {int(when)}"
            for state, when in zip(changes["state"], changes["start"], strict=True)
        )
        state = spells.loc[spells["row"] == name, "state"].iloc[0]
        if not text and state not in named:
            named.add(state)
            text = f"{state} throughout"
        words.append(text)
    return words


def _row_order(spells: pd.DataFrame, switches: pd.DataFrame, highlight: str) -> list[str]:
    changed = list(dict.fromkeys(switches.sort_values(["start", "row"])["row"]))
    rest = spells.loc[~spells["row"].isin(changed), ["row", "state"]].drop_duplicates("row")
    rest = rest.assign(other=rest["state"] != highlight).sort_values(["other", "row"])
    return changed + rest["row"].tolist()
