"""Dates of records: what the real texts mean, and what no input may do."""

import datetime

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lac_analysis import config
from lac_analysis.records import dates

DAYS = st.dates(datetime.date(1970, 1, 1), datetime.date(2026, 11, 30))
NO_BOUNDS = pd.DataFrame({"record_id": [], "not_before": [], "not_after": []}, dtype="str")


@pytest.fixture(scope="module")
def records():
    return pd.read_csv(config.RAW / "engagements.csv", dtype=str, keep_default_na=False)


@pytest.fixture(scope="module")
def bounds():
    return pd.read_csv(config.RAW / "date_bounds.csv", dtype=str, keep_default_na=False)


@pytest.fixture(scope="module")
def real(records, bounds):
    return dates.parse(records, bounds).set_axis(records["record_id"])


def one(date_iso, date_text="", **bound):
    record = pd.DataFrame(
        {
            "record_id": ["X-1"],
            "date_text": [date_text],
            "date_iso": [date_iso],
            "date_source_url": [""],
        }
    )
    bounds = (
        pd.DataFrame({"record_id": ["X-1"], "not_before": "", "not_after": ""} | bound)
        if bound
        else NO_BOUNDS
    )
    return dates.parse(record, bounds).iloc[0]


def interval(row):
    return [
        None if pd.isna(day) else str(day.date()) for day in (row["date_start"], row["date_end"])
    ]


@pytest.mark.parametrize(
    ("record_id", "expected", "precision"),
    [
        ("A-0003", ["2018-01-31", "2018-01-31"], "day"),  # January 31, 2018
        (
            "E-0054",
            ["2019-05-01", "2019-05-31"],
            "month",
        ),  # 4月28日至5月8日 (2019), read as 2019-05
        ("F-0081", ["2017-01-01", "2017-12-31"], "year"),  # since 2017
        ("C-0090", ["1996-01-01", "1997-12-31"], "interval"),  # bounds 1996 and 1997
        ("A-0083", [None, "2015-03-03"], "interval"),  # bounded from above only
        ("F-0031", ["2025-10-01", None], "interval"),  # bounded from below only
        ("A-0001", [None, None], "unknown"),  # February 24, no year
    ],
)
def test_intervals_of_real_records(real, record_id, expected, precision):
    assert interval(real.loc[record_id]) == expected
    assert real.loc[record_id, "date_precision"] == precision


def test_real_counts(real, records, bounds):
    counts = real["date_precision"].value_counts()
    assert counts["unknown"] + counts["interval"] == (records["date_iso"] == "").sum()
    assert counts["interval"] == real["date_bounded"].sum() == len(bounds)
    assert real["date_from_other_page"].sum() == 82
    assert real["date_precision"].max() == "day"


# read one by one; each line is a way in which coders wrote it
@pytest.mark.parametrize(
    ("is_report", "record_ids"),
    [
        (
            True,
            "A-0046 C-0085 D-0075 F-0102 G-0013 A-0037 D-0058 G-0012 E-0135 J-0044",
        ),  # '.. (report date)'
        (True, "B-0081 J-0007 L-0006"),  # '[page ..]'
        (True, "B-0137 E-0127 E-0089 C-0056 D-0042"),  # 'recently (..)'
        (
            True,
            "D-0027 G-0003 G-0020",
        ),  # '.. (page), "yesterday"', '.. (2017; 报道)', '2024-08 (nota ..)'
        (
            False,
            "A-0066 G-0022 B-0043 C-0064",
        ),  # 'Tuesday (report of ..)': the event's day, from its report
        (False, "D-0051 C-0045"),  # 'November 8 (page ..)': the year from the page
        (
            False,
            "D-0018 G-0050 A-0063 C-0060 C-0051 A-0003",
        ),  # a stated date, with or without its page
    ],
)
def test_report_dates_are_told_from_event_dates(real, is_report, record_ids):
    assert (real.loc[record_ids.split(), "date_is_report"] == is_report).all()


