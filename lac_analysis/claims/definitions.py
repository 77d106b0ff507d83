"""What a claim takes as its label or score: one of the plan's definitions, or a user's own."""

from collections.abc import Iterable

import numpy as np
import pandas as pd
from pandas.api.types import is_numeric_dtype

from lac_analysis import config
from lac_analysis.errors import InputError
from lac_analysis.panel import Selection
from lac_analysis.stats import inputs


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
        inputs.one_of(definition, tuple(known), "definition")
        return None
    kind = "true and false" if yes_no else "finite numbers"
    expected = f"{', '.join(known)}, or a pandas Series of {kind} by ISO3"
    if not isinstance(definition, pd.Series):
        raise InputError("parameter definition", value=definition, expected=expected)
    for problem, wrong in (
        ("unknown country in the definition", definition.index.difference(config.CELAC)),
        ("country twice in the definition", definition.index[definition.index.duplicated()]),
    ):
        if len(wrong):
            expected = "ISO3 codes of CELAC members, each once"
            raise InputError(problem, value=str(wrong[0]), expected=expected)
    wanted = [iso for iso in config.CELAC if iso not in selection.drop_countries]
    missing = sorted(set(wanted) - set(definition.index))
    if missing:
        expected = "every country of the selection; a missing value leaves one out"
        raise InputError("the definition lacks countries", value=missing, expected=expected)
    values = definition.loc[wanted]
    if not is_numeric_dtype(values):  # true and false are numbers, too
        raise InputError("values of the definition", value=str(values.dtype), expected=expected)
    values = values.astype("Float64").astype(float)
    if np.isinf(values).any() or (yes_no and not values.dropna().isin([0, 1]).all()):
        raise InputError("values of the definition", value=list(values.unique()), expected=expected)
    if values.nunique() < 2:
        raise InputError("the definition is alike for all countries", expected=expected)
    return values
