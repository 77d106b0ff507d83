"""docs/codebook.md describes every column that analysts meet in the processed tables, and no other."""

import re

import pytest

from lac_analysis import config

TABLES = ("engagements", "records", "cleaning_log", "unresolved", "links", "units")


@pytest.fixture(scope="module")
def described():
    """Words in backquotes in the first cell of a table row, and those of the last table's second
    cell.
    """
    rows = re.findall(
        r"^\| (.*?) \| (.*?) \|$", (config.ROOT / "docs" / "codebook.md").read_text(), re.MULTILINE
    )
    logs = {
        name
        for first, second in rows
        if first.strip("`") in TABLES
        for name in re.findall(r"`(\w+)`", second)
    }
    return {name for first, _ in rows for name in re.findall(r"`(\w+)`", first)} - set(
        TABLES
    ) | logs


def test_every_column_is_described(described, tables):
    columns = {column for name in TABLES for column in getattr(tables, name)}
    assert described == columns