@pytest.mark.parametrize(
    ("inferred", "record_ids"),
    [
        (True, "B-0008 E-0085"),  # 'March [2024]', 'April (2021)'
        (True, "E-0001 A-0066 D-0016"),  # 'This Monday (article ..)', '2022-08-30, "yesterday"'
        (True, "A-0050 A-0017 B-0081"),  # '10. Mai', '10º aniversario ..', '[page ..]'
        (False, "A-0003 F-0149"),  # a date and no more
        (False, "A-0046 A-0063 F-0018 G-0019 E-0142"),  # a date with a remark
    ],
)
def test_inferred_dates(real, inferred, record_ids):
    assert (real.loc[record_ids.split(), "date_inferred"] == inferred).all()


def test_an_undated_record_is_neither_inferred_nor_a_report(real):
    undated = real[real["date_precision"] <= "interval"]
    assert not undated[["date_inferred", "date_is_report"]].to_numpy().any()


def test_report_date_invents_no_start():
    row = one("2015-12", "2015/12 (report date)")
    assert interval(row) == ["2015-12-01", "2015-12-31"]
    assert row["date_is_report"]


def test_bounds_narrow_a_date():
    row = one("2021", not_before=["2021-03"], not_after=["2021-08-05"])
    assert interval(row) == ["2021-03-01", "2021-08-05"]
    assert (row["date_precision"], row["date_bounded"]) == ("year", True)
    assert not one("2021-05", not_before=["2021"])["date_bounded"]  # a looser bound narrows nothing


def test_bound_replaces_a_date_that_is_too_late():
    row = one("2024-05", "2024/05 (report date)", not_after=["2010"])
    assert interval(row) == [None, "2010-12-31"]
    assert (row["date_precision"], row["date_is_report"]) == ("interval", False)


def test_brackets_of_a_chinese_keyboard_are_brackets():
    for said in ("3 April 2015（report date）", "2015年4月3日（报道）"):
        assert one("2015-04-03", said)["date_is_report"]
    for said in ("［2015］", "【2015】"):
        assert one("2015", said)["date_inferred"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2018-02-30", "exists"),
        ("2018-13", "exists"),
        ("20O5", "YYYY"),
        ("5 May 2005", "YYYY"),
        ("2005-5", "YYYY"),
        ("２００５", "YYYY"),
        ("1969", "1970"),
        ("2027", "2026-11-30"),
        ("2026-12", "2026-11-30"),
    ],
)
def test_unusable_dates(text, expected):
    assert expected in dates.fault(text)


def test_year(real):
    years = dates.year(real)
    assert years["A-0003"] == 2018
    assert years[["C-0090", "A-0083", "A-0001"]].isna().all()
    assert years.notna().sum() == (real["date_precision"] >= "year").sum()
    assert years.dtype == "Int64"


def test_row_order_and_unused_bounds_change_nothing(records, bounds, real):
    shuffled = records.sample(frac=0.5, random_state=1)
    parsed = dates.parse(shuffled, bounds.iloc[::-1]).set_axis(shuffled["record_id"])
    pd.testing.assert_frame_equal(parsed, real.loc[shuffled["record_id"]])


@given(DAYS, st.sampled_from([4, 7, 10]))
def test_interval_is_exactly_the_stated_unit(day, length):
    text = day.isoformat()[:length]
    start, end = dates.span(text)
    days = np.arange(start, end + 1).astype(str)
    assert day.isoformat() in days
    assert all(name.startswith(text) for name in days)
    assert not str(start - 1).startswith(text) and not str(end + 1).startswith(text)


@settings(max_examples=40, deadline=None)
@given(DAYS, DAYS, st.sampled_from([4, 7, 10]))
def test_bounds_never_widen_an_interval(day, limit, length):
    text, limit = day.isoformat()[:length], limit.isoformat()
    plain = one(text)
    if limit >= str(plain["date_start"].date()):
        narrowed = one(text, not_after=[limit])
        assert (
            plain["date_start"]
            == narrowed["date_start"]
            <= narrowed["date_end"]
            <= plain["date_end"]
        )


@given(st.from_regex(r"(19|20)[0-9]{2}(-[0-9]{2}){0,2}", fullmatch=True))
def test_a_date_is_usable_exactly_if_the_calendar_has_it(text):
    try:
        first = datetime.date.fromisoformat((text + "-01-01")[:10])
    except ValueError:
        assert dates.fault(text)
    else:
        assert (dates.fault(text) is None) == (
            datetime.date(1970, 1, 1) <= first <= datetime.date(2026, 11, 30)
        )


