"""Country names as sources in ten languages write them, beside what country_converter makes of
them.

The column country_converter was made once with country_converter 1.3.2 (other countries than the 33
left blank).
"""

from pathlib import Path

import pandas as pd

from lac_analysis.records import countries

VARIANTS = pd.read_csv(
    Path(__file__).with_name("country_variants.csv"), dtype=str, keep_default_na=False
)


def test_every_variant_is_resolved():
    found = countries.resolve(VARIANTS["text"]).fillna("")
    assert VARIANTS.assign(found=found)[found != VARIANTS["iso3"]].empty


def test_at_least_as_accurate_as_country_converter_in_every_language():
    found = countries.resolve(VARIANTS["text"]).fillna("")
    right = pd.DataFrame(
        {
            "ours": found == VARIANTS["iso3"],
            "theirs": VARIANTS["country_converter"] == VARIANTS["iso3"],
        }
    )
    shares = right.groupby(VARIANTS["language"]).mean()
    assert len(shares) == 10
    assert (shares["ours"] >= shares["theirs"]).all()
