import pytest

from lac_analysis import config
from lac_analysis.records import build, schema


@pytest.fixture(scope="module")
def ours():
    """The raw tables."""
    return {name: schema.read_raw(config.RAW / f"{name}.csv", name) for name in build.RAW_TABLES}
