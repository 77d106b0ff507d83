import pandas as pd
import pytest
from scipy.stats import binomtest

from lac_analysis import claims
from lac_analysis.claims import plan, platforms
from lac_analysis.claims.finding import NotTestable
from lac_analysis.errors import InputError
from lac_analysis.panel import Selection

PLAN = plan.load()["platforms"]
PRIMARY = PLAN.selection()
OPTIONS = {"months": 24, "platform_definition": "event"}
BEFORE, AFTER = ("2009-03", "2009-03"), ("2011-03", "2011-03")  # around an event in May 2010


def of(tables, rows):
    """Tables whose engagements are (place, activity, first month, last month[, at a platform])."""
    table = pd.DataFrame(
        [row[:4] for row in rows], columns=["place_id", "activity", "from", "to"], dtype="str"
    )
    at_platform = [row[4] if len(row) > 4 else row[1] == "platform_event" for row in rows]
    table = table.assign(
        date_start=pd.to_datetime(table["from"]), date_end=pd.to_datetime(table["to"]) + pd.offsets.MonthEnd(),
        is_platform_event=at_platform, country="ARG", level="municipal", planned=False, actor_type="party",
        in_protocol=True, in_country_queries=True,
        confidence=pd.Categorical(["high"] * len(rows), ["low", "medium", "high"], ordered=True),
    )  # fmt: skip
    return tables.replace(engagements=table)


def event(place, month="2010-05", until=None):
    return place, "platform_event", month, until or month


def places(tables, rows, selection=PRIMARY, **changes):
    """Engagements before and after at each place that is a unit of the test."""
    table = platforms.test(of(tables, rows), selection, seed=1, **OPTIONS | changes).detail[
        "places"
    ]
    return {row.place: (row.before, row.after) for row in table.itertuples()}


def some(after_only, before_only, both):
    """Rows of that many places with donations on one side of a platform event, or on both."""
    sides = [(AFTER,)] * after_only + [(BEFORE,)] * before_only + [(BEFORE, AFTER)] * both
    rows = [event(f"P{i}") for i in range(len(sides))]
    return rows + [
        (f"P{i}", "donation_other", *span) for i, side in enumerate(sides) for span in side
    ]


def test_discordant_places_decide(tables):
    data = of(tables, some(after_only=9, before_only=3, both=2))
    finding = platforms.test(data, PRIMARY, seed=1, **OPTIONS)
    assert finding.estimate == platforms.estimate(data, PRIMARY, **OPTIONS) == 3
    assert finding.p == pytest.approx(binomtest(9, 12).pvalue)
    assert finding.low < 3 < finding.high
    assert (finding.n_places, finding.n_engagements) == (14, 14 + 16)
    assert finding.smallest_detectable > 1
    assert set(finding.conditions) == set(PLAN.must_also_hold)


@pytest.mark.parametrize(
    ("span", "counted"),
    [
        (("2010-05", "2010-05"), (0, 0)),  # the event's own month
        (("2010-06", "2010-06"), (0, 1)),
        (("2012-05", "2012-05"), (0, 1)),
        (("2012-06", "2012-06"), (0, 0)),
        (("2010-04", "2010-04"), (1, 0)),
        (("2008-05", "2008-05"), (1, 0)),
        (("2008-04", "2008-04"), (0, 0)),
        (("2009-01", "2009-12"), (1, 0)),  # a bare year is certain where all of it lies on one side
        (("2010-01", "2010-12"), (0, 0)),
        (("2008-01", "2008-12"), (0, 0)),
        (("2011-01", "2011-12"), (0, 1)),
    ],
)
def test_engagements_count_where_their_date_is_certain(tables, span, counted):
    assert places(tables, [event("A"), ("A", "donation_other", *span)]) == {"A": counted}


def test_months_set_the_reach(tables):
    rows = [event("A"), ("A", "donation_other", "2011-06", "2011-06")]
    assert places(tables, rows, months=12) == {"A": (0, 0)}
    assert places(tables, rows, months=13) == {"A": (0, 1)}


def test_engagements_of_other_places_do_not_count(tables):
    assert places(tables, [event("A"), ("B", "donation_other", *AFTER)]) == {"A": (0, 0)}


