"""Known data for the checks: engagements made for a test, called so, in the columns of the
processed table.
"""

import pandas as pd
import pytest


@pytest.fixture(scope="session")
def made(tables):
    """(rows, each a dict) -> Tables whose engagements are copies of a real local one, changed as
    the rows say.
    """
    template = tables.engagements[tables.engagements["level"] == "municipal"].iloc[[0]]

    def make(rows: list[dict]):
        table = pd.concat([template] * len(rows), ignore_index=True)
        for i, row in enumerate(rows):
            for name, value in row.items():
                table.loc[i, name] = value
        table["engagement_id"] = [f"E:{i}" for i in range(len(rows))]
        return tables.replace(engagements=table)

    return make
