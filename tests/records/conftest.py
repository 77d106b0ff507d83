from functools import cache

import pytest

from lac_analysis import config
from lac_analysis.records import build, china, countries, dates, places, schema


@pytest.fixture(scope="module")
def ours():
    """The raw tables. The same texts stand in nearly all the tables made from them: each is read
    once.
    """
    with pytest.MonkeyPatch.context() as patch:
        for module, name in (
            (china, "_resolve"), (china, "_names_taiwan"), (places, "_resolve"),
            (countries, "_first_named"), (dates, "agrees"),
        ):  # fmt: skip
            patch.setattr(module, name, cache(getattr(module, name)))
        yield {name: schema.read_raw(config.RAW / f"{name}.csv", name) for name in build.RAW_TABLES}
