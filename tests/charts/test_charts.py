"""Charts draw the numbers given, on a page where no text is cut or covered."""

import itertools
import re

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text

from lac_analysis import charts, config
from lac_analysis.charts import axes as parts
from lac_analysis.charts import theme
from lac_analysis.errors import InputError

WORDS = {
    "title": "A finding that needs more than one line because it says everything that a busy "
    "reader would want to know",
    "subtitle": "Records a year, 2000–2020, in US$ and in $ (made-up numbers), by group and by "
    "country, with intervals",
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
    "row": ["No exposure", "Population", "GDP: a long label that has to be broken into lines",
            "Trade", "Units", "RAI"],
    "group": ["exposure"] * 4 + ["authority"] * 2,
    "estimate": [3.2, 1.1, 0.0, np.inf, 2.2, np.nan], "low": [1.2, 0.5, 0.0, 4.0, 1e-9, np.nan],
    "high": [9.9, 2.4, 1.9, np.inf, 1e9, np.nan],
})  # fmt: skip
VERDICTS = pd.DataFrame({
    "claim": ["A claim of several words, long enough to wrap", *"BCDEF"],
    "estimate": [2.0, 1.1, 0.6, 0.1, -1.0, np.nan], "low": [1.2, -np.inf, -1, -1, -2, np.nan],
    "high": [3, 2, 3, 0.9, -0.1, np.nan], "verdict": list(charts.VERDICTS),
})  # fmt: skip
YEARS = pd.DataFrame(
    [(y, g, (y * k) % 17) for y in range(2000, 2021) for k, g in enumerate(NAMES[:6], 3)]
)
YEARS.columns = ["year", "group", "n"]


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
    table["p"] = np.arange(12) == 2
    return table


def _curve():
    choices = ["sample", "exposure", "estimator"]
    explains = pd.Series([0.5, 0.3, 0.1], choices)
    lines = {"influence": explains, "sesoi": 1.5}
    return charts.curve(_specifications(), "e", choices, "p", **lines, **WORDS)


def _timeline(rows=33):
    dates = pd.to_datetime(["2017-06-13", "2007-05-01", None] + ["2001-01-01"] * 30)
    table = pd.DataFrame({"country": NAMES, "day": dates})
    events = table.assign(day=dates + pd.DateOffset(years=2))
    options = {"window": (2000, 2020), "before": "none", "after": "recorded", "events": events}
    return charts.timeline(table.head(rows), "country", "day", **options, **WORDS)


def _expected():
    table = ESTIMATES.assign(from_=ESTIMATES["low"] / 2, to=ESTIMATES["low"] * 3)
    words = {"expected": ("from_", "to")}
    return charts.forest(table, "row", "estimate", "low", "high", **words, **WORDS)


SHARES = pd.DataFrame(
    {"inconclusive": [0.75, 0.3], "supported": [0.05, 0.7], "not supported": [0.2, 0.0]},
    index=["no effect", "smallest effect of interest"],
)
FOUND = pd.DataFrame(
    {"first search only": range(9), "both": 2, "second search only": 3}, index=NAMES[:9]
)


def _trend():
    x = np.arange(2000, 2021)
    return pd.DataFrame(
        {"x": x, "fitted": x - 1998.0, "low": x - 2000.0, "high": (x - 1995.0) ** 3}
    )


def _dot_plot(rows=33, **options):
    return charts.dot_plot(_dots(rows), "country", "records", **options, **WORDS)


def _forest(rows=6, **options):
    columns = ("row", "estimate", "low", "high")
    return charts.forest(ESTIMATES.head(rows), *columns, **options, **WORDS)


def _series(table=YEARS, **options):
    return charts.series(table, "year", "n", "group", **options, **WORDS)


def _multiples(table=YEARS, **options):
    return charts.bar_small_multiples(table, "year", "n", "group", **options, **WORDS)


def _verdicts(table=VERDICTS):
    columns = ("claim", "estimate", "low", "high", "verdict")
    return charts.verdict_picture(table, *columns, **WORDS)


