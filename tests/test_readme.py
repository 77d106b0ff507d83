"""The README says what the reference run found, and shows pictures that exist."""

import re

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
    words = ["None", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine"]
    findings = README.partition("<!-- findings -->")[2].partition("<!-- /findings -->")[0]
    said = re.findall(rf"^- \*\*({'|'.join(words)}) ", findings, re.MULTILINE)
    counts = table["verdict"].value_counts()
    verdicts_said = ("supported", "not supported", "inconclusive", "not testable")
    assert [words.index(word) for word in said] == [counts.get(v, 0) for v in verdicts_said]
    assert not counts.get("partly supported", 0) and not counts.get("contradicted", 0)
    for row in table[table["verdict"] != "not testable"].itertuples():
        for value in (row.estimate, row.low, row.high):
            assert show(value) in findings, (row.claim, value)


def test_every_picture_and_link_leads_somewhere():
    for link in re.findall(r"\]\(([^)#]+)\)", README):
        assert link.startswith("https://") or (config.ROOT / link).exists(), link


def test_every_command_it_names_exists():
    from lac_analysis import cli

    _, known = cli._parser()
    assert set(re.findall(r"\blac ([a-z]+)\b", re.sub(r"`?lac_analysis`?", "", README))) <= set(
        known
    )
