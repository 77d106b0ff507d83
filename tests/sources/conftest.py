"""Small tables of our own, with the columns that the data sets publish: synthetic, made for these
tests.
"""

from pathlib import Path

import pandas as pd
import pytest

from lac_analysis import config
from lac_analysis.records import schema

EXTERNAL = Path(__file__).resolve().parents[3] / "shared" / "external"


@pytest.fixture
def external():
    """A file of a public data set that a user would download; the test is skipped where it is
    absent.
    """

    def find(name):
        path = EXTERNAL / name
        if not path.is_file():
            pytest.skip(f"{name} is not there")
        return path

    return find


@pytest.fixture(scope="session")
def ours():
    return schema.read_raw(config.RAW / "engagements.csv", "engagements")


@pytest.fixture
def record():
    """A table of valid records, changed by keyword; one row for each value of the longest."""

    def make(**changes):
        known = {
            "record_id": "X-1",
            "collection": "targeted",
            "lac_iso3": "ARG",
            "lac_level": "municipal",
            "lac_place_text": "La Plata",
            "china_actor_type": "municipal_government",
            "activity_type": "twinning",
            "technology": "0",
            "description": "La Plata and Chengdu became sister cities",
            "date_iso": "2018-01-31",
            "source_type": "news",
            "confidence": "high",
        }
        n = max((len(value) for value in changes.values() if isinstance(value, list)), default=1)
        if "record_id" not in changes:
            known["record_id"] = [f"X-{i}" for i in range(1, n + 1)]
        names = list(schema.fields("engagements"))
        return pd.DataFrame(
            {name: (known | changes).get(name, "") for name in names}, index=range(n)
        ).astype("str")

    return make