FEDERAL = {"highlight": np.arange(33) > 28, "highlight_name": "federal"}
FIGURES = {
    "dots33": lambda: _dot_plot(axis="records", **FEDERAL),
    "dots1": lambda: _dot_plot(1),
    "pairs": lambda: _dot_plot(9, second="later"),
    "forest": lambda: _forest(group="group", axis="rate ratio"),
    "forest1": lambda: _forest(1),
    "linear": lambda: charts.forest(
        VERDICTS, "claim", "estimate", "low", "high", reference=0, log=False, **WORDS
    ),
    "verdicts": _verdicts,
    "verdicts_one": lambda: _verdicts(
        VERDICTS.assign(
            **dict.fromkeys(["estimate", "low", "high"], [np.nan] * 5 + [1.5]),
            claim=[f"A claim of several words, {letter}" for letter in "ABCDEF"],
        )
    ),
    "null": lambda: charts.null_distribution(_nulls(), axis="rate ratio", **WORDS),
    "timeline": _timeline,
    "series": lambda: _series(mark=(2020.9, "report published")),
    "series_trend": lambda: _series(YEARS.head(60), trend=_trend()),
    "series_one_year": lambda: _series(YEARS.head(3)),
    "multiples": lambda: _multiples(highlight=("Bahamas",)),
    "multiples1": lambda: _multiples(YEARS.iloc[[0]]),
    "curve": _curve,
    "heat": lambda: charts.heatmap(
        YEARS.pivot(index="group", columns="year", values="n").astype(float), **WORDS
    ),
    "expected": _expected,
    "truth": lambda: charts.verdict_shares(SHARES, **WORDS),
    "found": lambda: charts.stacked_bars(FOUND, axis="engagements", **WORDS),
    "uniform": lambda: charts.uniform([("A", np.linspace(0, 1, 50), "size 0.05")] * 3, **WORDS),
    "letters": lambda: charts.dot_plot(
        _dots(2).assign(country=["山东", "Peru"]), "country", "records", **WORDS
    ),
}


@pytest.fixture(scope="module", params=FIGURES)
def fig(request):
    page = FIGURES[request.param]()
    FigureCanvasAgg(page)  # to measure with
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
        assert wide < 1 or high < 2, (one, other)


def test_title_stands_above_and_caption_below_everything_drawn(fig):
    renderer = fig.canvas.get_renderer()
    title, subtitle, caption = (text.get_window_extent(renderer) for text in fig.texts)
    assert title.y0 >= subtitle.y1
    for ax in fig.axes:
        box = ax.get_tightbbox(renderer)
        assert subtitle.y0 >= box.y1 - 1
        assert caption.y1 <= box.y0 + 1


def _words(ax):
    """What names the rows, and the texts inside and right of the axes."""
    return [label.get_text() for label in ax.get_yticklabels()], list(ax.texts)


def _offsets(fig, index=-1):
    return np.asarray(fig.axes[0].collections[index].get_offsets())


def test_dot_plot_sorts_and_draws_the_numbers_of_the_table():
    local = _raw("engagements.csv").query("lac_level != 'national'")
    counts = local.groupby("lac_iso3").size().rename("n").reset_index()
    fig = charts.dot_plot(counts, "lac_iso3", "n", **WORDS)
    drawn = dict(zip(_words(fig.axes[0])[0], _offsets(fig)[:, 0], strict=True))
    assert drawn == dict(zip(counts["lac_iso3"], counts["n"], strict=True))
    assert sum(drawn.values()) == len(local)
    assert list(drawn.values()) == sorted(drawn.values(), reverse=True)


def test_dot_plot_does_not_depend_on_row_order():
    table = _dots(5).assign(records=7.0)
    one = charts.dot_plot(table, "country", "records", **WORDS)
    other = charts.dot_plot(table.sample(frac=1, random_state=1), "country", "records", **WORDS)
    assert theme.render(one, "png", {}) == theme.render(other, "png", {})


def test_rows_without_a_value_come_last_and_say_so():
    table = _dots(4).assign(records=[1.0, np.nan, 3.0, 2.0])
    ax = charts.dot_plot(table, "country", "records", **WORDS).axes[0]
    rows, others = _words(ax)
    assert rows[-1] == NAMES[1]
    assert [t.get_text() for t in others] == ["3", "2", "1", "no data"]


