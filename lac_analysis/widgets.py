"""A panel of sliders and menus for a claim, in a notebook."""

from IPython.display import Markdown, clear_output, display
from ipywidgets import Dropdown, IntRangeSlider, Layout, interactive

from lac_analysis import claims, config
from lac_analysis.charts import Picture
from lac_analysis.claims import plan, self_rule, share_charts, strained
from lac_analysis.claims.finding import Finding
from lac_analysis.errors import checked
from lac_analysis.selection import COLLECTIONS
from lac_analysis.tables import Tables

_SCORES = {"self_rule": self_rule.DEFINITIONS, "strained": strained.DEFINITIONS}
_WIDE = {"layout": Layout(width="32em"), "style": {"description_width": "9em"}}


@checked
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
    planned.check(fixed)
    window = IntRangeSlider(
        value=config.REPORT_WINDOW,
        min=config.REPORT_WINDOW[0],
        max=config.OUT_OF_SAMPLE_WINDOW[1],
        description="years",
        continuous_update=False,  # once, when the handle is let go
        **_WIDE,
    )
    samples = [(words, name) for name, words in COLLECTIONS.items()]
    sample = planned.selection().collection
    menus = {
        name: Dropdown(
            options=[(str(choice).replace("_", " "), choice) for choice in planned.choices(name)],
            value=value,
            description=name.replace("_", " "),
            **_WIDE,
        )
        for name, value in planned.options.items()
        if name not in fixed and len(planned.choices(name)) > 1
    }

    def again(window: tuple[int, int], sample: str, **options) -> Finding:
        start, end = window
        clear_output()
        display(Markdown(f"Testing {start}–{end} …"))  # and not an older answer, until it is there
        selection = planned.selection(window_start=start, window_end=end, collection=sample)
        finding = claims.analyse(claim, tables, selection, **options, **fixed)
        clear_output(wait=True)
        display(finding)
        if not finding.not_testable:
            display(_picture(claim, finding, (options | fixed).get("definition")))
        return finding

    sample = Dropdown(options=samples, value=sample, description="sample", **_WIDE)
    return interactive(again, window=window, sample=sample, **menus)


def _picture(claim: str, finding: Finding, definition: object) -> Picture:
    """The shares by country of a claim on them, else the specifications."""
    if claim == "authority":
        name = "federal" if isinstance(definition, str) else "labelled"
        return share_charts.draw_shares(finding, name)
    if claim in _SCORES:
        name = _SCORES[claim][definition] if isinstance(definition, str) else "your score"
        return share_charts.draw_shares(finding, name)
    return claims.draw_specifications(finding)