def test_the_unit_is_the_first_event_in_the_window_whose_month_is_known(tables):
    rows = [
        event("A", "1999-12"), event("A", "2005-01", "2005-12"), event("A", "2012-01"), event("A", "2013-01"),
        event("B", "2005-01", "2005-12"),
    ]  # fmt: skip
    finding = platforms.test(of(tables, rows), PRIMARY, seed=1, **OPTIONS)
    assert finding.detail["places"]["month"].tolist() == ["2012-01"]
    assert places(tables, rows) == {"A": (0, 1)}  # a later platform event is an engagement, too


@pytest.mark.parametrize(("month", "kept"), [("2023-12", True), ("2024-01", False)])
def test_an_event_is_censored_when_its_months_run_past_2025(tables, month, kept):
    late = PRIMARY.replace(window_start=2021, window_end=2025)
    rows = [event("A", month), event("B", "2022-01")]
    assert ("A" in places(tables, rows, late)) == kept


def test_engagements_outside_the_window_count(tables):
    rows = [event("A", "2020-12"), ("A", "donation_other", "2022-12", "2022-12")]
    assert places(tables, rows) == {"A": (0, 1)}


def test_a_visit_to_a_named_platform_counts_by_the_wider_definition(tables):
    rows = [("A", "visit_to_china", "2010-05", "2010-05", True), event("B")]
    assert set(places(tables, rows)) == {"B"}
    assert set(places(tables, rows, platform_definition="named_or_event")) == {"A", "B"}


@pytest.mark.parametrize(("donation", "holds"), [("2011-01", False), ("2009-01", True)])
def test_the_ratio_must_reach_that_around_other_engagements(tables, donation, holds):
    rows = some(after_only=6, before_only=6, both=0)
    rows += [
        ("Y", "visit_to_lac", "2010-01", "2010-01"),
        ("Y", "donation_other", donation, donation),
    ]
    finding = platforms.test(of(tables, rows), PRIMARY, seed=1, **OPTIONS)
    assert finding.estimate == 1
    assert finding.conditions == {"beyond_other_events": holds}


def test_too_few_discordant_places_are_not_testable_but_shown(tables):
    data = of(tables, some(after_only=8, before_only=1, both=5))
    finding = claims.test("platforms", data, PRIMARY, **OPTIONS)
    assert finding.verdict == "not testable" and finding.estimate is None and finding.p is None
    assert "9 of 14 places" in finding.not_testable
    assert len(finding.detail["places"]) == 14
    with pytest.raises(NotTestable, match="9 of 14 places"):
        platforms.estimate(data, PRIMARY, **OPTIONS)


def test_no_event_at_all_is_not_testable(tables):
    with pytest.raises(NotTestable, match="no place has a platform event"):
        platforms.test(tables, Selection(1970, 1971), seed=1, **OPTIONS)
    with pytest.raises(NotTestable):
        platforms.estimate(tables, Selection(1970, 1971), **OPTIONS)


def test_order_of_the_engagements_does_not_matter(tables):
    shuffled = tables.replace(engagements=tables.engagements.sample(frac=1, random_state=1))
    found, again = (platforms.test(data, PRIMARY, seed=1, **OPTIONS) for data in (tables, shuffled))
    pd.testing.assert_frame_equal(found.detail["places"], again.detail["places"])
    assert found == again


def test_dropping_a_country_without_events_keeps_the_units(tables):
    found = platforms.test(tables, PRIMARY, seed=1, **OPTIONS).detail["places"]
    absent = sorted(set(tables.countries["iso3"]) - set(found["country"]))
    again = platforms.test(
        tables, PRIMARY.replace(drop_countries=absent), seed=1, **OPTIONS
    ).detail["places"]
    pd.testing.assert_frame_equal(found, again)


@pytest.mark.parametrize("months", [1, 3, 12, 24, 35])
def test_quarters_divide_the_months_on_both_sides(months):
    spans = platforms.spans(months)
    held = [month for first, last in spans.values() for month in range(first, last + 1)]
    assert held == [*range(-months, 0), *range(1, months + 1)]
    assert list(spans) == sorted(spans)


def test_wrong_options_are_refused(tables):
    with pytest.raises(InputError, match="months"):
        platforms.estimate(tables, PRIMARY, months=0, platform_definition="event")
    with pytest.raises(InputError, match="platform_definition"):
        platforms.test(tables, PRIMARY, seed=1, months=24, platform_definition="forum")
