"""data/raw/datapackage.json is a valid Frictionless package of valid tables."""

import json
import re

import frictionless
import pandas as pd
import pytest

from lac_analysis import config
from lac_analysis.errors import InputError
from lac_analysis.records import schema
from lac_analysis.sources import world


@pytest.mark.slow  # frictionless reads every cell
def test_the_description_and_the_tables_are_valid_for_frictionless():
    report = frictionless.validate(str(config.RAW / "datapackage.json"))
    assert report.valid, report.flatten(["name", "type", "note"])


def _table(package, name="engagements"):
    return next(each["schema"] for each in package["resources"] if each["name"] == name)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda p: p.pop("resources"), "must contain ['resources']"),
        (lambda p: _table(p)["fields"][0].update(type="text"), "fields[0].type must be one of"),
        (lambda p: _table(p)["fields"][0].update(titel="Record"), "'titel'"),
        (lambda p: _table(p)["fields"][0]["constraints"].update(requird=True), "'requird'"),
        (lambda p: _table(p)["fields"][0]["constraints"].update(pattern="["), "regex"),
        (
            lambda p: _table(p)["fields"][0]["constraints"].update(enum="A-0001"),
            "enum must be array",
        ),
        (lambda p: _table(p, "country_year").update(primaryKey=["iso3", "yr"]), "'yr'"),
        (lambda p: _table(p, "acts")["foreignKeys"][0].update(fields="rec"), "'rec'"),
        (lambda p: _table(p, "acts")["foreignKeys"][0]["reference"].update(resource="x"), "of x"),
    ],
)
def test_a_fault_of_the_description_is_named(monkeypatch, tmp_path, change, said):
    package = json.loads((config.RAW / "datapackage.json").read_text())
    change(package)
    (tmp_path / "datapackage.json").write_text(json.dumps(package))
    monkeypatch.setattr(config, "RAW", tmp_path)
    with pytest.raises(InputError, match=re.escape(said)) as error:
        schema.tables.__wrapped__()
    assert error.value.file == "datapackage.json"


def test_the_outlines_of_the_map_are_of_the_countries_that_they_name():
    content = json.loads((config.RAW / "lac_boundaries.geojson").read_text(encoding="utf-8"))
    about = pd.DataFrame([feature["properties"] for feature in content["features"]])
    ours = about[about["iso3"] != ""]
    short = {"Antigua and Barb.": "Antigua and Barbuda",
             "St. Vin. and Gren.": "Saint Vincent and the Grenadines"}  # fmt: skip
    assert world.iso3(ours["name"].replace(short)).tolist() == ours["iso3"].tolist()
    assert sorted(ours["iso3"]) == sorted(config.CELAC)