def test_forest_keeps_order_and_turns_impossible_bounds_into_arrows():
    ax = FIGURES["forest"]().axes[0]
    printed = [t.get_text() for t in ax.texts if t.get_position()[0] == 1.02]
    assert printed == [
        "3.20 (1.20 to 9.90)", "1.10 (0.50 to 2.40)", "0 (0 to 1.90)", "∞ (4.00 to ∞)",
        "2.20 (1e-09 to 1,000,000,000)", "not estimable",
    ]  # fmt: skip
    arrows = [line.get_marker() for line in ax.lines if line.get_marker() in "<>"]
    assert sorted(arrows) == ["<", "<", ">", ">"]
    assert ax.get_xlim()[1] < 100
    assert _offsets(ax.figure)[:, 0].tolist() == [3.2, 1.1, 2.2]


def test_what_belongs_to_no_row_or_group_is_refused_and_not_dropped():
    table = pd.DataFrame({"l": ["x", "y"], "e": [1.2, 2], "lo": [1, 1], "hi": [2, 3]})
    with pytest.raises(InputError, match="a row belongs to no group"):
        charts.forest(table.assign(g=["A", None]), "l", "e", "lo", "hi", group="g", **WORDS)
    bars = pd.DataFrame({"row": ["x"], "since": pd.to_datetime(["2001-01-01"])})
    years = {"window": (2000, 2005), "before": "no", "after": "yes"}
    with pytest.raises(InputError, match=r"an event of no row.*'zz'"):
        charts.timeline(bars, "row", "since", events=bars.assign(row="zz"), **years, **WORDS)
    for table, events in ((bars.assign(since=2001), bars), (bars, bars.assign(since=2001.5))):
        with pytest.raises(InputError, match="column since: dates that are numbers"):
            charts.timeline(table, "row", "since", events=events, **years, **WORDS)


def test_every_verdict_has_a_symbol_of_its_own():
    assert len({(marker, fill) for _, _, marker, fill in charts.VERDICTS.values()}) == 6
    with pytest.raises(InputError, match="unknown verdict"):
        _verdicts(VERDICTS.assign(verdict="maybe"))


def test_null_distribution_counts_what_lies_beyond_its_axis():
    ax = charts.null_distribution(_nulls(), **WORDS).axes[0]
    outline = ax.collections[0].get_paths()[0].vertices
    across, up = np.log10(outline[:, 0]), outline[:, 1]
    area = abs(np.sum(across * np.roll(up, 1) - up * np.roll(across, 1))) / 2
    counted = 60 * area / np.ptp(np.log10(ax.get_xlim()))
    texts = [t.get_text() for t in ax.texts]
    assert "observed 3.20\np = 0.031" in texts
    shares = [float(re.search(r"[\d.]+", t)[0]) for t in texts if "%" in t]
    assert counted + sum(shares) / 100 * 5000 == pytest.approx(5000, abs=5)
    assert sum(shares) == pytest.approx(6, abs=0.3)


def test_timeline_sorts_its_rows_by_date_and_names_it():
    ax = _timeline().axes[0]
    rows, others = _words(ax)
    assert rows == [*sorted(NAMES[3:]), NAMES[1], NAMES[0], NAMES[2]]
    said = [text.get_text() for text in others]
    assert said[-4:] == [
        "recorded from 2001",
        "recorded from 2007",
        "recorded from 2017",
        "none throughout",
    ]
    days = next(line for line in ax.lines if line.get_marker() == "D").get_xdata()
    assert days[-2] == pytest.approx(2017 + 163 / 365) and np.isnan(days[-1])


def test_series_breaks_at_a_missing_year_and_names_its_lines():
    table = YEARS.assign(n=YEARS["n"].astype(float).where(YEARS["year"] != 2010))
    ax = _series(table).axes[0]
    assert np.isnan(ax.lines[0].get_ydata()[10])
    assert [t.get_text() for t in ax.texts] == NAMES[:6]


