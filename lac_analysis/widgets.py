"""A panel of sliders and menus for a claim, in a notebook."""

from functools import partial

from IPython.display import display
from ipywidgets import Dropdown, IntRangeSlider, Layout, interactive

from lac_analysis import claims, config, panel
from lac_analysis.claims import plan, share_charts
from lac_analysis.claims.finding import Finding
from lac_analysis.tables import Tables

_PICTURES = {
    "authority": partial(share_charts.draw_shares, name="labelled"),
    "self_rule": partial(share_charts.draw_shares, name="the score", graded=True),
    "strained": partial(share_charts.draw_shares, name="the score", graded=True),
}
_WIDE = {"layout": Layout(width="32em"), "style": {"description_width": "9em"}}


def controls(claim: str, tables: Tables, **fixed) -> interactive:
    """Widgets for the window, the sample and the claim's own choices; each change tests the claim
    again by `lac.analyse` and shows the finding and a picture.

    The notebook's parameters cell stays what `lac run` and papermill set; what is chosen here is
    not saved.

    Parameters
    ----------
    claim : id in claims.yml.   tables : of `lac.load()`.
    **fixed : choices of the claim that get no menu, such as `definition=` a Series of your own.

    Raises
    ------
    InputError : an unknown claim.

    Examples
    --------
    >>> import lac_analysis as lac
    >>> lac.controls("authority", lac.load())  # doctest: +SKIP
    """
    planned = plan.of(claim)
    first, last = config.REPORT_WINDOW[0], config.OUT_OF_SAMPLE_WINDOW[1]
    window = IntRangeSlider(
        value=config.REPORT_WINDOW,
        min=first,
        max=last,
        description="years",
        continuous_update=False,  # once, when the handle is let go
        **_WIDE,
    )
    samples = [(words, name) for name, words in panel.COLLECTIONS.items()]
    sample = planned.selection().collection
    menus = {
        name: Dropdown(
            options=planned.choices(name), value=value, description=name.replace("_", " "), **_WIDE
        )
        for name, value in planned.options.items()
        if name not in fixed and len(planned.choices(name)) > 1
    }

    def again(window: tuple[int, int], sample: str, **options) -> Finding:
        selection = planned.selection(
            window_start=window[0], window_end=window[1], collection=sample
        )
        finding = claims.analyse(claim, tables, selection, **options, **fixed)
        if not finding.not_testable:
            display(_PICTURES.get(claim, claims.draw_specifications)(finding))
        return finding

    sample = Dropdown(options=samples, value=sample, description="sample", **_WIDE)
    return interactive(again, window=window, sample=sample, **menus)
