"""Charts draw the numbers given, on a page where no text is cut or covered."""

import itertools
import re

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.text import Text

from lac_analysis import charts, config
from lac_analysis.charts import axes as parts
from lac_analysis.charts import theme
from lac_analysis.errors import InputError

WORDS = {
    "title": "A finding that needs more than one line because it says everything that a busy reader would want to know",
    "subtitle": "Records a year, 2000–2020, in US$ and in $ (made-up numbers), by group and by country, with intervals",
    "caption": "Source: a source with a long address https://example.org/"
    + "path/" * 40
    + "; n = 33 countries.",
}
NAMES = pd.read_csv(config.RAW / "countries.csv", dtype=str, keep_default_na=False)[
    "country"
].tolist()


def _raw(name):
    return pd.read_csv(config.RAW / name, dtype=str, keep_default_na=False)


def _dots(rows=33):
    table = pd.DataFrame({"country": NAMES[:rows], "records": np.arange(rows) ** 2.0})
    table["low"], table["high"], table["later"] = (
        table["records"] - 5,
        table["records"] + 9,
        table["records"] / 2,
    )
    return table


ESTIMATES = pd.DataFrame({
    "row": ["No exposure", "Population", "GDP: a long label that has to be broken into lines", "Trade", "Units", "RAI"],
    "group": ["exposure"] * 4 + ["authority"] * 2,
    "estimate": [3.2, 1.1, 0.0, np.inf, 2.2, np.nan], "low": [1.2, 0.5, 0.0, 4.0, 1e-9, np.nan],
    "high": [9.9, 2.4, 1.9, np.inf, 1e9, np.nan],
})  # fmt: skip
VERDICTS = pd.DataFrame({
    "claim": ["A claim of several words, long enough to wrap", *"BCDE"], "estimate": [2.0, 1.1, 0.1, -1.0, np.nan],
    "low": [1.2, -np.inf, -1, -2, np.nan], "high": [3, 2, 1.2, -0.1, np.nan], "verdict": list(charts.VERDICTS),
})  # fmt: skip
YEARS = pd.DataFrame(
    [(y, g, (y * k) % 17) for y in range(2000, 2021) for k, g in enumerate(NAMES[:6], 3)]
)
YEARS.columns = ["year", "group", "n"]
EVENT = pd.DataFrame(
    {
        "t": [-2, -1, 0, 1],
        "e": [0.1, 0.0, 0.5, 2.0],
        "l": [-0.4, np.nan, 0.1, -np.inf],
        "h": [0.6, np.nan, 0.9, 4],
    }
)


def _nulls():
    rng = np.random.default_rng(1)
    ratios = np.exp(rng.normal(0, 0.5, 5000))
    ratios[:250], ratios[250:300] = 0, np.inf
    return [
        ("No exposure", ratios, 3.2, 0.031),
        ("Population", ratios**2, 0.4, 0.2),
        ("Zero", ratios, 0.0, 0.00001),
    ]


def _specifications():
    table = pd.DataFrame(
        itertools.product(["protocol", "all"], ["none", "population", "GDP"], ["Poisson", "NB2"])
    )
    table.columns = ["sample", "exposure", "estimator"]
    table["e"] = [1.1, 2.0, 0.4, np.nan, 3.0, 1.0, 0.9, 1.4, 5.0, 0.7, 1.2, 1.3]
    table["l"], table["h"], table["p"] = table["e"] / 2, table["e"] * 2, np.arange(12) == 2
    return table


def _curve():
    return charts.curve(
        _specifications(), "e", "l", "h", ["sample", "exposure", "estimator"], "p", **WORDS
    )


def _recognition(**options):
    table = _raw("recognition.csv")
    table["country"] = table["iso3"].map(_raw("countries.csv").set_index("iso3")["country"])
    options = {"window": (2000, 2026), "highlight": "ROC", **options}
    return charts.timeline(table, "from", "to", "country", "recognises", **options, **WORDS)


def _lorenz():
    x = np.linspace(0, 1, 34)
    curves = [
        pd.DataFrame({"countries": x, "records": x**k, "what": f"curve {k}"}) for k in (1.5, 2.5, 5)
    ]
    return charts.lorenz(pd.concat(curves), "countries", "records", "what", **WORDS)


def _trend():
    x = np.arange(2000, 2021)
    return pd.DataFrame(
        {"x": x, "fitted": x - 1998.0, "low": x - 2000.0, "high": (x - 1995.0) ** 3}
    )


