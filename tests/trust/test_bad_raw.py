"""The corpus, a folder of raw tables: `lac build --raw` refuses it and leaves what was built before
as it was.
"""

import shutil

import pytest
from harness import files

from lac_analysis.records.build import RAW_TABLES


def swap(old, new, count=-1):
    return lambda text: text.replace(old, new, count)


def cut(share):
    return lambda text: text[: int(len(text) * share)]


CASES = {
    # (table, change, what the message says)
    "engagements: empty": ("engagements", lambda t: "", "engagements.csv: the file is empty"),
    "engagements: a header alone": ("engagements", lambda t: t.splitlines()[0] + "\n", "no rows below its header"),
    "engagements: cut": ("engagements", cut(0.7), "engagements.csv"),
    "engagements: 30 February": ("engagements", swap("2018-01-31", "2018-02-30"), "row 4, column date_iso"),
    "engagements: a country twice as long": ("engagements", swap(",ARG,", ",ARGARG,", 1), "row 2, column lac_iso3"),
    "engagements: a country outside": ("engagements", swap(",ARG,", ",USA,", 1), "row 2, column lac_iso3"),
    "engagements: a record twice": ("engagements", swap("A-0002", "A-0001", 1), "row 3, column record_id: repeated"),
    "engagements: a column more": (
        "engagements", lambda t: "\n".join(f"{line},x" for line in t.splitlines()), "column not in the description"),
    "engagements: Windows-1252": (
        "engagements", lambda t: t.encode("cp1252", "replace") + b"\xe9", "the file is not UTF-8 text"),
    "engagements: UTF-16": ("engagements", lambda t: t.encode("utf-16"), "the file is not UTF-8 text"),
    "engagements: semicolons": ("engagements", swap(",", ";"), "engagements.csv"),
    "engagements: NUL": ("engagements", swap("La Plata", "La\0Plata", 1), "engagements.csv"),
    "search_log: a query twice": ("search_log", swap("A-Q002", "A-Q001", 1), "search_log.csv, row 3"),
    "search_log: a template that is none": ("search_log", swap(",T2,", ",T0,", 1), "column template"),
    "date_bounds: the wrong way round": (
        "date_bounds", lambda t: t.splitlines()[0] + "\nA-0001,2019,2018,x,https://example.org\n", "not_after"),
    "date_bounds: after the date": (
        "date_bounds", lambda t: t.splitlines()[0] + "\nA-0003,2019,2020,x,https://example.org\n", "record_id"),
    "date_bounds: a month that is none": (
        "date_bounds", lambda t: t.splitlines()[0] + "\nA-0001,2018-13,,x,https://example.org\n", "2018-13"),
    "date_bounds: twice": (
        "date_bounds", lambda t: t.splitlines()[0] + "\nA-0001,2018,,x,https://example.org" * 2 + "\n", "record_id"),
    "countries: a country twice": ("countries", swap("\nBRA,", "\nARG,", 1), "countries.csv"),
    "countries: a name for a number": ("countries", swap("\nARG,", "\nARX,", 1), "countries.csv"),
    "country_year: a year in words": ("country_year", swap(",2000,", ",MM,", 1), "country_year.csv, row 2"),
    "country_year: NaN": ("country_year", swap(",2000,", ",NaN,", 1), "column year"),
    "country_year: infinite": ("country_year", swap(",2001,", ",inf,", 1), "column year"),
    "country_year: a year twice": ("country_year", swap(",2001,", ",2000,", 1), "repeated key"),
    "recognition: a state that is none": ("recognition", swap(",ROC,", ",RoC,", 1), "recognition.csv"),
    "strain_episodes: empty": ("strain_episodes", lambda t: "\n", "strain_episodes.csv"),
    "double_coded: no header": ("double_coded", lambda t: "".join(t.splitlines(True)[1:]), "double_coded.csv"),
}  # fmt: skip


@pytest.fixture
def raw(short, tmp_path):
    shutil.copytree(short, tmp_path / "raw")
    return tmp_path / "raw"


@pytest.mark.parametrize("case", CASES)
def test_a_raw_table_that_cannot_be_used(refused, raw, tmp_path, case):
    name, change, says = CASES[case]
    path = raw / f"{name}.csv"
    content = change(path.read_text(encoding="utf-8"))
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    out = tmp_path / "processed"
    out.mkdir()
    (out / "manifest.json").write_text('{"input_hash": "of before", "tables": {}}')
    refused("build", "--raw", raw, "--out", out, says=says, folder=tmp_path)


@pytest.mark.parametrize("name", RAW_TABLES)
def test_a_raw_table_that_is_absent_or_a_folder(refused, raw, tmp_path, name):
    (raw / f"{name}.csv").unlink()
    refused(
        "build", "--raw", raw, "--out", tmp_path / "processed", says=f"{name}.csv", folder=tmp_path
    )
    (raw / f"{name}.csv").mkdir()
    refused(
        "build", "--raw", raw, "--out", tmp_path / "processed", says=f"{name}.csv", folder=tmp_path
    )


def test_the_short_tables_themselves_can_be_built(short, tmp_path):
    """Otherwise every refusal above could be for another reason."""
    from lac_analysis import cli

    assert cli.main(["build", "--raw", str(short), "--out", str(tmp_path / "processed")]) == 0
    assert len(files(tmp_path / "processed")) > 10
