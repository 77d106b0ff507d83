import pandas as pd
import pytest
from scipy import stats

from lac_analysis import claims
from lac_analysis.claims import NotTestable, not_new, plan
from lac_analysis.panel import Selection

PLAN = plan.load()["not_new"]
ALL = Selection(collection="all")


@pytest.fixture
def made(tables):
    """Tables with these engagements: (country, first day, last day, changes); a blank day is
    unknown.
    """

    def make(*rows):
        changes = pd.DataFrame(
            [
                {"level": "municipal", "planned": False, "date_is_report": False} | row[3]
                for row in rows
            ]
        )
        table = tables.engagements.head(len(rows)).reset_index(drop=True)
        days = {
            name: pd.to_datetime(pd.Series([row[i] or None for row in rows])).astype(
                "datetime64[us]"
            )
            for i, name in ((1, "date_start"), (2, "date_end"))
        }
        table = table.assign(
            country=[row[0] for row in rows],
            level=changes["level"].astype(table["level"].dtype),
            planned=changes["planned"].astype(bool),
            date_is_report=changes["date_is_report"].astype(bool),
            **days,
        )
        return tables.replace(engagements=table)

    return make


def test_only_engagements_that_certainly_took_place_before_the_year_count(made):
    data = made(
        ("PER", "1983-11-01", "1983-11-30", {}),
        ("PER", "1990-01-01", "1990-12-31", {}),  # the same country counts once
        ("BRA", "2005-01-01", "2005-12-31", {}),
        ("CHL", "2005-01-01", "2006-12-31", {}),  # may be later
        ("URY", "", "2004-10-01", {}),  # no later than
        ("MEX", "1999-01-01", "", {}),
        ("ECU", "", "", {}),
        ("CUB", "2001-01-01", "2001-12-31", {"level": "national"}),
        ("COL", "2001-01-01", "2001-12-31", {"planned": True}),
        ("BOL", "2004-05-05", "2004-05-05", {"date_is_report": True}),
    )
    assert not_new.estimate(data, ALL, before=2006) == 4
    assert not_new.estimate(data, ALL, before=2004) == 1
    assert not_new.estimate(data, ALL, before=2006, exclude_report_dates=True) == 3
    assert not_new.estimate(data, ALL.replace(drop_countries=("PER",)), before=2006) == 3


def test_earlier_years_count_whatever_the_window_starts_with_but_not_later_ones_than_its_end(made):
    data = made(("PER", "1983-01-01", "1983-12-31", {}), ("BRA", "2003-01-01", "2003-12-31", {}))
    assert not_new.estimate(data, ALL.replace(window_start=2005), before=2006) == 2
    assert not_new.estimate(data, ALL.replace(window_start=1980, window_end=2002), before=2006) == 1


def test_the_test_is_the_exact_binomial_against_five_countries(tables):
    finding = not_new.test(tables, ALL, seed=1, before=2006)
    k = int(finding.estimate)
    assert finding.p == pytest.approx(stats.binom.sf(k - 1, 33, 5 / 33))
    assert finding.low == pytest.approx(33 * stats.beta.ppf(0.05, k, 33 - k + 1))
    assert finding.high == finding.n_countries == 33
    critical = next(c for c in range(34) if stats.binom.sf(c - 1, 33, 5 / 33) <= 0.05)
    assert stats.binom.sf(critical - 1, 33, finding.smallest_detectable / 33) == pytest.approx(
        0.8, abs=0.01
    )
    assert set(finding.conditions) == set(PLAN.must_also_hold)


def test_no_early_engagement_is_an_estimate_of_none(made):
    data = made(("PER", "2010-01-01", "2010-12-31", {}))
    finding = not_new.test(data, ALL, seed=1, before=2006)
    assert finding.estimate == 0 and finding.p == 1


@pytest.mark.parametrize(
    ("selection", "reason"),
    [
        (
            ALL.replace(window_start=2021, window_end=2025),
            "a window from 2021 holds no year before 2006",
        ),
        (
            ALL.replace(window_start=1970, window_end=1971),
            "no local engagement of the selection is dated 1971",
        ),
    ],
)
def test_what_cannot_be_tested_says_why(tables, selection, reason):
    with pytest.raises(NotTestable, match=reason):
        not_new.estimate(tables, selection, before=2006)
    finding = claims.test("not_new", tables, selection)
    assert finding.verdict == "not testable"
    assert set(claims.pictures(finding)) == {"countries", "dyads", "reach", "specifications"}


def test_a_first_date_without_a_lower_bound_does_not_fall_in_a_period():
    found = pd.DataFrame(
        {
            "country": ["PER", "PER", "BRA"],
            "date_start": pd.to_datetime(["2003-01-01", None, "2001-01-01"]),
            "date_end": pd.to_datetime(["2003-12-31", "2010-05-01", "2001-12-31"]),
        }
    )
    firsts = not_new.first_dates(found, ["country"])
    assert firsts["country"].tolist() == ["BRA", "PER"]  # by the last day of the first engagement
    assert firsts["last"].dt.year.tolist() == [2001, 2003]
    assert firsts["first"].isna().tolist() == [False, True]


def test_the_order_of_the_records_and_countries_without_any_change_nothing(tables):
    before = not_new.test(tables, ALL, seed=1, before=2006)
    shuffled = tables.replace(engagements=tables.engagements.sample(frac=1, random_state=3))
    after = not_new.test(shuffled, ALL, seed=1, before=2006)
    assert after.to_dict() == before.to_dict()
    pd.testing.assert_frame_equal(after.detail["dyads"], before.detail["dyads"])
    early = before.detail["countries"]
    without = sorted(set(before.detail["names"].index) - set(early["country"]))[0]
    assert (
        not_new.estimate(tables, ALL.replace(drop_countries=(without,)), before=2006)
        == before.estimate
    )


def test_the_pictures_say_what_was_counted(tables):
    finding = claims.test(
        "not_new", tables, ALL.replace(drop_countries=("BRA",), collection="protocol")
    )
    pictures = claims.pictures(finding)
    n = int((pictures["countries"].data["last"].str[:4].astype(float) < 2006).sum())
    assert n == finding.estimate
    assert len(pictures["countries"].data) == 32
    assert f"{n} of 32 countries" in pictures["countries"].figure.texts[0].get_text()
    assert (
        pictures["reach"].data.query("year == 2005 and group == 'countries'")["number"].item() == n
    )
