"""How much an estimate owes to one country, source, query or language: leave each out in turn."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from lac_analysis.errors import InputError


@dataclass(frozen=True)
class Influence:
    """An estimate without each group.

    Attributes
    ----------
    full : the estimate from everything.
    table : one row a group, in the order given: group, left_out (rows), estimate (NaN where
        there is none), change
        (less `full`).
    """

    full: float
    table: pd.DataFrame

    def extremes(self) -> tuple[pd.Series, pd.Series]:
        """The rows with the lowest and the highest estimate; the first of several. InputError if
        there is none.
        """
        known = self.table[self.table["estimate"].notna()]
        if known.empty:
            raise InputError("no estimate is left when a group is left out")
        return known.loc[known["estimate"].idxmin()], known.loc[known["estimate"].idxmax()]


def leave_one_out(
    estimator: Callable[[np.ndarray], float], groups: Mapping[str, np.ndarray]
) -> Influence:
    """Estimate again without each group.

    estimator : takes a boolean array (n,), true for the rows to use; NaN if these carry no
        estimate.
    groups : name -> boolean array (n,), true for the group's rows. Groups may overlap: a record
        found by two queries
        is left out with either. `group_masks` makes them from labels.

    Raises InputError when there is no group or their lengths differ.
    """
    masks = {name: np.asarray(mask, dtype=bool) for name, mask in groups.items()}
    lengths = {mask.shape for mask in masks.values()}
    if len(lengths) != 1 or len(*lengths) != 1:
        raise InputError(
            "groups to leave out must be boolean arrays of one length", value=sorted(lengths)
        )
    everything = np.ones(*lengths, dtype=bool)
    full = float(estimator(everything))
    estimates = np.array([estimator(~mask) for mask in masks.values()], dtype=float)
    table = pd.DataFrame(
        {
            "group": list(masks),
            "left_out": [int(mask.sum()) for mask in masks.values()],
            "estimate": estimates,
            "change": estimates - full,
        }
    )
    return Influence(full, table)


def group_masks(labels) -> dict[str, np.ndarray]:
    """One mask a label, in sorted order; a missing label belongs to no group. labels : (n,)."""
    labels = pd.Series(labels).reset_index(drop=True)
    return {str(label): (labels == label).to_numpy() for label in sorted(labels.dropna().unique())}
