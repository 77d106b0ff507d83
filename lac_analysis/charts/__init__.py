"""All chart types. Each takes a tidy table and words (title, subtitle, caption) and returns the
page; a `Picture` keeps it with its numbers, alt text and provenance."""

from lac_analysis.charts.distributions import heatmap, null_distribution, strips, uniform
from lac_analysis.charts.estimates import VERDICTS, dot_plot, forest, verdict_picture
from lac_analysis.charts.map import dot_map
from lac_analysis.charts.picture import Picture, message, read_alt, side_by_side
from lac_analysis.charts.shares import stacked_bars, verdict_shares
from lac_analysis.charts.specifications import curve
from lac_analysis.charts.theme import page, style
from lac_analysis.charts.years import bar_small_multiples, series, timeline

__all__ = [
    "VERDICTS", "Picture", "bar_small_multiples", "curve", "dot_map", "dot_plot",
    "forest", "heatmap", "message", "null_distribution", "page",
    "read_alt", "series", "side_by_side", "stacked_bars", "strips", "style",
    "timeline", "uniform", "verdict_picture", "verdict_shares",
]  # fmt: skip
