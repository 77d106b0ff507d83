import pandas as pd
import pytest


@pytest.fixture(scope="session")
def made(tables):
    """Tables whose engagements are the rows given: dicts of country, date ('2010-05-01', a pair of
    days, or '' for unknown) and any other column."""

    def make(rows, **frames):
        table = tables.engagements.head(1).loc[[0] * len(rows)].reset_index(drop=True)
        spans = [row.get("date", "2010-05-01") for row in rows]
        spans = [(span, span) if isinstance(span, str) else span for span in spans]
        days = [pd.to_datetime(pd.Series([s[i] or None for s in spans])) for i in (0, 1)]
        same = days[0].dt.year == days[1].dt.year
        fixed = {
            "engagement_id": [f"E{i:04d}" for i in range(len(rows))],
            "date_start": days[0].astype("datetime64[us]"),
            "date_end": days[1].astype("datetime64[us]"),
            "year": days[0].dt.year.where(same).astype("Int64"),
        }
        defaults = {"level": "municipal", "planned": False, "confidence": "high", "place_id": "X/Y"}
        defaults |= {"activity": "visit_to_lac", "actor_type": "embassy_consulate", "tier": "state"}
        defaults |= {name: True for name in table if name.startswith(("in_", "found_by_"))}
        defaults |= {
            "templates": "T1",
            "query_ids": "none",
            "technology": 0,
            "is_platform_event": False,
        }
        defaults |= {"china_admin1": None, "china_city": None, "actor_name": None}
        defaults |= {"prior_contact": None, "date_is_report": False}
        columns = {"country": [row["country"] for row in rows]}
        for name, default in defaults.items():
            if name in table:
                columns[name] = [row.get(name, default) for row in rows]
        for name, values in columns.items():
            columns[name] = pd.Series(values).astype(table[name].dtype)
        return tables.replace(engagements=table.assign(**fixed, **columns), **frames)

    return make