def test_a_count_or_a_probability_that_is_none_is_refused():
    wide = pd.DataFrame({"a": [0.5, 0.25], "b": [0.5, 0.5]}, index=["x", "y"])
    assert charts.stacked_bars(wide, share=True, **WORDS)
    for make in (
        lambda: charts.stacked_bars(wide - 0.3, **WORDS),
        lambda: charts.stacked_bars(wide * np.inf, **WORDS),
        lambda: charts.stacked_bars(2 * wide, share=True, **WORDS),
        lambda: charts.heatmap(-wide, **WORDS),
        lambda: charts.uniform([("p", np.array([0.2, 1.5]), "")], **WORDS),
    ):
        with pytest.raises(InputError, match="a number that cannot be drawn"):
            make()


def test_small_multiples_show_values_below_zero():
    page = _multiples(YEARS.assign(n=-YEARS["n"].abs() - 1))
    bottom, top = page.axes[0].get_ylim()
    assert bottom <= -YEARS["n"].abs().max() - 1 and top > bottom


def test_small_multiples_share_their_axes():
    fig = FIGURES["multiples"]()
    assert len({ax.get_ylim() for ax in fig.axes}) == len({ax.get_xlim() for ax in fig.axes}) == 1
    heights = [bar.get_height() for ax in fig.axes for bar in ax.patches]
    assert sum(heights) == YEARS["n"].sum()


def test_curve_sorts_marks_the_primary_and_counts_what_has_no_estimate():
    upper, lower = _curve().axes
    drawn = upper.lines[0].get_ydata()
    assert drawn.tolist() == sorted(_specifications()["e"].dropna())
    assert "primary 0.40" in [t.get_text() for t in upper.texts]
    said = " ".join(lower.get_xlabel().split())
    assert said.startswith("11 specifications") and "1 without an estimate" in said


def test_the_last_bits_of_equal_estimates_order_no_specification():
    table = _specifications().assign(e=2.0)
    moved = table.assign(e=2.0 + np.arange(12) % 5 * 1e-15)
    choices = ["sample", "exposure", "estimator"]
    lines = {"influence": pd.Series(0.3, choices), "sesoi": 1.5}
    pages = [charts.curve(each, "e", choices, "p", **lines, **WORDS) for each in (table, moved)]
    pictures = [theme.render(page, "png", {}) for page in pages]
    assert pictures[0] == pictures[1]


def test_no_share_is_told_of_a_variance_that_is_none():
    lines = {"influence": pd.Series(np.nan, ["sample"]), "sesoi": 1.5}
    page = charts.curve(_specifications().assign(e=2.0), "e", ["sample"], "p", **lines, **WORDS)
    said = [text.get_text() for ax in page.axes for text in ax.texts]
    assert "–" in said and not any("nan" in text for text in said)


def test_an_estimate_that_is_a_count_is_a_whole_number():
    table = _specifications().assign(e=np.arange(12.0))
    lines = {"influence": pd.Series({"sample": 0.5}), "sesoi": 6, "reference": 5, "log": False}
    ax = charts.curve(table, "e", ["sample"], "p", **lines, **WORDS).axes[0]
    assert {"primary 2", "null 5", "SESOI 6"} <= {t.get_text() for t in ax.texts}


def test_a_group_left_out_is_named_where_it_changes_the_number():
    rows = [("site", "a", 1.171), ("site", "b", 1.172), ("coder", "N", 1.1), ("coder", "M", 1.2)]
    table = pd.DataFrame(rows, columns=["row", "group", "e"])
    lines = {"full": 1.17, "reference": 1}
    ax = charts.strips(table, "row", "e", "group", **lines, **WORDS).axes[0]
    said = [text.get_text() for text in ax.texts]
    assert said[-2:] == ["1.17 without any one", "1.10 without N\n1.20 without M"]


def test_what_seaborn_draws_stands_on_the_same_page():
    with charts.page(2, **WORDS) as ax:
        ax.plot([0, 1])
    fig = ax.figure
    assert [text.get_text()[:9] for text in fig.texts] == ["A finding", "Records a", "Source: a"]
    assert type(fig.get_layout_engine()).__name__ == "PlaceHolderLayoutEngine"  # fixed


