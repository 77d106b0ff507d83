"""All chart types in one place. Each takes a tidy table and words, and returns the page;
`save_figure` keeps it.
"""

from lac_analysis.charts.distributions import heatmap, lorenz, null_distribution
from lac_analysis.charts.estimates import VERDICTS, dot_plot, forest, verdict_picture
from lac_analysis.charts.specifications import curve
from lac_analysis.charts.strips import strips, uniform
from lac_analysis.charts.timeline import timeline
from lac_analysis.charts.years import bar_small_multiples, event_study, series, stacked_share

__all__ = [
    "VERDICTS", "bar_small_multiples", "curve", "dot_plot", "event_study", "forest", "heatmap", "lorenz",
    "null_distribution", "series", "stacked_share", "strips", "timeline", "uniform", "verdict_picture",
]  # fmt: skip
