"""The README says what the reference run found, and shows pictures that exist."""

import re

import pandas as pd

from lac_analysis import config
from lac_analysis.claims.finding import show
from lac_analysis.report import reference, verdicts

README = (config.ROOT / "README.md").read_text(encoding="utf-8")


def test_the_table_is_that_of_the_reference_run():
    shown = re.search(r"<!-- verdicts:[^>]*-->\n(.*?)<!-- /verdicts -->", README, re.DOTALL).group(
        1
    )
    assert shown.strip() == verdicts.as_markdown(reference.verdicts(config.ROOT)).strip()


def test_the_sentences_count_and_quote_what_the_reference_run_found():
    table = reference.verdicts(config.ROOT)
    words = ["No", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine", "Ten"]
    findings = README.partition("<!-- /verdicts -->")[2].partition("![")[0]
    said = [words.index(word) for word in re.findall(r"^- \*\*(\w+) ", findings, re.MULTILINE)]
    counts = table["verdict"].value_counts()
    assert said == [
        counts[v] for v in ("supported", "partly supported", "not supported", "not testable")
    ]
    for row in table[table["verdict"] != "not testable"].itertuples():
        for value in (row.estimate, row.low, row.high if row.claim != "not_new" else row.low):
            assert show(value) in findings, (row.claim, value)
        assert (
            pd.isna(row.later_estimate)
            or row.claim != "growth"
            or show(row.later_estimate) in findings
        )


def test_every_picture_and_link_leads_somewhere():
    for link in re.findall(r"\]\(([^)#]+)\)", README):
        assert link.startswith("https://") or (config.ROOT / link).exists(), link


def test_every_command_it_names_exists():
    from lac_analysis import cli

    _, known = cli._parser()
    assert set(re.findall(r"\blac ([a-z]+)\b", re.sub(r"`?lac_analysis`?", "", README))) <= set(
        known
    )