def test_curve_draws_the_share_of_each_stretch_that_has_an_option_as_height():
    lanes = [lane.get_data() for lane in _curve().axes[1].patches]
    shares = np.array([(lane.baseline - lane.values) / 0.72 for lane in lanes])
    assert shares.shape[1] == 11 and shares.sum() == pytest.approx(11 * 3)


def test_heatmap_prints_every_count_but_zero():
    matrix = pd.DataFrame({"ARG": [3, 0], "BRA": [1, 12]}, index=["Hunan", "Hubei"])
    ax = charts.heatmap(matrix, **WORDS).axes[0]
    rows, others = _words(ax)
    assert rows == ["Hunan", "Hubei"]
    assert sorted(t.get_text() for t in others) == ["", "1", "12", "3"]
    assert [t.get_text() for t in ax.get_xticklabels()] == ["ARG", "BRA"]


@pytest.mark.parametrize("rows", [1, 2, 4])
def test_a_heatmap_of_few_rows_has_room_for_their_names(rows):
    names = [f"{'provincial government'} {n}" for n in range(rows)]
    page = charts.heatmap(pd.DataFrame(dict.fromkeys(names, 1), index=names), **WORDS)
    page.canvas.draw()
    row = page.axes[0].get_window_extent().height / rows / page.dpi  # inches
    assert row > 0.12


def test_years_that_stand_twice_and_a_group_that_is_not_there_are_refused():
    twice = pd.concat([YEARS, YEARS.head(1)])
    for chart in (charts.series, charts.bar_small_multiples):
        with pytest.raises(InputError, match="column year: two rows of a group"):
            chart(twice, "year", "n", "group", **WORDS)
    with pytest.raises(InputError, match="unknown group: 'zz'"):
        _multiples(highlight=("zz",))


def test_a_bar_is_a_year_wide_beside_years_without_any():
    table = pd.DataFrame({"year": [2004, 2016, 2005], "n": [1, 2, 3], "group": ["a", "a", "b"]})
    fig = charts.bar_small_multiples(table, "year", "n", "group", **WORDS)
    assert {round(bar.get_width(), 2) for ax in fig.axes for bar in ax.patches} == {0.85}


def test_marks_of_a_series_go_by_its_index():
    table = pd.DataFrame({"c": ["a", "b"], "n": [1, 2]}, index=[10, 5])
    by_name, by_row = (
        charts.dot_plot(table, "c", "n", highlight=marks, highlight_name="chosen", **WORDS)
        for marks in (pd.Series([True, False], index=[5, 10]), np.array([False, True]))
    )
    assert theme.render(by_name, "png", {}) == theme.render(by_row, "png", {})
    with pytest.raises(InputError, match="True or False"):
        charts.dot_plot(table, "c", "n", highlight=pd.Series([True], index=[5]), **WORDS)


def test_expected_band_stands_where_no_effect_would():
    table = pd.DataFrame({"row": ["a", "b"], "e": [2.0, 0.2], "l": [1.0, 0.1], "h": [4.0, 0.4]})
    table["from_"], table["to"] = [0.9, 0.1], [4.0, 0.5]
    columns = ("row", "e", "l", "h")
    ax = charts.forest(table, *columns, expected=("from_", "to"), **WORDS).axes[0]
    drawn = [(bar.get_x(), bar.get_x() + bar.get_width()) for bar in ax.patches]
    assert np.allclose(drawn, table[["from_", "to"]])
    assert "grey: no effect on this design" in [text.get_text() for text in ax.texts]


def test_verdict_shares_fill_each_bar_in_the_order_of_the_verdicts():
    ax = FIGURES["truth"]().axes[0]
    widths = np.array([[bar.get_width() for bar in bars] for bars in ax.containers])
    assert np.allclose(widths.sum(axis=0), 1)
    named = [text.get_text() for text in ax.get_legend().get_texts()]
    assert named == ["supported", "inconclusive", "not supported"]
    printed = [text.get_text() for text in ax.texts if text.get_text()]
    assert printed == ["70%", "75%", "30%", "20%"]  # 5 % has no room


