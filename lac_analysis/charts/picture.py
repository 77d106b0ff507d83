"""A picture: a figure with its numbers, its alt text and what made it, ready to show and to save."""

from dataclasses import dataclass
from pathlib import Path

import pandas as pd
from matplotlib.figure import Figure

from lac_analysis.charts import theme
from lac_analysis.charts.save import save_figure


@dataclass(frozen=True)
class Picture:
    """Attributes: name (of the files), figure, data (the numbers drawn), alt (what it shows),
    provenance.
    """

    name: str
    figure: Figure
    data: pd.DataFrame
    alt: str
    provenance: dict

    def save(self, folder: Path) -> list[Path]:
        """Write PNG, SVG and CSV into `folder`. Returns their paths."""
        return save_figure(
            self.figure, folder, self.name, data=self.data, alt=self.alt, provenance=self.provenance
        )

    def _repr_mimebundle_(self, include=None, exclude=None):
        data, metadata = self.figure._repr_png_()
        return {"image/png": data, "text/plain": self.alt}, {
            "image/png": metadata | {"alt": self.alt}
        }


def message(name: str, reason: str, provenance: dict) -> Picture:
    """A picture that says why there is none."""
    figure = _message("Nothing to draw for this selection", reason)
    return Picture(
        name, figure, pd.DataFrame({"reason": [reason]}), f"No picture: {reason}.", provenance
    )


@theme.chart
def _message(title: str, reason: str) -> Figure:
    page = theme.figure(title, reason, "", size=(theme.WIDTH, 0.6))
    page.add_subplot().set_axis_off()
    return page