def test_bounds_of_one_day_are_no_reversed_ones_and_the_ends_of_a_date_narrow_nothing():
    records = pd.DataFrame(
        {
            "record_id": ["a", "b"],
            "date_text": ["2018", ""],
            "date_iso": ["2018", ""],
            "date_source_url": "",
        }
    )
    bounds = pd.DataFrame(
        {
            "record_id": ["a", "b"],
            "not_before": ["2018-01-01", "2015-05-05"],
            "not_after": ["2018-12-31", "2015-05-05"],
        }
    )
    found = dates.parse(records, bounds)
    assert found["date_bounded"].tolist() == [False, True]
    assert found["date_start"].iloc[1] == found["date_end"].iloc[1] == pd.Timestamp("2015-05-05")


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("2019", "2019"), ("", "2019"), ("2019年", "2019"), ("2019年5月", "2019-05"),
        ("2019.5.3", "2019-05-03"), ("2019年5月3日", "2019-05"), ("2018-2019", "2019"),
        ("2018-19", "2019"), ("2019-05-03", "2019-05-03"), ("May 5, 2019", "2019-05"),
        ("5 de maio de 2019", "2019-05-05"), ("1º de maio de 2019", "2019-05-01"),
        ("3-5 May 2019", "2019-05-03"), ('2022-08-30, "yesterday"', "2022-08-29"),
        ("Tuesday (20 August 2021)", "2021-08-17"), ("03/05/2019", "2019-05-03"),
        ("05/03/2019", "2019-05-03"), ("31/12/2019", "2019-12"), ("May 2019", "2019-05-03"),
        ('8 May 2019 (left "yesterday")', "2019-05-07"), ("May 4, 2019 (yesterday)", "2019-05-03"),
        ("4 de mayo de 2019 (ayer)", "2019-05-03"), ("4 May 2019 (the day before)", "2019-05-03"),
        ("[December 2019], page of 2 January 2020", "2019-12"),
        ('2 January 2020 (report date), "last month"', "2019-12"),
        ("2020年1月2日报道，上月", "2019-12"), ("el año pasado [nota de 2020]", "2019"),
        ("Week 12 2019", "2019-03-20"), ("Semana 12 de 2019", "2019-03-20"),
        ("Round 2, 2019", "2019-05-17"), ("2nd Forum (May 2019)", "2019-05-17"),
        ("season 2018/19", "2019"), ("3.5.2019", "2019-05-03"), ("3/5/19", "2019-05-03"),
        ("20190503", "2019-05-03"), ("2019/05/03 10:00", "2019-05-03"),
        ("[30th anniversary in 2023]", "1993"), ("three years after 2016", "2019"),
        ("hace 10 años (2009), page of 2019", "2009"), ("Agenda 2030 forum, May 3", "2019-05-03"),
        ("February 24-25, 2023", "2023-02-25"), ("7月17日至19日 (2018)", "2018-07-18"),
        ("Wednesday to Friday [16-18 October 2024]", "2024-10-17"),
        ("two days ago [5 May 2019]", "2019-05-03"),
        ("anteayer [5 de mayo de 2019]", "2019-05-03"),
        ("hace dos días [5 de mayo de 2019]", "2019-05-03"),
        ("前天 [2019-05-05]", "2019-05-03"),
        ("tomorrow (5 May 2019)", "2019-05-06"),
        ("este fin de semana [nota del 6 de mayo de 2019]", "2019-05-04"),
        ("le 14 juillet 2018", "2018-07-14"),
        ("14 jiyè 2018", "2018-07-14"),
        ("1er mars 2019", "2019-03-01"),
        ("Q3 2018", "2018-07"),
        ("first half of 2018", "2018-05"),
        ("early November 2023", "2023-11"),
        ("05/2019", "2019-05"),
        ("05may2019", "2019-05-05"),
        ("late 2019", "2019-12-05"),
        ("mediados del año 2019", "2019-06-28"),
        ("2019年中秋节", "2019-09-13"),
        ("early in the year [20 February 2013]", "2013-02-20"),
        ("[2019-12]", ""),
        ("antes de agosto de 2014", ""),
        ("between August 28 and September 2 [2016]", "2016-09-02"),
        ("3 al 5 de junio y 12 de julio de 2015", "2015-06-04"),
        ("el miércoles [2 de marzo de 2018]", "2018-02-28"),
        ("Monday (page of 2 January 2019)", "2018-12-31"),
        ("1ro de mayo de 2018", "2018-05-01"),
        ("10:00, 31 January 2018", "2018-01-31"), ("Wed Jan 31 00:00:00 2018", "2018-01-31"),
        ("31 January 2018 (Wednesday) 10 00", "2018-01-31"), ("Jan 31, 10:00", "2018-01-31"),
        ("2018-01-31T15:30:00", "2018-01-31"), ("31/01/2018 9:05", "2018-01-31"),
        *((f"26 {to} 28 {of}2016", "2016-09-27") for to, of in
          [("through", "September "), ("thru", "September "), ("till", "September "),
           ("or", "September "), ("ou", "de setembro de "), ("au", "septembre "),
           ("et", "septembre ")]),
        ("2018H1", "2018-03"), ("1S2018", "2018-03"), ("2018–2019", "2019"), ("2018–19", "2019"),
        ("二〇一五年十二月二十五日", "2015-12-25"), ("二〇一五年十月十日", "2015-10-10"),
        ("2015 年底", "2015-11"), ("2015年年中", "2015-06"), ("Juli 2015", "2015-07"),
        ("segunda metade de 2015", "2015-09"), ("05032015", "2015-03-05"),
        ("1º/05/2018", "2018-05-01"), ("二零一八年元月三日", "2018-01-03"),
        ("1º semestre 2018", "2018-06"), ("III trimestre de 2018", "2018-08"),
        ("3 del 5 de 2018", "2018-05-03"), ("2018_05_03", "2018-05-03"),
        ("mayo 3/2018", "2018-05-03"), ("май 2018", "2018-05"),
        ("3–5–2018", "2018-05-03"), ("12–14 May 2018", "2018-05-13"),
    ],
)  # fmt: skip
def test_a_date_that_a_text_may_mean_agrees(text, iso):
    assert dates.agrees(text, iso)


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("2019", "2019-05-25"), ("2019年5月3日", "2019-02"), ("2018 (2019)", "2017"),
        ("31/12/2019", "2019-11-13"), ("2019-12-13 (report date)", "2019-11-13"),
        ("Sunday, November 4, 2018", "2018-11-11"), ("9月28日 (2016)", "2016-09-18"),
        ("9月28日 (2016)", "2016-08-28"), ("August 5 [2022]", "2022-08-15"),
        ("domingo 12 de mayo [2024]", "2024-05-02"), ("Tuesday [30 April 2019]", "2019-04-03"),
        ("este martes [2015-05-05]", "2015-05-15"), ("este día [2019-09-20]", "2018-09-20"),
        ("February 24-25, 2023", "2023-02-14"), ("Quarta-feira (23/09/15)", "2015-09-13"),
        ("Wednesday to Friday [16-18 October 2024]", "2024-10-06"), ("May 28 (2010)", "2009-05-28"),
        ("6月2日 [2022]", "2020-06-02"), ("Friday [21 September 2018]", "2018-09-03"),
        ("2023年5月1日晚", "2023-02-10"), ("15日 [December 2022]", "2022-12-16"),
        ("May 4, 2019 (yesterday)", "2019-05-23"), ("last year (page of 2019-05-04)", "2016"),
        ("le 14 juillet 2018", "2018-06-14"),
        ("12 janvye 2018", "2018-03-12"),
        ("14 mrt 2018", "2018-05-14"),
        ("between August 28 and September 2 [2016]", "2016-09-28"),
        ("3 al 5 de junio y 12 de julio de 2015", "2015-07-03"),
        ("décembre 2018", "2018-11"),
        ("1er mars 2019", "2019-05-01"),
        ("Q3 2018", "2018-02"),
        ("segundo semestre de 2018", "2018-03"),
        ("early November 2023", "2023-11-28"),
        ("06/2015", "2015-07"),
        ("06/2015", "2015-06-11"),
        ("6-2015", "2016-06"),
        ("05jun2015", "2015-06-07"),
        ("a fines del año 2015", "2015-02"),
        ("2015年底", "2015-03"),
        ("2015年年底", "2015-03"),
        ("2015 年初", "2015-09"),
        ("2015年岁末", "2015-03"),
        ("2015年后半年", "2015-02"),
        ("primera mitad de 2015", "2015-10"),
        ("Navidad 2015", "2015-03"),
        ("Chinese New Year 2015", "2015-09"),
        ("2015年三月", "2015-09"),
        ("2015年十二月", "2015-02"),
        ("二〇一五年三月", "2016-03"),
        ("二〇一五年十二月二十五日", "2015-12-24"),
        ("Dezember 2015", "2015-03"),
        ("augustus 2015", "2015-03"),
        ("05032015", "2015-03-06"),
        ("1º/05/2018", "2018-06-01"),
        ("1er/05/2018", "2018-06-01"),
        ("二○一八年五月三日", "2019-05-03"),
        ("二零一八年", "2019"),
        ("2018年元月3日", "2018-06-03"),
        ("mayo 3/2018", "2018-05-09"),
        ("3 maggio 2018", "2018-06-03"),
        ("3 мая 2018 г.", "2018-06-03"),
        ("2º trimestre de 2018", "2018-09"),
        ("II trimestre 2018", "2018-09"),
        ("1er semestre 2018", "2018-09"),
        ("1° semestre de 2018", "2018-09"),
        ("2do semestre de 2018", "2018-02"),
        ("première moitié de 2018", "2018-10"),
        ("3 del 5 de 2018", "2018-06-03"),
        ("2018_05_03", "2018-06-03"),
        ("early 2015", "2015-11"),
        ("2019年春节", "2019-09"),
        ("2019年秋", "2019-02"),
        ("finales de marzo de 2019", "2019-03-04"),
        ("2019年5月下旬", "2019-05-03"),
        ("October 2009", ""),
        ("Wednesday, 2 January 2019", "2018-12-26"),
        ("jueves 1 de marzo de 2018", "2018-02-22"),
        ("星期三 (2018年2月28日)", "2018-03-07"),
        ("1ro de mayo de 2018", "2018-05-02"),
        ("15:30 31 January 2018", "2018-01-15"), ("Jan 31 15:30 2018", "2018-01-30"),
        ("2018-01-31T15:30:00", "2018-01-15"), ("10 00, 31 January 2018", "2018-02-03"),
        ("26 through 28 September 2016", "2016-09-29"),
        ("2018H1", "2018-09"), ("2018Q1", "2018-09"), ("1S2018", "2018-09"),
        ("2018–05–03", "2018-06-03"), ("2018−05−03", "2018-06-03"), ("3–5–2018", "2018-06-07"),
    ],
)  # fmt: skip
def test_a_date_that_a_text_does_not_tell_disagrees(text, iso):
    assert not dates.agrees(text, iso)