FIGURES = {
    "dots33": lambda: charts.dot_plot(
        _dots(), "country", "records", low="low", high="high", highlight=np.arange(33) > 28, highlight_name="federal",
        axis="records", **WORDS
    ),
    "dots1": lambda: charts.dot_plot(_dots(1), "country", "records", **WORDS),
    "pairs": lambda: charts.dot_plot(_dots(9), "country", "records", second="later", **WORDS),
    "forest": lambda: charts.forest(
        ESTIMATES, "row", "estimate", "low", "high", sesoi=1.5, group="group", axis="rate ratio", **WORDS
    ),
    "forest1": lambda: charts.forest(ESTIMATES.head(1), "row", "estimate", "low", "high", sesoi=0.75, **WORDS),
    "linear": lambda: charts.forest(
        VERDICTS, "claim", "estimate", "low", "high", reference=0, log=False, **WORDS
    ),
    "verdicts": lambda: charts.verdict_picture(VERDICTS, "claim", "estimate", "low", "high", "verdict", **WORDS),
    "null": lambda: charts.null_distribution(_nulls(), axis="rate ratio", **WORDS),
    "timeline": _recognition,
    "series": lambda: charts.series(YEARS, "year", "n", "group", mark=(2020.9, "report published"), **WORDS),
    "series_trend": lambda: charts.series(YEARS.head(60), "year", "n", "group", trend=_trend(), **WORDS),
    "series_one_year": lambda: charts.series(YEARS.head(3), "year", "n", "group", **WORDS),
    "share": lambda: charts.stacked_share(YEARS, "year", "n", "group", **WORDS),
    "multiples": lambda: charts.bar_small_multiples(YEARS, "year", "n", "group", highlight=("Bahamas",), **WORDS),
    "multiples1": lambda: charts.bar_small_multiples(YEARS.iloc[[0]], "year", "n", "group", **WORDS),
    "event": lambda: charts.event_study(EVENT, "t", "e", "l", "h", event="switch", axis="years", **WORDS),
    "curve": _curve,
    "lorenz": _lorenz,
    "heat": lambda: charts.heatmap(YEARS.pivot(index="group", columns="year", values="n").astype(float), **WORDS),
}  # fmt: skip


@pytest.fixture(scope="module", params=FIGURES)
def fig(request):
    page = FIGURES[request.param]()
    page.draw_without_rendering()  # an axis puts its label where there is room when it is drawn
    return page


def _texts(fig):
    """Each text that shows, with its box in pixels."""
    renderer, hidden = fig.canvas.get_renderer(), set()
    for axis in (axis for ax in fig.axes for axis in (ax.xaxis, ax.yaxis)):
        low, high = sorted(
            axis.get_view_interval()
        )  # an axis also holds ticks outside its limits, never drawn
        hidden |= {tick.label1 for tick in axis.majorTicks if not low <= tick.get_loc() <= high}
    found = [text for text in fig.findobj(Text) if text.get_visible() and text.get_text().strip()]
    return [
        (text.get_text(), text.get_window_extent(renderer)) for text in found if text not in hidden
    ]


def test_no_text_is_cut_by_the_edge_of_the_page(fig):
    for text, box in _texts(fig):
        inside = box.x0 >= 0 and box.y0 >= 0 and box.x1 <= fig.bbox.x1 and box.y1 <= fig.bbox.y1
        assert inside, text


def test_no_text_covers_another(fig):
    boxes = _texts(fig)
    for (one, a), (other, b) in itertools.combinations(boxes, 2):
        wide, high = min(a.x1, b.x1) - max(a.x0, b.x0), min(a.y1, b.y1) - max(a.y0, b.y0)
        # the box of a slanted text is larger than the text
        assert "equal shares" in (one, other) or wide < 1 or high < 2, (one, other)


def test_title_stands_above_and_caption_below_everything_drawn(fig):
    renderer = fig.canvas.get_renderer()
    title, subtitle, caption = (text.get_window_extent(renderer) for text in fig.texts)
    assert title.y0 >= subtitle.y1
    for ax in fig.axes:
        box = ax.get_tightbbox(renderer)
        assert subtitle.y0 >= box.y1 - 1
        assert caption.y1 <= box.y0 + 1


def _words(ax):
    """What names the rows, and the other texts."""
    names = [text for text in ax.texts if text.get_position()[0] == 0 and text.get_ha() == "right"]
    return [text.get_text() for text in names], [text for text in ax.texts if text not in names]


def _offsets(fig, index=-1):
    return np.asarray(fig.axes[0].collections[index].get_offsets())


def test_dot_plot_sorts_and_draws_the_numbers_of_the_table():
    local = _raw("engagements.csv").query("lac_level != 'national'")
    counts = local.groupby("lac_iso3").size().rename("n").reset_index()
    fig = charts.dot_plot(counts, "lac_iso3", "n", **WORDS)
    drawn = dict(zip(_words(fig.axes[0])[0], _offsets(fig)[:, 0], strict=True))
    assert drawn == dict(zip(counts["lac_iso3"], counts["n"], strict=True))
    assert sum(drawn.values()) == 1235
    assert list(drawn.values()) == sorted(drawn.values(), reverse=True)


