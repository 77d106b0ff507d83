"""What a user hands to a claim by country: a label or score in the stead of the plan's, and
covariates.
"""

from collections.abc import Iterable
from keyword import iskeyword
from pathlib import Path
from unicodedata import normalize

import pandas as pd
from pandas.api.types import is_complex_dtype, is_numeric_dtype

from lac_analysis import config, files
from lac_analysis.errors import InputError, one_of
from lac_analysis.selection import Selection

_LARGEST = 1e100  # beyond it, sums of squares are infinite
_MOST = 10  # covariates: 33 countries carry no more
WORDS = files.read_yaml(Path(__file__).with_suffix(".yml"))  # claim -> definition -> its words


def own(
    definition: str | pd.Series, known: Iterable[str], selection: Selection, *, yes_no: bool = False
) -> pd.Series | None:
    """A user's own definition as numbers by ISO3, those of the selection; None for one of `known`.

    definition : a name, or a Series by ISO3 with every country of the selection. A missing value
        leaves its country out.   yes_no : it must be a label, true or false, rather than a score.
    Raises InputError for an unknown name; what is no Series; a country that is unknown, missing or
    there twice; values that are no numbers (no true and false), or all alike.
    """
    if isinstance(definition, str):
        one_of(definition, known, "definition")
        return None
    kind = "true and false" if yes_no else "finite numbers"
    expected = f"{', '.join(known)}, or a pandas Series of {kind} by ISO3"
    if not isinstance(definition, pd.Series):
        raise InputError("parameter definition", value=definition, expected=expected)
    values = _numbers(definition, "definition", expected, selection)
    if yes_no and not values.dropna().isin([0, 1]).all():
        raise InputError("values of the definition", value=list(values.unique()), expected=expected)
    return values


def covariates(
    given: pd.DataFrame | pd.Series | None, taken: Iterable[str], selection: Selection
) -> pd.DataFrame:
    """A user's own covariates as numbers by ISO3, one column each; none where `given` is None.

    given : every country of the selection; a missing value leaves its country out. The name of a
        column is its term in the regression: a Python name that is not one of those `taken`.
        InputError for other names, for none or more than ten (33 countries carry no more), and for
        countries and values as `own`.
    """
    if given is None:
        return pd.DataFrame(index=pd.Index(config.CELAC))
    if not isinstance(given, pd.Series | pd.DataFrame):
        expected = "a pandas Series or DataFrame of finite numbers by ISO3"
        raise InputError("parameter covariates", value=given, expected=expected)
    table = given.to_frame() if isinstance(given, pd.Series) else given
    if not 1 <= table.shape[1] <= _MOST:
        raise InputError("covariates", value=table.shape[1], expected=f"1 to {_MOST} columns")
    for name in table:
        term = normalize("NFKC", str(name))  # as patsy reads it
        is_name = term == name and term.isidentifier() and not iskeyword(term)
        is_name &= term.casefold() not in ("inf", "infinity", "nan")  # numbers to patsy
        if not is_name or name in {*taken, "C", "Intercept"} or list(table).count(name) > 1:
            expected = f"one Python name each, such as hdi, and none of {', '.join(taken)}"
            raise InputError("name of a covariate", value=name, expected=expected)
    each = {
        name: _numbers(values, f"covariate {name}", "finite numbers by ISO3", selection)
        for name, values in table.items()
    }
    return pd.DataFrame(each)


def _numbers(values: pd.Series, what: str, expected: str, selection: Selection) -> pd.Series:
    """One number a country of the selection. Raises InputError for others, or if all are alike."""
    if values.index.nlevels > 1:
        raise InputError(f"index of the {what}", value=values.index.names, expected="ISO3 codes")
    for problem, wrong in (
        (f"unknown country in the {what}", values.index.difference(config.CELAC)),
        (f"country twice in the {what}", values.index[values.index.duplicated()]),
    ):
        if len(wrong):
            known = "ISO3 codes of CELAC members, each once"
            raise InputError(problem, value=str(wrong[0]), expected=known)
    wanted = [iso for iso in config.CELAC if iso not in selection.drop_countries]
    missing = sorted(set(wanted) - set(values.index))
    if missing:
        every = "every country of the selection; a missing value leaves one out"
        raise InputError(f"the {what} lacks countries", value=missing, expected=every)
    values = values.loc[wanted].convert_dtypes()  # true, false and NaN are objects, after `where`
    if not is_numeric_dtype(values) or is_complex_dtype(values):  # true and false are numbers, too
        raise InputError(f"values of the {what}", value=str(values.dtype), expected=expected)
    values = values.astype("Float64").astype(float)
    if values.abs().max() > _LARGEST:
        raise InputError(f"values of the {what}", value=list(values.unique()), expected=expected)
    if values.nunique() < 2:
        raise InputError(f"the {what} is alike for all countries", expected=expected)
    return values
