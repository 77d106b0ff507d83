"""The corpus, cells: one cell of a good table is changed, and the message names its row and column."""

import json

import example
import pytest

import lac_analysis
from lac_analysis import cli
from lac_analysis.sources import own

A_DATE = "a date that exists, YYYY, YYYY-MM or YYYY-MM-DD, 1970 to 2026-11-30"
CODED = ["lac_iso3", "technology", "activity_type", "prior_contact"]
NOTHING = [
    "nan",
    "NaN",
    "NAN",
    "NA",
    "N/A",
    "#N/A",
    "null",
    "NULL",
    "None",
    "-nan",
    "n.d.",
    "-",
    "?",
    "s/d",
    "inf",
]

DATES = [
    "2018-02-30", "2019-02-29", "2018-04-31", "2018-13-01", "2018-00-10", "2018-13", "2018-01-00", "20O5", "2O18-01-31",
    "18", "05", "31/01/18", "31/01/2018", "01-31-2018", "31.1.2018", "Jan 2018", "enero de 2018", "2018年1月",
    "2018/01", "2018-1", "2018-1-31", "20180131", "2018.0", "43131", "2027", "2026-12", "2026-12-01", "9999-12-31",
    "1969-12-31",
    "0001-01-01", "0000", "-2018", "+2018", "12018-01-01", "2018-2019", "2019-2018", "2018-01-31/2018-02-01", "c. 2018",
    "2018-01-31T00:00:00", "2018-01-31 00:00", "2018-W05", "2018-031", "٢٠١٨", "２０１８", "二〇一八",
    "2018\u200b", "2\u200e018",
    "2018–01–31",
    "2018-01-31Z", "=DATE(2018,1,31)", "1e3", "2018-01-31\n2018-02-01", "today", "0x7E2", "2018-01-3l",
]  # fmt: skip


CODES = {
    # countries
    "in lower case": ("lac_iso3", "arg"),
    "of two letters": ("lac_iso3", "AR"),
    "a name": ("lac_iso3", "Argentina"),
    "a number": ("lac_iso3", "032"),
    "of the Olympics": ("lac_iso3", "CHI"),
    "two at once": ("lac_iso3", "ARG;BRA"),
    "a former code": ("lac_iso3", "ANT"),
    "the region": ("lac_iso3", "LAC"),
    "China in lower case": ("lac_iso3", "chn"),
    "a Cyrillic letter": ("lac_iso3", "А" + "RG"),
    "full width": ("lac_iso3", "ＡＲＧ"),
    "a zero-width space within": ("lac_iso3", "A\u200bRG"),
    "a zero-width space behind": ("lac_iso3", "ARG\u200b"),
    "a mark in front": ("lac_iso3", "\ufeffARG"),
    "right to left": ("lac_iso3", "\u202eGRA"),
    "an accent": ("lac_iso3", "\u00c1RG"),
    "a line end within": ("lac_iso3", "A\nRG"),
    "blank": ("lac_iso3", ""),
    # places and actors in China
    "Taiwan is no province of the list": ("china_place", "Taiwan"),
    "a province misspelt": ("china_place", "Guizou"),
    "a province in Chinese": ("china_place", "贵州"),
    "a city for a province": ("china_place", "Shenzhen"),
    "two provinces": ("china_place", "Henan; Hebei"),
    "an actor that is none": ("china_actor_type", "state_owned_enterprise; bank"),
    "an actor of Taiwan": ("china_actor_type", "taiwan_government"),
    "an actor in capitals": ("china_actor_type", "BANK"),
    # other codes
    "a level that is none": ("lac_level", "province"),
    "an activity misspelt": ("activity_type", "twining"),
    "an activity with an accent": ("activity_type", "tw\u00ednning"),
    "an activity with a soft hyphen": ("activity_type", "twin\u00adning"),
    "an activity with a no-break space": ("activity_type", "visit_to\u00a0lac"),
    "an activity in Spanish": ("activity_type", "hermanamiento"),
    "a formula": ("activity_type", '=HYPERLINK("https://example.org","twinning")'),
    "markup": ("activity_type", "<b>twinning</b>"),
    "yes": ("technology", "yes"),
    "two": ("technology", "2"),
    "a half": ("technology", "0.5"),
    "minus one": ("technology", "-1"),
    "TRUE": ("technology", "TRUE"),
    "true of the first contact": ("prior_contact", "true"),
    "a third confidence": ("confidence", "certain"),
    "a confidence in capitals": ("confidence", "HIGH"),
    "a collection of one's own": ("collection", "mine"),
    "a kind of source": ("source_type", "blog"),
    # texts of a form
    "a space in an identifier": ("record_id", "X 1"),
    "a path for an identifier": ("record_id", "../../etc/passwd"),
    "a blank identifier": ("record_id", ""),
    "an identifier in Chinese": ("record_id", "记录1"),
    "an address that is a script": ("source_url", "javascript:alert(1)"),
    "an address of data": ("source_url", "data:text/html,<script>alert(1)</script>"),
    "an address of a file": ("source_url", "file:///etc/passwd"),
    "an address without its scheme": ("source_url", "example.org/a"),
    "an address with a space": ("source_url", "https://example.org/a b"),
    "an address of the date": ("date_source_url", "vbscript:x"),
    "a language by its name": ("source_lang", "spanish"),
    "a language with a country": ("source_lang", "pt-BR"),
    "a query that is none": ("query_id", "A-001"),
    "a blank description": ("description", ""),
    "a description of zero width": ("description", "\u00a0"),
}