def test_dot_plot_does_not_depend_on_row_order():
    table = _dots(5).assign(records=7.0)
    one = charts.dot_plot(table, "country", "records", **WORDS)
    other = charts.dot_plot(table.sample(frac=1, random_state=1), "country", "records", **WORDS)
    assert theme.png(one, {}) == theme.png(other, {})


def test_rows_without_a_value_come_last_and_say_so():
    table = _dots(4).assign(records=[1.0, np.nan, 3.0, 2.0])
    ax = charts.dot_plot(table, "country", "records", **WORDS).axes[0]
    rows, others = _words(ax)
    assert rows[-1] == NAMES[1]
    assert [t.get_text() for t in others] == ["3", "2", "1", "no data"]


def test_forest_keeps_order_and_turns_impossible_bounds_into_arrows():
    ax = FIGURES["forest"]().axes[0]
    printed = [t.get_text() for t in ax.texts if t.get_position()[0] == 1.02]
    assert printed == ["3.20 (1.20 to 9.90)", "1.10 (0.50 to 2.40)", "0.00 (0.00 to 1.90)", "∞ (4.00 to ∞)",
                       "2.20 (1e-09 to 1,000,000,000)", "not estimable"]  # fmt: skip
    arrows = [line.get_marker() for line in ax.lines if line.get_marker() in "<>"]
    assert sorted(arrows) == ["<", "<", ">", ">"]
    assert ax.get_xlim()[1] < 100
    assert _offsets(ax.figure)[:, 0].tolist() == [3.2, 1.1, 2.2]


def test_every_verdict_has_a_symbol_of_its_own():
    assert len({(marker, fill) for _, marker, fill in charts.VERDICTS.values()}) == 5
    with pytest.raises(InputError, match="unknown verdict"):
        wrong = VERDICTS.assign(verdict="maybe")
        charts.verdict_picture(wrong, "claim", "estimate", "low", "high", "verdict", **WORDS)


def test_null_distribution_counts_what_lies_beyond_its_axis():
    ax = charts.null_distribution(_nulls(), **WORDS).axes[0]
    counted = ax.patches[0].get_data().values.sum()
    texts = [t.get_text() for t in ax.texts]
    assert "observed 3.20\np = 0.031" in texts
    shares = [float(re.search(r"[\d.]+", t)[0]) for t in texts if "%" in t]
    assert counted + sum(shares) / 100 * 5000 == pytest.approx(5000, abs=5)
    assert sum(shares) == pytest.approx(6, abs=0.3)


def test_timeline_marks_the_switches_of_the_diplomatic_record():
    ax = _recognition().axes[0]
    rows, others = _words(ax)
    assert len(set(rows)) == len(rows) == 33
    said = {rows[int(t.get_position()[1])]: t.get_text() for t in others}
    assert said["Panama"] == "PRC from 2017"
    assert said["Saint Lucia"] == "ROC from 2007"
    assert sum("from" in text for text in said.values()) == 9
    assert len(next(line for line in ax.lines if line.get_marker() == "D").get_xdata()) == 9


def test_timeline_draws_events_and_refuses_what_is_no_date():
    events = pd.DataFrame(
        {"country": ["Panama", "Panama", "Atlantis"], "from": ["2019-05", "", "2001"]}
    )
    ax = _recognition(events=events).axes[0]
    dots = next(line for line in ax.lines if line.get_marker() == "o").get_xdata()
    assert np.allclose(dots, [2019 + 120 / 365, np.nan], equal_nan=True)
    with pytest.raises(InputError, match="not a date"):
        _recognition(events=events.assign(**{"from": "May 2019"}))


def test_series_breaks_at_a_missing_year_and_names_the_highlighted_only():
    table = YEARS.assign(n=YEARS["n"].astype(float).where(YEARS["year"] != 2010))
    ax = charts.series(table, "year", "n", "group", highlight=("Bahamas",), **WORDS).axes[0]
    assert np.isnan(ax.lines[0].get_ydata()[10])
    assert [t.get_text() for t in ax.texts] == ["Bahamas"]
    with pytest.raises(InputError, match="no such group"):
        charts.series(table, "year", "n", "group", highlight=("Brasil",), **WORDS)


