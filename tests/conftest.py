import os

import pytest
from hypothesis import settings

from lac_analysis import tables as loading

# the same examples each time, so that a red run is a changed project; HYPOTHESIS_PROFILE=search
# looks for new ones
settings.register_profile("same", derandomize=True)
settings.register_profile("search", max_examples=500)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "same"))


@pytest.fixture(scope="session")
def tables():
    """The project's own processed tables, built if need be."""
    return loading.load()
