from dataclasses import replace
from itertools import combinations, product

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lac_analysis import claims
from lac_analysis.claims import NotTestable, plan, twinning, twinning_figures
from lac_analysis.panel import Selection

PLAN = plan.load()["twinning"]
ALL = Selection(collection="all")


@pytest.fixture
def made(tables):
    """Tables with these engagements: (place, Chinese city, activity, first day, last day[, prior
    contact]).
    """

    def make(*rows):
        rows = [(*row, None)[:6] for row in rows]
        place, city, activity, start, end, prior = (
            list(column) for column in zip(*rows, strict=True)
        )
        table = tables.engagements.head(len(rows)).reset_index(drop=True)
        start, end = (
            pd.to_datetime(pd.Series([d or None for d in c])).astype("datetime64[us]")
            for c in (start, end)
        )
        table = table.assign(
            engagement_id=[f"E:{i:03d}" for i in range(len(rows))],
            country="ARG",
            level=pd.Categorical(["municipal"] * len(rows), dtype=table["level"].dtype),
            planned=False,
            confidence=pd.Categorical(["high"] * len(rows), dtype=table["confidence"].dtype),
            place_id=pd.Series([f"AR-B/{name}" if name else None for name in place], dtype="str"),
            china_admin1=pd.Series(["CN-SC" if name else None for name in city], dtype="str"),
            china_city=pd.Series([name or None for name in city], dtype="str"),
            activity=activity,
            activity_family=["projects" if "project" in name else "other" for name in activity],
            date_start=start,
            date_end=end,
            year=start.dt.year.where(start.dt.year == end.dt.year).astype("Int64"),
            prior_contact=pd.array(prior, dtype="boolean"),
        )
        return replace(tables, engagements=table)

    return make


def year(y):
    return f"{y}-01-01", f"{y}-12-31"


def known(data, memoranda="exclude", selection=ALL):
    return twinning.knowledge(twinning.events(data, selection), memoranda).tolist()


def test_what_counts_as_earlier_engagement(made):
    data = made(
        ("A", "", "visit_to_lac", *year(2005)),
        ("A", "Chengdu", "twinning", *year(2010)),  # follows the visit
        ("B", "Chengdu", "twinning", *year(2008)),
        ("B", "", "visit_to_lac", *year(2012)),  # is later
        ("C", "Chengdu", "friendship_memorandum", *year(2009)),
        ("C", "Chengdu", "twinning", *year(2010)),  # its own memorandum
        ("D", "Chengdu", "twinning", *year(2010), True),  # the record says so
        ("E", "Chengdu", "twinning", "", ""),
    )
    assert known(data) == ["record", "silent", "silent", "source", "silent"]
    assert twinning.estimate(data, ALL, memoranda="exclude") == 2 / 5
    assert known(data, "include")[2] == "record"
    assert twinning.estimate(data, ALL, memoranda="include") == 3 / 5


def test_the_memorandum_and_the_twinning_of_another_pair_are_earlier_engagement(made):
    data = made(
        ("A", "Dujiangyan", "friendship_memorandum", *year(2005)),
        ("A", "Chengdu", "twinning", *year(2010)),
        ("B", "Mianyang", "twinning", *year(2003)),
        ("B", "Chengdu", "twinning", *year(2010)),
    )
    assert known(data) == ["record", "silent", "record"]


def test_dates_that_overlap_leave_the_order_open_and_certain_records_outweigh_first_contact(made):
    data = made(
        ("A", "", "visit_to_lac", "2010-05-01", "2010-05-31"),
        ("A", "Chengdu", "twinning", *year(2010)),
        ("B", "", "visit_to_lac", "", "2008-01-01"),
        ("B", "Chengdu", "twinning", *year(2010), False),
        ("C", "Chengdu", "twinning", *year(2010), False),
        ("D", "", "visit_to_lac", "2012-01-01", ""),
        ("D", "Chengdu", "twinning", *year(2010)),
    )
    assert known(data) == ["possible", "record", "first", "silent"]


