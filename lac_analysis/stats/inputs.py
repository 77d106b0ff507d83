"""Checks of arrays that the procedures share."""

import numpy as np

from lac_analysis.errors import InputError


def real_numbers(values, name: str) -> np.ndarray:
    """`values` as a one-dimensional float array. InputError unless all are finite."""
    array = np.asarray(values, dtype=float)
    wrong = ~np.isfinite(array)
    if wrong.any():
        at = int(np.flatnonzero(wrong)[0])
        problem = f"missing or infinite (entry {at})"
        raise InputError(problem, column=name, value=float(array[at]), expected="finite numbers")
    return array
