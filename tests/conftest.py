import pytest

from lac_analysis import tables as loading


@pytest.fixture(scope="session")
def tables():
    """The project's own processed tables, built if need be."""
    return loading.load()
