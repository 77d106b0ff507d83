"""Each rule of rules_of_rows.csv is of some rows of ours, and tells those that break it."""

import pandas as pd
import pytest

from lac_analysis.records import consistency

WRONG = ["", "national", "admin1", "municipal", "twinning", "BRA", "no such value", "word " * 21,
         "1999", "12,000 masks", "(planned) a visit", "visit_to_lac", "La Paz | El Alto",
         "a meeting in Shanghai", "Business Summit (XX)", "Shanghai visit to partner city Santiago"]  # fmt: skip


@pytest.mark.parametrize(
    "rule",
    [*consistency.OF_ROWS.itertuples(index=False)],
    ids=lambda rule: f"{rule.column}: {rule.expected}",
)
def test_rows_that_break_a_rule_are_told(ours, rule):
    cells = ours[rule.table]
    cells = cells.loc[consistency.breaks(cells, rule).index[:50]]  # some that it is of
    columns = rule.column.split()
    number = pd.api.types.is_numeric_dtype(cells[columns[0]])
    told = [
        consistency.breaks(cells.assign(**dict.fromkeys(edited, value)), rule).sum()
        for value in ([98765, float("nan")] if number else WRONG)
        for edited in (columns[:1], columns)
    ]
    assert max(told) > consistency.breaks(cells, rule).sum()