def test_a_pair_counts_once_by_its_first_twinning_and_only_if_that_may_lie_in_the_window(made):
    data = made(
        ("A", "Chengdu", "twinning", *year(2004)),
        ("A", "Chengdu", "twinning", *year(2010)),  # a renewal
        ("B", "Chengdu", "twinning", *year(1996)),
        ("B", "Chengdu", "twinning", *year(2012)),  # a renewal of an older one
        ("C", "Chengdu", "twinning", "1996-01-01", "2020-12-31"),  # may lie in it
        ("D", "Chengdu", "twinning", *year(2021)),
        ("E", "", "twinning", *year(2010)),  # unknown partners are pairs of their own
        ("E", "", "twinning", *year(2012)),
        ("", "Chengdu", "twinning", *year(2010)),  # and so are unknown places, which follow nothing
        ("", "Chengdu", "visit_to_lac", *year(2001)),
    )
    found = twinning.events(data, ALL)
    assert found.table["engagement_id"][found.unit].tolist() == [
        "E:000",
        "E:004",
        "E:006",
        "E:007",
        "E:008",
    ]
    assert known(data) == ["silent", "silent", "silent", "record", "silent"]


def test_events_before_the_window_precede_but_could_not_have_been_the_twinning(made):
    later = [("A", "Chengdu", "twinning", *year(2005)), ("A", "", "visit_to_lac", *year(2008))]
    order = twinning.order_within_places(twinning.events(made(*later), ALL), "exclude")
    assert (order.share, order.expected, order.focal) == (0, 0.5, 1)
    data = made(("A", "", "visit_to_lac", *year(1995)), *later)
    order = twinning.order_within_places(twinning.events(data, ALL), "exclude")
    assert (order.share, order.expected, order.p) == (1, 1, 1)
    own = made(("A", "Chengdu", "friendship_memorandum", *year(2003)), *later)
    assert twinning.order_within_places(twinning.events(own, ALL), "exclude").expected == 0.5
    assert twinning.order_within_places(
        twinning.events(own, ALL), "include"
    ).expected == pytest.approx(2 / 3)


@st.composite
def found(draw):
    n = draw(st.integers(2, 8))
    place = np.array(draw(st.lists(st.integers(0, 2), min_size=n, max_size=n)))
    start = np.array(draw(st.lists(st.integers(0, 8), min_size=n, max_size=n)))
    unit = np.array(draw(st.lists(st.booleans(), min_size=n, max_size=n).filter(any)))
    none, every = np.zeros(n, dtype=bool), np.ones(n, dtype=bool)
    end = start + np.array(draw(st.lists(st.integers(0, 3), min_size=n, max_size=n)))
    return twinning.Events(
        pd.DataFrame(index=range(n)),
        np.arange(n),
        place,
        np.arange(n),
        start,
        end,
        none,
        unit,
        every,
        none * np.nan,
    )


@given(found())
@settings(max_examples=60, deadline=None)
def test_the_order_test_counts_every_way_to_name_the_twinnings(found):
    n = len(found.place)
    earlier = [
        any(found.place[j] == found.place[i] and found.end[j] < found.start[i] for j in range(n))
        for i in range(n)
    ]
    members = [np.flatnonzero(found.place == p) for p in np.unique(found.place)]
    ways = product(*(combinations(m, int(found.unit[m].sum())) for m in members))
    counts = np.array([sum(earlier[i] for part in way for i in part) for way in ways])
    order = twinning.order_within_places(found, "exclude")
    focal = found.unit.sum()
    assert order.share * focal == pytest.approx(np.array(earlier)[found.unit].sum())
    assert order.expected * focal == pytest.approx(counts.mean())
    assert order.null == pytest.approx(np.bincount(counts, minlength=focal + 1) / len(counts))
    seen = round(order.share * focal)
    tails = order.null[seen:].sum(), order.null[: seen + 1].sum()
    assert order.p == pytest.approx(min(1, 2 * min(tails)))


def test_the_rate_after_against_before_knows_how_long_each_was_observed(made):
    def ratio(*rows):
        found = twinning.events(made(*rows), ALL.replace(window_end=2025))
        return twinning._rate_after_before(found, "exclude").estimate

    before = ("A", "", "visit_to_lac", "2009-03-01", "2009-03-31")
    after = [("A", "", "visit_to_lac", f"{y}-03-01", f"{y}-03-31") for y in (2011, 2012, 2013)]
    long_ago = [("A", "", "visit_to_lac", f"{y}-03-01", f"{y}-03-31") for y in (2001, 2019)]
    one = ("A", "Chengdu", "twinning", "2010-03-01", "2010-03-01")
    assert ratio(one, before, *after, *long_ago) == pytest.approx(3)
    late = (
        "A",
        "Chengdu",
        "twinning",
        "2024-12-31",
        "2024-12-31",
    )  # one year is observed after it, five before
    around = [("A", "", "visit_to_lac", f"{y}-03-01", f"{y}-03-31") for y in (2023, 2025)]
    assert ratio(late, *around) == pytest.approx(1826 / 365)
    assert ratio(one) is None


