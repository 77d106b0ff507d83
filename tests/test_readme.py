"""The README says what the reference run found, and shows pictures that exist."""

import re

import pandas as pd

from lac_analysis import config
from lac_analysis.claims.finding import show
from lac_analysis.report import reference, verdicts

README = (config.ROOT / "README.md").read_text(encoding="utf-8")
FINDINGS = (config.ROOT / "docs" / "findings.md").read_text(encoding="utf-8")
MARKED = r"<!-- {}[^>]*-->\n(.*?)<!-- /{} -->"


def marked(page, name):
    return re.search(MARKED.format(name, name), page, re.DOTALL).group(1)


def as_markdown(table) -> str:
    """The table of docs/findings.md: what is tested, the estimate with its interval, what the
    test would say of a known truth, both verdicts.
    """
    lines = [
        "| What is tested | Estimate (95 % interval) | Supported if no effect; if the smallest of "
        "interest | 2000–2020 | 2021–2025 |",
        "|---|---|---|---|---|",
    ]
    for row in table.itertuples():
        estimate, chances = "–", "–"
        if not pd.isna(row.estimate):
            number, low, high = (show(v, row.unit) for v in (row.estimate, row.low, row.high))
            estimate = f"{row.unit} {number} ({low} to {high})"
        if not pd.isna(row.supported_no_effect):
            chances = f"{verdicts._percent(row.supported_no_effect)}; {verdicts._percent(row.supported_sesoi)}"
        cells = (row.finding, estimate, chances, row.verdict, row.later_verdict)
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def test_the_table_is_that_of_the_reference_run():
    wanted = as_markdown(reference.verdicts(config.ROOT)).strip()
    assert marked(FINDINGS, "verdicts").strip() == wanted


def test_the_sentences_count_and_quote_what_the_reference_run_found():
    table = reference.verdicts(config.ROOT)
    words = ["None", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine"]
    findings = marked(FINDINGS, "findings")
    said = re.findall(rf"^- \*\*({'|'.join(words)}) ", findings, re.MULTILINE)
    counts = table["verdict"].value_counts()
    verdicts_said = ("supported", "not supported", "inconclusive", "not testable")
    assert [words.index(word) for word in said] == [counts.get(v, 0) for v in verdicts_said]
    assert not counts.get("partly supported", 0) and not counts.get("contradicted", 0)
    for row in table[table["verdict"] != "not testable"].itertuples():
        for value in (row.estimate, row.low, row.high):
            assert show(value, row.unit) in findings, (row.claim, value)


# what README says in bold -> the claims that it says it of
SAID = {
    "supported": ("reach", "not_new", "growth"),
    "inconclusive": ("authority", "strained", "tiers", "platforms", "twinning", "web", "self_rule"),
    "not testable": ("technology",),
}


def test_readme_says_of_each_claim_what_was_found():
    table = reference.verdicts(config.ROOT).set_index("claim")
    found = {verdict: set(table.index[table["verdict"] == verdict]) for verdict in SAID}
    assert found == {verdict: set(claims) for verdict, claims in SAID.items()}
    bullets = marked(README, "findings")
    assert [bullets.count(w) for w in ("this stands", "cannot be told", "cannot be tested")] == [
        3,
        4,
        1,
    ]
    countries = f"in {round(table.loc['reach', 'estimate'] * 33)} of 33 countries"
    before = f"{table.loc['not_new', 'estimate']:.0f} countries had some before 2006"
    grows = "factor of {} a year ({} to {})".format(
        *map(show, table.loc["growth", ["estimate", "low", "high"]])
    )
    told = " ".join(bullets.split())
    assert countries in told and before in told and grows in told
    assert f"hold {show(table.loc['tiers', 'estimate'])} times" in told


def test_no_line_of_readme_is_long():
    assert [line for line in README.splitlines() if len(line) > 100] == []


def test_every_picture_and_link_leads_somewhere():
    for link in re.findall(r"\]\(([^)#]+)\)", README):
        assert link.startswith("https://") or (config.ROOT / link).exists(), link


def test_every_command_it_names_exists():
    from lac_analysis import cli

    _, known = cli._parser()
    assert set(re.findall(r"\blac ([a-z]+)\b", re.sub(r"`?lac_analysis`?", "", README))) <= set(
        known
    )