CASES = (
    {f"date {value!r}": ("date_iso", value) for value in [*DATES, *NOTHING]}
    | {f"{column} {value!r}": (column, value) for column in CODED for value in NOTHING}
    | CODES
)


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    """What `lac check` says of one table with a row for each case: row number -> problem."""
    folder = tmp_path_factory.mktemp("values")
    good = example.rows()[0]
    records = [
        good | {"record_id": f"X-{i}", column: value}
        for i, (column, value) in enumerate(CASES.values())
    ]
    (folder / "mine.csv").write_text(example.text(records), encoding="utf-8")
    assert cli.main(["check", str(folder / "mine.csv"), "--json", str(folder / "told.json")]) == 2
    problems = json.loads((folder / "told.json").read_text(encoding="utf-8"))["problems"]
    assert len(problems) == len(CASES)
    return {problem["row"]: problem for problem in problems}


@pytest.mark.parametrize("row", range(2, len(CASES) + 2), ids=list(CASES))
def test_a_value_that_is_not_allowed_is_told_by_row_and_column(told, row):
    column, value = list(CASES.values())[row - 2]
    problem = told[row]
    assert (problem["column"], problem["value"]) == (column, value.strip())
    assert problem["problem"] and problem["expected"]
    if column == "date_iso":
        assert problem["problem"] == "unusable date" and problem["expected"] == A_DATE
    if value.strip() in NOTHING:
        assert problem["problem"].startswith("un")


NEAREST = {
    "in lower case": "ARG", "a name": "ARG", "of two letters": "ARG", "a zero-width space within": "ARG",
    "a province misspelt": "Guizhou", "an activity misspelt": "twinning", "an activity in Spanish": "",
    "yes": "1", "TRUE": "1", "a confidence in capitals": "high", "Taiwan is no province of the list": "",
    "date '31/01/2018'": "2018-01-31", "date '05'": "", "date '2018-2019'": "",
    "an address that is a script": "",
}  # fmt: skip


@pytest.mark.parametrize("case", NEAREST)
def test_the_nearest_value_is_offered_where_there_is_one(told, case):
    assert told[list(CASES).index(case) + 2]["nearest"] == NEAREST[case]


RUN = ["date '2018-02-30'", "date '20O5'", "lac_iso3 'NaN'", "a zero-width space within", "right to left",
       "an actor of Taiwan", "a formula", "yes", "an address that is a script", "a path for an identifier",
       "a blank description", "a language by its name"]  # fmt: skip


@pytest.mark.parametrize("case", RUN)
def test_a_run_refuses_it_too(unusable, case):
    column, value = CASES[case]
    unusable(example.text(example.rows({}, {column: value})), f"row 3, column {column}: ")


def test_a_record_twice(unusable):
    repeated = example.text(example.rows({}, {"record_id": "X-1"}))
    unusable(repeated, "row 3, column record_id: repeated value: 'X-1'")


def test_faults_are_counted_and_the_first_is_shown(unusable):
    wrong = example.rows({"lac_iso3": "AGR"}, {"date_iso": "20O5"}, {"technology": "x"})
    unusable(example.text(wrong), "(and 2 more)")