def test_stacked_bars_say_their_totals_in_the_order_given():
    rows, others = _words(FIGURES["found"]().axes[0])
    assert rows == NAMES[:9]
    assert [t.get_text() for t in others][-9:] == [str(n) for n in range(5, 14)]


def test_stacked_bars_of_fractions_say_parts_that_add_up_to_their_total():
    table = pd.DataFrame({"a": [2.5, 1], "b": [2.5, 0.5]}, index=["x", "y"])
    printed = [t.get_text() for t in charts.stacked_bars(table, **WORDS).axes[0].texts]
    assert [text for text in printed if text] == ["2.50", "1.00", "2.50", "0.50", "5.00", "1.50"]


def test_rows_without_a_value_come_last_however_dots_are_sorted():
    table = pd.DataFrame({"l": list("abc"), "v": [1, np.nan, 3], "w": [9, 8, 7]})
    rows, _ = _words(charts.dot_plot(table, "l", "v", by="w", **WORDS).axes[0])
    assert rows == ["a", "c", "b"]


def test_a_verdict_that_is_none_is_refused():
    table = pd.DataFrame({"supported": [0.5], "inconclusve": [0.5]}, index=["no effect"])
    with pytest.raises(InputError, match="unknown verdict: 'inconclusve'"):
        charts.verdict_shares(table, **WORDS)


@pytest.mark.parametrize("flag", [np.nan, None, "False", 1])
def test_what_is_no_boolean_marks_nothing(flag):
    flags = pd.Series([flag, False], dtype=object)
    with pytest.raises(InputError, match="True or False"):
        charts.dot_plot(_dots(2), "country", "records", highlight=flags, **WORDS)
    table = pd.DataFrame({"e": [1.0, 2.0], "c": ["u", "v"], "p": flags})
    influence = pd.Series({"c": 0.3})
    with pytest.raises(InputError, match="True or False"):
        charts.curve(table, "e", ["c"], "p", influence=influence, sesoi=1.5, **WORDS)


def test_a_letter_that_no_font_has_is_a_box_and_the_caption_says_so():
    table = _dots(2).assign(country=["\U000f0000", "Peru"])
    caption = charts.dot_plot(table, "country", "records", **WORDS).texts[2].get_text()
    assert "A box stands for a letter" in caption.replace("\n", " ")
    plain = charts.dot_plot(_dots(2), "country", "records", **WORDS).texts[2].get_text()
    assert "A box" not in plain


def test_a_font_without_bold_letters_is_no_line_in_a_notebook(monkeypatch, caplog):
    """As Droid Sans Fallback, and this one, which ships with matplotlib."""
    monkeypatch.setitem(theme._STYLE, "font.family", ["DejaVu Sans", "DejaVu Sans Display"])
    charts.dot_plot(_dots(2), "country", "records", **WORDS)
    assert caplog.records == []


def test_more_rows_than_a_page_holds_are_counted_not_drawn():
    table = pd.DataFrame({"name": [f"{i:04}" for i in range(5000)], "n": range(5000)})
    page = charts.dot_plot(table, "name", "n", **WORDS)
    assert len(page.axes[0].get_yticklabels()) == 80
    caption = page.texts[2].get_text().replace("\n", " ")
    assert caption.endswith("n = 33 countries. 4,920 further rows are not drawn.")


@pytest.mark.slow
def test_more_panels_or_options_than_a_page_holds_are_counted_not_drawn():
    many = pd.DataFrame({"year": 2000, "n": 1, "group": [f"{i:03}" for i in range(45)]})
    nulls = [(f"{i}", np.linspace(0.5, 2, 9), 1.0, 0.5) for i in range(45)]
    shares = [(f"{i}", np.linspace(0, 1, 9), "") for i in range(45)]
    pages = [_multiples(many)]
    pages += [charts.null_distribution(nulls, **WORDS), charts.uniform(shares, **WORDS)]
    for page in pages:
        assert len(page.axes) == 40
        said = page.texts[2].get_text().replace("\n", " ")
        assert said.endswith("5 further rows are not drawn.")
    options = pd.DataFrame({"e": np.arange(1.0, 101), "p": False, "c": map(str, range(100))})
    lines = {"influence": pd.Series({"c": 1.0}), "sesoi": 1.5}
    page = charts.curve(options, "e", ["c"], "p", **lines, **WORDS)
    assert len(page.axes[1].get_yticklabels()) == 80


