"""Checks of arrays that the procedures share."""

import numpy as np
import pandas as pd

from lac_analysis.errors import InputError


def whole_numbers(values, name: str) -> np.ndarray:
    """`values` as a one-dimensional int64 array. InputError unless whole, finite, not negative."""
    array = real_numbers(values, name)
    wrong = (array < 0) | (array != np.floor(array))
    if wrong.any():
        raise _error("not a count", name, array, wrong, "whole numbers, 0 or more")
    return array.astype(np.int64)


def exposures(values, n: int, name: str = "exposure") -> np.ndarray:
    """`values` as floats (n,), ones if None. InputError unless finite and above 0."""
    array = np.ones(n) if values is None else real_numbers(values, name)
    same_length(n, array, name)
    if (array <= 0).any():
        raise _error("exposure must be positive", name, array, array <= 0, "a number above 0")
    return array


def real_numbers(values, name: str) -> np.ndarray:
    """`values` as a one-dimensional float array. InputError unless numbers, all finite."""
    try:
        array = np.atleast_1d(np.asarray(values, dtype=float))
    except (TypeError, ValueError):
        raise InputError("not numbers", column=name, expected="finite numbers") from None
    if array.ndim != 1:
        raise InputError(f"{array.ndim} dimensions", column=name, expected="one")
    wrong = ~np.isfinite(array)
    if wrong.any():
        raise _error("missing or infinite", name, array, wrong, "finite numbers")
    return array


def labels(values, n: int, name: str) -> np.ndarray:
    """Codes 0, 1, .. of n labels, in sorted order of the labels. InputError if one is missing."""
    codes, _ = pd.factorize(np.asarray(values), sort=True)
    same_length(n, codes, name)
    if (codes < 0).any():
        raise InputError(f"missing label (entry {int(np.flatnonzero(codes < 0)[0])})", column=name)
    return codes


def same_length(n: int, array, name: str) -> None:
    """InputError unless `array` has n entries."""
    if len(array) != n:
        raise InputError("lengths differ", column=name, value=len(array), expected=f"{n} entries")


def one_of(value: str, allowed: tuple[str, ...], name: str) -> str:
    """`value`, or InputError if it is none of `allowed`."""
    if value not in allowed:
        raise InputError(f"unknown {name}", value=value, expected=" or ".join(allowed))
    return value


def confidence(level: float) -> float:
    """`level`, or InputError unless it lies between 0 and 1."""
    if not 0 < level < 1:
        raise InputError("confidence level out of range", value=level, expected="between 0 and 1")
    return float(level)


def _error(problem, name, array, wrong, expected) -> InputError:
    at = int(np.flatnonzero(wrong)[0])
    value = float(array[at])
    return InputError(f"{problem} (entry {at})", column=name, value=value, expected=expected)
