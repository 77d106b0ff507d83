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


@pytest.mark.parametrize(
    "values",
    [
        {"china_actor_text": "Anji County Bamboo Co. Ltd", "china_actor_type": "private_company"},
        {"china_actor_text": "China Three Gorges University", "china_actor_type": "university"},
        {"china_actor_text": "President Qiu Yong of Tsinghua University",
         "china_actor_type": "university"},
        {"china_actor_text": "Shanghai Ballet Company", "china_actor_type": "association"},
        {"lac_iso3": "PER", "lac_place_text": "Provincia de Cañete", "lac_level": "municipal"},
        {"lac_iso3": "ARG", "lac_place_text": "Departamento de Pocito", "lac_level": "municipal"},
        {"lac_iso3": "MEX", "lac_place_text": "Ciudad de México", "lac_level": "admin1"},
        {"activity_type": "visit_to_lac", "description": "Ambassador visited China-funded hospital"},
        {"china_actor_text": "Chinese company", "china_actor_type": "unknown"},
        {"activity_type": "donation_other",
         "description": "Guizhou gave Nuo opera masks to the town museum"},
        {"prior_contact": "1", "description": "Not the first contact: they came for the third time"},
        {"activity_type": "visit_to_lac",
         "description": "Delegation came for an anniversary; mayor plans China visit"},
        {"activity_type": "twinning",
         "description": "Letter of intent followed by the sister city agreement signed here"},
        {"activity_type": "twinning",
         "description": "Committee approved and mayors then concluded the sister city pact"},
        {"lac_actor_text": "Porto de Moz municipal government", "lac_level": "municipal"},
        {"lac_actor_text": "Governor of the Central Bank of Barbados", "lac_level": "national"},
        {"china_actor_text": "Qufu city government (hometown of Confucius)",
         "china_actor_type": "municipal_government"},
        {"source_url": "https://wikileaks.org/plusd/cables/1.html", "source_type": "government"},
        {"activity_type": "cooperation_agreement", "technology": "0",
         "description": "Signed an agreement on epidemiological surveillance"},
        {"activity_type": "donation_other", "prior_contact": "0",
         "description": "Donates four twin-cab pickup trucks to the city"},
        {"activity_type": "donation_other",
         "description": "Gave computers to schools; masks had been given the year before"},
    ],
)  # fmt: skip
def test_what_is_true_breaks_no_rule(ours, values):
    """A row that says these things alone."""
    records = ours["engagements"]
    row = pd.DataFrame({name: [""] for name in records}).assign(record_id="U-0001", **values)
    broken = [
        rule.expected
        for rule in consistency.OF_ROWS.itertuples(index=False)
        if rule.table == "engagements"
        and {*rule.column.split()} <= {*values}
        and consistency.breaks(row, rule).any()
    ]
    assert broken == []