def test_a_heatmap_of_too_many_cells_is_refused_and_a_large_one_drawn():
    with pytest.raises(InputError, match="60 x 60 cells"):
        charts.heatmap(pd.DataFrame(np.ones((60, 60))), **WORDS)
    made = charts.heatmap(pd.DataFrame([[1, np.nan], [0, 3]]), **WORDS)
    assert sorted(text.get_text() for text in made.axes[0].texts) == ["", "", "1", "3"]


EMPTY = {
    "dots": lambda: charts.dot_plot(_dots(0), "country", "records", **WORDS),
    "forest": lambda: charts.forest(ESTIMATES.head(0), "row", "estimate", "low", "high", **WORDS),
    "series": lambda: charts.series(YEARS.head(0), "year", "n", "group", **WORDS),
    "multiples": lambda: charts.bar_small_multiples(YEARS.head(0), "year", "n", "group", **WORDS),
    "heat": lambda: charts.heatmap(pd.DataFrame(), **WORDS),
    "null": lambda: charts.null_distribution([], **WORDS),
    "timeline": lambda: _timeline(0),
    "found": lambda: charts.stacked_bars(FOUND.head(0), **WORDS),
    "curve": lambda: charts.curve(
        _specifications().assign(e=np.nan),
        "e",
        ["sample"],
        "p",
        influence=pd.Series(dtype=float),
        sesoi=1.5,
        **WORDS,
    ),
}


@pytest.mark.parametrize("name", EMPTY)
def test_a_chart_without_rows_is_refused(name):
    with pytest.raises(theme.NothingToDraw, match="nothing to draw"):
        EMPTY[name]()


HOSTILE = st.text(st.characters(exclude_categories=["Cs"]), max_size=120)


@given(st.lists(HOSTILE, min_size=1, max_size=3), st.floats(allow_nan=True, width=32))
@settings(max_examples=15, deadline=None)
def test_no_label_and_no_number_stops_a_picture(labels, value):
    table = pd.DataFrame({"name": labels, "n": value, "l": -value, "h": np.inf})
    for draw in (charts.dot_plot, charts.forest):
        columns = ("name", "n") if draw is charts.dot_plot else ("name", "n", "l", "h")
        assert theme.render(draw(table, *columns, **WORDS), "svg", {})


@pytest.mark.parametrize("before", range(20, 60, 3))
def test_a_line_is_not_broken_at_a_no_break_space(before):
    words = {"title": "x " * before + "joint p\u00a0=\u00a00.67", "subtitle": "", "caption": ""}
    title = theme.figure(1, **words).texts[0].get_text()
    assert "p\u00a0=\u00a00.67" in title and max(map(len, title.split("\n"))) < 80


def test_a_column_that_is_not_there_is_named():
    with pytest.raises(InputError, match="no such column"):
        charts.dot_plot(_dots(2), "country", "absent", **WORDS)
    with pytest.raises(InputError, match="column longitude: no such column"):
        charts.dot_map(PLACES, pd.DataFrame({"name": ["a"], "country": ["b"]}), **WORDS)
    for wrong in ([1], _dots(2).assign(records="many")):
        with pytest.raises(InputError, match="dot_plot cannot draw this"):
            charts.dot_plot(wrong, "country", "records", **WORDS)
    with pytest.raises(InputError, match="title"):
        charts.dot_plot(_dots(2), "country", "records")


def _contrast(color, other="#ffffff"):
    """Contrast ratio of two colours, 1 to 21 (WCAG 2.2)."""
    low, high = sorted(map(theme.relative_luminance, (color, other)))
    return (high + 0.05) / (low + 0.05)