@pytest.mark.parametrize("iso3", ["TWN", "CHN", "USA", "PRI", "GUF", "ESP", "HKG"])
def test_a_country_outside_the_region_is_left_out_and_told(usable, tmp_path, iso3):
    records = usable(example.text(example.rows({"lac_iso3": iso3})))
    assert records["record_id"].tolist() == ["X-2", "X-3", "X-4"]
    told = own.read(tmp_path / "mine.csv").left_out
    assert told[["record_id", "value"]].to_numpy().tolist() == [["X-1", iso3]]


def test_a_table_of_other_regions_alone(unusable):
    unusable(
        example.text([row | {"lac_iso3": "FRA"} for row in example.rows()]),
        "no record is of the 33 countries",
    )


# -- allowed, and easily misread
# ------------------------------------------------------------------------------------


@pytest.fixture
def cleaned(tmp_path):
    def clean(*changes):
        path = tmp_path / "mine.csv"
        path.write_text(example.text(example.rows(*changes)), encoding="utf-8")
        return lac_analysis.load(path)

    return clean


TAIWANESE = [
    "Embassy of the Republic of China (Taiwan)", "Embajada de Taiwán", "中華民國駐巴拉圭大使館", "Ciudad de Taipei",
    "Taiwan Technical Mission", "台湾国合会", "ROC Embassy in Belize",
]  # fmt: skip


def test_an_actor_of_taiwan_gets_no_chinese_province(cleaned):
    found = cleaned(
        *({"china_actor_text": f"{actor}, Guizhou"} for actor in [*TAIWANESE, "Government"])
    ).records
    assert found["china_admin1"].isna().tolist() == [True] * len(TAIWANESE) + [False]


def test_a_place_of_another_country_is_not_given_to_a_unit(cleaned):
    found = cleaned({"lac_place_text": "Cusco", "lac_admin1": "Bavaria"})
    assert found.records["country"].iloc[0] == "ARG" and found.records["admin1"].isna().iloc[0]
    assert "X-1" in found.unresolved.query("column == 'admin1'")["record_id"].tolist()


def test_a_country_text_that_contradicts_the_code_is_told(cleaned):
    found = cleaned({"lac_country_text": "智利"}).unresolved.query("column == 'country'")
    assert (
        found["record_id"].tolist() == ["X-1"] and "names CHL, coded ARG" in found["reason"].iloc[0]
    )


def test_unusual_letters_name_the_same_place(cleaned):
    """Composed or decomposed, in capitals, in full width: one municipality."""
    spellings = ["São Paulo", "Sa\u0303o Paulo", "SÃO PAULO", "Sao  Paulo"]
    brazil = {"lac_iso3": "BRA", "lac_country_text": "Brasil"}
    found = cleaned(*({"lac_place_text": text} | brazil for text in spellings)).records
    assert found["municipality"].nunique() == 1 and found["municipality"].notna().all()


def test_texts_that_look_like_code_stay_text(cleaned):
    said = [
        '=cmd|"/c calc"!A1',
        "<script>alert(1)</script>",
        "{{7*7}}",
        "${jndi:ldap://x}",
        "'; DROP TABLE x; --",
    ]
    found = cleaned(*({"description": text, "lac_actor_text": text} for text in said)).records
    assert found["description"].tolist() == said and found["lac_actor_text"].tolist() == said


# -- by the command line
# --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"date_iso": "2018-02-30"}, "row 2, column date_iso: unusable date: '2018-02-30'"),
        (
            {"lac_iso3": "A\u200bRG"},
            r"row 2, column lac_iso3: unknown value: 'A\u200bRG'. Expected: perhaps ARG",
        ),
        ({"source_url": "javascript:alert(1)"}, "row 2, column source_url"),
    ],
)
def test_lac_run_refuses_and_writes_nothing(refused, tmp_path, change, says):
    path, out = tmp_path / "mine.csv", tmp_path / "runs"
    path.write_text(example.text(example.rows(change)), encoding="utf-8")
    refused(
        "run", "authority", "--data", path, "--out", out, says=("mine.csv", says), folder=tmp_path
    )
    refused(
        "run", "authority", "-p", f"engagements={path}", "--out", out, says=says, folder=tmp_path
    )
