"""data/raw/datapackage.json is a valid Frictionless package of valid tables."""

import frictionless
import pytest

from lac_analysis import config


@pytest.mark.slow  # frictionless reads every cell
def test_the_description_and_the_tables_are_valid_for_frictionless():
    report = frictionless.validate(str(config.RAW / "datapackage.json"))
    assert report.valid, report.flatten(["name", "type", "note"])