def test_a_year_or_day_three_off_agrees_with_few_texts(records):
    """Of the texts that tell them."""
    dated = records[records["date_iso"] != ""]
    pairs = list(zip(dated["date_text"], dated["date_iso"], strict=True))
    years = [(text, f"{int(iso[:4]) - 3}{iso[4:]}") for text, iso in pairs if iso[:4] in text]
    wrong = [(text, iso) for text, iso in years if iso[:4] not in text and "-02-29" not in iso]
    assert sum(dates.agrees(*pair) for pair in wrong) <= 5 < 2_000 < len(wrong)
    full = [(text, iso) for text, iso in pairs if len(iso) == 10 and iso[8:].lstrip("0") in text]
    moved = [(text, f"{iso[:8]}{(int(iso[8:]) + 13) % 28 + 1:02}") for text, iso in full]
    assert sum(dates.agrees(*pair) for pair in moved) < len(moved) / 10


def test_a_range_with_a_dash_after_a_year_tells_no_month_of_figures():
    assert not dates.agrees("28 May 2018 - 3 June 2018", "2018-03")
    assert dates.agrees("28 May 2018 - 3 June 2018", "2018-06")
    assert dates.agrees("2018-03", "2018-03") and dates.agrees("2018 / 03", "2018-03")


def test_a_text_that_is_too_long_for_a_date_is_not_compared():
    assert dates.agrees("1/1/" * 20_000, "2015-05")
    assert not dates.agrees("1/1/2016", "2015-05")
