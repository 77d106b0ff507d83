"""What every claim with a rate needs: a window for which the exposures are known."""

from lac_analysis import panel
from lac_analysis.claims.finding import NotTestable
from lac_analysis.panel import Selection


def need_exposures(selection: Selection) -> None:
    """Refuse a window that starts before the exposures are known. Raises NotTestable."""
    if selection.window_start < panel.FIRST_EXPOSURE_YEAR:
        raise NotTestable(
            f"population and the other exposures are known from {panel.FIRST_EXPOSURE_YEAR} only"
        )