def test_bounds_on_both_sides_of_the_smallest_effect_are_not_testable_but_drawn(made):
    follows = [("A", "", "visit_to_lac", *year(2005)), ("A", "Chengdu", "twinning", *year(2010))]
    silent = [(place, "Chengdu", "twinning", *year(2010)) for place in "BC"]
    finding = claims.test("twinning", made(*follows, *silent), ALL)
    assert finding.verdict == "not testable"
    assert (
        "unknown for 2 of 3 twinnings" in finding.not_testable
        and "33% to 100%" in finding.not_testable
    )
    assert (
        finding.estimate == pytest.approx(1 / 3)
        and finding.p is not None
        and finding.n_specifications > 0
    )
    pictures = claims.pictures(finding)
    assert pictures["known"].data["twinnings"].sum() == 3
    decided = made(*follows, silent[0])  # one of two: the lower bound is there
    assert twinning.test(decided, ALL, seed=1, memoranda="exclude").not_testable == ""
    first = [(place, "Chengdu", "twinning", *year(2010), False) for place in "BCD"]
    assert (
        twinning.test(made(*follows, *first), ALL, seed=1, memoranda="exclude").not_testable == ""
    )


def test_projects_count_as_later_only_where_they_certainly_are(made):
    data = made(
        ("A", "Chengdu", "twinning", *year(2010)),
        ("A", "", "investment_project", *year(2012)),
        ("B", "Chengdu", "twinning", *year(2010)),
        ("B", "", "investment_project", "2010-05-01", "2010-05-01"),
        ("C", "Chengdu", "twinning", *year(2010)),
        ("C", "", "investment_project", "", ""),
    )
    assert twinning_figures.projects_after(twinning.events(data, ALL)) == (2, 1)


def test_an_empty_selection_names_what_is_missing(made, tables):
    with pytest.raises(NotTestable, match="no twinning in the selection"):
        twinning.estimate(
            made(("A", "Chengdu", "visit_to_lac", *year(2010))), ALL, memoranda="exclude"
        )
    with pytest.raises(NotTestable, match="no twinning in the selection has a date"):
        twinning.test(made(("A", "Chengdu", "twinning", "", "")), ALL, seed=1, memoranda="exclude")
    finding = claims.test("twinning", tables, ALL.replace(window_start=1970, window_end=1971))
    assert finding.verdict == "not testable"
    assert set(claims.pictures(finding)) == {*twinning_figures.PICTURES, *claims.PICTURES}


@pytest.mark.parametrize("window", [(2000, 2020), (2021, 2025)])
def test_the_real_records(tables, window):
    selection = ALL.replace(window_start=window[0], window_end=window[1])
    finding = twinning.test(tables, selection, seed=1, memoranda="exclude")
    found = finding.detail["events"]
    years = found.table["date_start"][found.unit & found.dated].dt.year
    assert years.between(*window).all()
    assert set(finding.conditions) == set(PLAN.must_also_hold)
    assert finding.estimate == twinning.estimate(tables, selection, memoranda="exclude")
    assert finding.low <= finding.estimate <= finding.high
    assert finding.smallest_detectable > finding.null_value
    assert twinning.estimate(tables, selection, memoranda="include") >= finding.estimate


def test_the_order_of_the_records_and_countries_without_twinnings_change_nothing(tables):
    before = twinning.test(tables, ALL, seed=1, memoranda="exclude")
    shuffled = replace(tables, engagements=tables.engagements.sample(frac=1, random_state=3))
    assert twinning.test(shuffled, ALL, seed=1, memoranda="exclude").to_dict() == before.to_dict()
    found = before.detail["events"]
    without = sorted(set(tables.countries["iso3"]) - set(found.table["country"][found.unit]))
    dropped = twinning.test(
        tables, ALL.replace(drop_countries=without), seed=1, memoranda="exclude"
    )
    assert dropped.to_dict() == before.to_dict()