def test_palette_is_readable_and_tells_neighbours_apart_in_grey():
    for color in (theme.INK, theme.MUTED, theme.HIGHLIGHT, theme.POSITIVE, theme.NEGATIVE):
        assert _contrast(color) >= 4.5
    for one, other in itertools.combinations(theme.SEQUENCE[:3], 2):
        assert _contrast(one, other) >= 1.9
    assert all(_contrast(theme.readable(color)) >= 4.5 for color in theme.SEQUENCE)
    assert all(_contrast(theme.ink_on(color), color) >= 4 for color in theme.SEQUENCE)


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
    axis = Figure().subplots().xaxis
    parts.scale(axis, span, log=True)
    ticks = axis.get_major_locator()()
    assert 1 <= sum(span[0] <= tick <= span[1] for tick in ticks) <= 9


@pytest.mark.parametrize(
    ("value", "text"),
    [(1234.5, "1,234"), (12.34, "12.3"), (1.5, "1.50"), (0.0042, "0.0042"), (-2, "−2.00"),
     (np.inf, "∞"), (-np.inf, "−∞"), (np.nan, "–"), (0, "0")],
)  # fmt: skip
def test_numbers_read_as_in_a_newspaper(value, text):
    assert parts.number(float(value)) == text


PLACES = pd.DataFrame({"iso3": ["ARG"], "country": ["Argentina"], "engagements": [3]})
DOT = {"name": ["a"], "country": ["ARG"], "longitude": [-60.0], "latitude": [-30.0]}
REFUSED = {
    "a window of one year": lambda: charts.timeline(
        pd.DataFrame({"c": ["A"], "d": pd.to_datetime(["1999-01-01"])}), "c", "d",
        events=pd.DataFrame({"c": [], "d": []}), window=(1990,), before="", after="", **WORDS,
    ),
    "a mark of nothing": lambda: _series(mark=()),
    "a number without end": lambda: charts.dot_plot(
        pd.DataFrame({"a": ["b"], "n": [10**400]}), "a", "n", **WORDS
    ),
    "a dot of no size": lambda: charts.dot_map(
        PLACES, pd.DataFrame(DOT | {"engagements": [np.nan]}), **WORDS
    ),
    "a country without a count": lambda: charts.dot_map(
        PLACES.assign(engagements=np.nan), pd.DataFrame(DOT | {"engagements": [1]}), **WORDS
    ),
    "fewer than none": lambda: charts.dot_map(
        PLACES.assign(engagements=-5), pd.DataFrame(DOT | {"engagements": [1]}), **WORDS
    ),
    "a country twice": lambda: charts.dot_map(
        pd.concat([PLACES, PLACES]), pd.DataFrame(DOT | {"engagements": [1]}), **WORDS
    ),
    "a dot in London": lambda: charts.dot_map(
        PLACES, pd.DataFrame(DOT | {"latitude": [51.5], "engagements": [1]}), **WORDS
    ),
    "no p": lambda: charts.null_distribution([("a", np.array([1.0, 2]), 1.5, 1.7)], **WORDS),
    "no table": lambda: charts.verdict_shares(None, **WORDS),
    "a list": lambda: charts.verdict_shares([1], **WORDS),
    "an option twice": lambda: charts.verdict_shares(SHARES, share=True, **WORDS),
    **{
        f"page {value}": lambda value=value: charts.page(value, **WORDS).__enter__()
        for value in (-1, 0, np.nan, "a", None)
    },
    **{
        f"page of width {value}": lambda value=value: charts.page(2, **WORDS, width=value).__enter__()
        for value in (0.1, 1e9, np.nan, "a")
    },
    "a page without words": lambda: charts.page(2).__enter__(),
    "a page without a title": lambda: charts.page(2, **WORDS | {"title": None}).__enter__(),
    "a page of nothing": lambda: charts.page(),
    "no message": lambda: charts.message(),
    "pictures by name": lambda: charts.side_by_side(a=1),
}  # fmt: skip


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_drawn_is_one_short_line(name):
    with pytest.raises(InputError) as refused:
        REFUSED[name]()
    assert len(str(refused.value)) < 300