def test_shares_fill_each_bar_and_a_year_without_records_has_none():
    table = YEARS.assign(n=YEARS["n"].where(YEARS["year"] != 2005, 0))
    ax = charts.stacked_share(table, "year", "n", "group", **WORDS).axes[0]
    heights = (
        pd.Series([b.get_height() for b in ax.patches])
        .groupby([round(b.get_x(), 2) for b in ax.patches])
        .sum()
    )
    assert len(heights) == (table.groupby("year")["n"].sum() > 0).sum() < 21
    assert np.allclose(heights, 100)


def test_small_multiples_share_their_axes():
    fig = FIGURES["multiples"]()
    assert len({ax.get_ylim() for ax in fig.axes}) == len({ax.get_xlim() for ax in fig.axes}) == 1
    bars = [path.get_extents().height for ax in fig.axes for path in ax.collections[0].get_paths()]
    assert sum(bars) == YEARS["n"].sum()


def test_curve_sorts_marks_the_primary_and_counts_what_has_no_estimate():
    upper, lower = _curve().axes
    drawn = upper.lines[2].get_ydata()
    assert drawn.tolist() == sorted(_specifications()["e"].dropna())
    assert "primary 0.40" in [t.get_text() for t in upper.texts]
    assert (
        lower.get_xlabel().startswith("11 specifications")
        and "1 without an estimate" in lower.get_xlabel()
    )


def test_heatmap_prints_every_count_but_zero():
    matrix = pd.DataFrame({"ARG": [3, 0], "BRA": [np.nan, 12]}, index=["Hunan", "Hubei"])
    ax = charts.heatmap(matrix, **WORDS).axes[0]
    rows, others = _words(ax)
    assert rows == ["Hunan", "Hubei"]
    assert [t.get_text() for t in others] == ["3", "–", "12", "ARG", "BRA"]


def test_a_text_the_font_cannot_draw_is_an_input_error():
    table = _dots(2).assign(country=["山东", "Peru"])
    with pytest.raises(InputError, match="cannot be drawn"):
        charts.dot_plot(table, "country", "records", **WORDS)


@pytest.mark.parametrize(
    ("table", "column", "message"),
    [
        (_dots(2), "absent", "no such column"),
        (_dots(0), "records", "no rows"),
        (_dots(2), "country", "not numbers"),
    ],
)
def test_a_table_that_cannot_be_drawn_says_why(table, column, message):
    with pytest.raises(InputError, match=message):
        charts.dot_plot(table, "country", column, **WORDS)


def test_too_many_groups_ask_for_a_highlight():
    table = pd.DataFrame({"year": 2000, "n": 1, "group": NAMES})
    with pytest.raises(InputError, match="too many groups"):
        charts.series(table, "year", "n", "group", **WORDS)


def test_palette_is_readable_and_tells_tiers_apart_in_grey():
    assert all(
        theme.contrast(color) >= 4.5
        for color in (theme.INK, theme.MUTED, theme.HIGHLIGHT, theme.POSITIVE)
    )
    assert theme.contrast(theme.NEGATIVE) >= 4.5
    assert theme.contrast("#000000") == pytest.approx(21)
    for one, other in itertools.combinations(theme.TIERS.values(), 2):
        assert theme.contrast(one, other) >= 1.9
    assert theme.contrast(theme.readable(theme.TIERS["company"])) >= 4.5


@given(st.lists(st.floats(-1e6, 1e6), max_size=12), st.floats(1e-3, 1e3))
def test_labels_kept_apart_stay_in_order_and_keep_their_mean(positions, gap):
    moved = parts.apart(positions, gap)
    order = np.argsort(positions, kind="stable")
    assert (np.diff(moved[order]) >= gap - 1e-6).all()
    assert np.sum(moved) == pytest.approx(np.sum(positions), abs=1e-3)


@given(
    st.lists(st.floats(1e-5, 1e5), min_size=1, max_size=9),
    st.floats(0, np.inf),
    st.floats(0, np.inf),
)
@settings(max_examples=60)
def test_log_limits_hold_every_estimate_and_have_ticks(estimates, low, high):
    span = parts.limits(estimates, [low], [high], [1], log=True)
    assert 0 < span[0] < min(*estimates, 1) and max(*estimates, 1) < span[1] < np.inf
    assert span[0] > min(*estimates, 1) / 100 and span[1] < max(*estimates, 1) * 100
    assert 1 <= len(parts._log_ticks(*span)) <= 7


@pytest.mark.parametrize(
    ("value", "text"),
    [(1234.5, "1,234"), (12.34, "12.3"), (1.5, "1.50"), (0.0042, "0.0042"), (-2, "−2.00"), (np.inf, "∞"),
     (-np.inf, "−∞"), (np.nan, "–"), (0, "0.00")],
)  # fmt: skip
def test_numbers_read_as_in_a_newspaper(value, text):
    assert parts.number(float(value)) == text
