import os

import numpy as np
import pandas as pd
import pytest
from hypothesis import settings

from lac_analysis import config
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


@pytest.fixture(scope="session")
def counted(tables):
    """Tables with a made-up search log: excerpts of N1-N5 by country, drawn with a known odds ratio
    of local ones in federal states."""

    def make(ratio=1.0, seed=0, each=4):
        rng = np.random.default_rng(seed)
        federal = tables.countries.set_index("iso3")["federal"]
        rows = []
        for number, iso in enumerate(sorted(config.CELAC)):
            odds = ratio if federal[iso] else 1.0
            for template in ("N1", "N2", "N3", "N4", "N5"):
                local = rng.binomial(each, odds / (1 + odds))
                query = f"{'MNOP'[number % 4]}-{iso}-{template}"
                rows.append((query, iso, template, 8, local, each - local, 8 - each))
        columns = ["query_id", "target", "template", "results", "n_local", "n_national", "n_other"]
        log = tables.search_log
        log = log[~log["template"].str.startswith("N")]
        made_up = pd.DataFrame(rows, columns=columns).assign(query="made up", records_coded=0)
        return tables.replace(search_log=pd.concat([log, made_up], ignore_index=True))

    return make
