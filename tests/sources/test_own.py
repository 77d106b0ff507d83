"""A user's table stands in for ours or is added to it, and what does not count is said."""

import json
import shutil
from unicodedata import normalize

import pandas as pd
import pytest

import lac_analysis
from lac_analysis import cli, config
from lac_analysis.batch import run, sweep
from lac_analysis.errors import InputError
from lac_analysis.records import schema
from lac_analysis.selection import Selection
from lac_analysis.sources import check, own, pieces


def test_our_table_in_another_format_gives_our_engagements(ours, tmp_path):
    path = tmp_path / "ours.xlsx"
    ours.head(60).to_excel(path, index=False)
    ours.head(60).to_csv(tmp_path / "ours.csv", index=False, sep=";", encoding="utf-16")
    one, other = lac_analysis.load(path), lac_analysis.load(tmp_path / "ours.csv")
    pd.testing.assert_frame_equal(one.engagements, other.engagements)
    kept = lac_analysis.load().records.set_index("record_id").loc[one.records["record_id"]]
    columns = ["country", "date_start", "date_end", "place_id", "activity"]
    pd.testing.assert_frame_equal(one.records.set_index("record_id")[columns], kept[columns])


def test_decomposed_letters_give_the_same_codes(record, tmp_path):
    """As macOS and PDF write them: e and an accent."""
    platform = "Foro de Cooperación y Negocios México-China"
    rows = record(china_actor_text="Municipalidad de Shanghái", platform=platform)
    made = []
    for form in ("NFC", "NFD"):
        (tmp_path / form).write_text(normalize(form, rows.to_csv(index=False)))
        made.append(lac_analysis.load(tmp_path / form).records)
    pd.testing.assert_frame_equal(*made)
    assert made[0]["platform_family"].tolist() == ["business"]


@pytest.mark.parametrize(
    ("plain", "sign"),
    [
        (" ", "\u00a0"), (" ", "  "), (" ", "\u2009"), (" ", "\t"), (" ", "\u200b "), ("Ch", "C\u00adh"),
        ("-", "\u2011"), ("'", "\u02bc"), ("fi", "\ufb01"), ("(", "\uff08"), ("; ", "\uff1b"), (", ", "\uff0c"),
        ("'", "&#39;"), ("é", "&eacute;"), ("(", "&#x28;"),
    ],
)  # fmt: skip
def test_signs_of_other_programs_give_the_same_codes(ours, tmp_path, plain, sign):
    """As web pages, tables in PDF, Word and Chinese keyboards write them."""
    few = ours.iloc[::7].assign(query_id="", also_query_ids="", record_id="u" + ours["record_id"])
    made = []
    for written in (plain, sign):
        texts = ["lac_place_text", "lac_actor_text", "china_actor_text", "platform", "description"]
        rows = few.assign(
            **{name: few[name].str.replace(plain, written, regex=False) for name in texts}
        )
        rows.to_csv(tmp_path / "t.csv", index=False)
        made.append(lac_analysis.load(tmp_path / "t.csv").records)
    pd.testing.assert_frame_equal(*made)


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_line_may_end_within_an_actor_s_or_a_platform_s_name(record, tmp_path, end):
    text = ["China Development Bank", f"China{end}Development Bank"]
    event = ["Belt and Road Forum", f"Belt and{end}Road Forum"]
    rows = record(china_actor_text=text, platform=event, description=["a", "b"])
    rows.assign(china_actor_type="bank").to_csv(tmp_path / "t.csv", index=False)
    records = lac_analysis.load(tmp_path / "t.csv").records
    codes = records[["tier", "actor_name", "platform_family"]]
    assert codes.nunique().tolist() == [1, 1, 1] and set(records["tier"]) == {"state"}


@pytest.mark.parametrize("column", ["lac_place_text", "china_actor_text", "platform"])
@pytest.mark.parametrize("blank", ["\\N", "(null)", "[NULL]", "NaT", "#REF!", "No aplica",
                                   "NA", "NULL", "nan", "n/a", "N.A.", "none", "nil", "s/d", "无", "-", "—", "?",
                                   "'-", "sin dato", "ninguno"])  # fmt: skip
def test_a_blank_as_another_program_writes_it_is_no_name(record, tmp_path, column, blank):
    record(**{column: ["", blank]}, description=["a", "b"]).to_csv(tmp_path / "t.csv", index=False)
    said = f"row 3, column {column}: a blank, as another program"
    with pytest.raises(InputError, match=said):
        own.read(tmp_path / "t.csv")
    with pytest.raises(InputError, match=said):
        pieces.over_file(pieces.clean_piece, tmp_path / "t.csv", tmp_path / "o.csv")
    assert not (tmp_path / "o.csv").exists()


def test_the_case_of_letters_in_ids_changes_no_count(record, tmp_path):
    rows = record(record_id=["ANA-1", "BOB-1"], date_iso="2015-05-03", confidence=["high", "low"])
    counts = []
    for ids in (rows["record_id"], rows["record_id"].str.lower()):
        rows.assign(record_id=ids).to_csv(tmp_path / "t.csv", index=False)
        counts.append(len(lac_analysis.load(tmp_path / "t.csv").engagements))
    assert counts == [1, 1]


def test_our_date_bounds_do_not_touch_records_of_the_same_name(ours, record, tmp_path):
    bounds = schema.read_raw(config.RAW / "date_bounds.csv", "date_bounds")
    known = bounds["record_id"].iloc[0]
    record(record_id=known, date_iso="").to_csv(tmp_path / "t.csv", index=False)
    assert not lac_analysis.load(tmp_path / "t.csv").records["date_bounded"].any()
    ours[ours["record_id"] == known].to_csv(tmp_path / "u.csv", index=False)
    assert lac_analysis.load(tmp_path / "u.csv").records["date_bounded"].all()


def test_columns_may_be_absent_and_others_present(record, tmp_path):
    few = record()[own.required()].assign(note="mine")
    few.to_csv(tmp_path / "t.csv", index=False)
    mine = own.read(tmp_path / "t.csv")
    assert mine.unused == ["note"]
    with pytest.warns(UserWarning, match="not used: note"):
        own.load(tmp_path / "t.csv")
    assert list(mine.records) == list(schema.fields("engagements"))


def test_records_of_other_countries_are_left_out_and_said(record, tmp_path):
    record(lac_iso3=["ARG", "ESP", "PRI"]).to_csv(tmp_path / "t.csv", index=False)
    loaded = lac_analysis.load(tmp_path / "t.csv")
    assert loaded.records["country"].tolist() == ["ARG"]
    left_out = loaded.unresolved[loaded.unresolved["column"] == "lac_iso3"]
    assert left_out["value"].tolist() == ["ESP", "PRI"]
    assert loaded.name == "t.csv"


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"lac_iso3": ["ESP", "USA"]}, "no record is of the 33"),
        ({"lac_iso3": ["ARG", "arg"]}, "perhaps ARG"),
        ({"record_id": ["X", "X"]}, "appears once"),
        ({"date_iso": ["2018", "2031"]}, "row 3"),
    ],
)
def test_a_table_that_cannot_be_used(record, tmp_path, changes, says):
    record(**changes).to_csv(tmp_path / "mine.csv", index=False)
    with pytest.raises(InputError, match=says):
        own.read(tmp_path / "mine.csv")


def test_collection_becomes_all_only_where_no_country_query_found_a_record(ours, record, tmp_path):
    record().to_csv(tmp_path / "theirs.csv", index=False)
    ours.head(20).to_csv(tmp_path / "ours.csv", index=False)

    def values(name, given_values=()):
        return own.prepare(str(tmp_path / name), dict(given_values), ["collection"])[0]

    assert values("theirs.csv")["collection"] == "all"
    assert values("theirs.csv", {"collection": "protocol"})["collection"] == "protocol"
    assert "collection" not in values("ours.csv")
    mixed = pd.concat([ours.head(20), record(description=["one tie", "another"])])
    mixed.to_csv(tmp_path / "both.csv", index=False)
    made, said = own.prepare(str(tmp_path / "both.csv"), {}, ["collection"])
    assert "collection" not in made and "plan's equal country queries: 2; by themselves" in said
    assert own.prepare(tmp_path / "theirs.csv", {}, ["seed"])[0].keys() == {"engagements"}


def test_a_notebook_of_ones_own_takes_the_records_or_says_that_it_does_not(
    record, tmp_path, capsys, monkeypatch
):
    """It need not know what else the notebooks of the suite do, such as `collection`."""
    record().to_csv(tmp_path / "mine.csv", index=False)
    cell = {"cell_type": "code", "metadata": {"tags": ["parameters"]}, "outputs": []}
    ran = []
    monkeypatch.setattr(run, "run_all", lambda planned, out, **options: ran.extend(planned) or 0)
    for name, line, code in (
        ("takes", 'engagements: str = ""  # records', 0),
        ("not", "seed: int = 1  # x", 2),
        ("list", "engagements: list[str] = []  # x", 2),
    ):
        content = {"cells": [cell | {"source": [line]}], "metadata": {}, "nbformat": 4}
        path = tmp_path / f"{name}.ipynb"
        path.write_text(json.dumps(content | {"nbformat_minor": 5}))
        out = ["--data", str(tmp_path / "mine.csv"), "--out", str(tmp_path / "runs")]
        assert cli.main(["run", str(path), *out]) == code
    assert [job.values for job in ran] == [{"engagements": str(tmp_path / "mine.csv")}]
    told = capsys.readouterr().err
    assert "not.ipynb: it takes no records of yours" in told
    assert "list.ipynb: it takes no records of yours" in told


def test_a_sweep_over_a_table_of_ones_own_takes_all_records(record, tmp_path, monkeypatch):
    record().to_csv(tmp_path / "mine.csv", index=False)
    years = "notebooks: [growth]\ngrid: {window_start: [2000, 2005]}\n"
    (tmp_path / "years.yml").write_text(years)
    ran = []
    monkeypatch.setattr(sweep, "run", lambda planned, out, **options: ran.extend(planned.jobs) or 0)
    options = ["--data", str(tmp_path / "mine.csv"), "--out", str(tmp_path)]
    assert cli.main(["run", "--sweep", str(tmp_path / "years.yml"), *options]) == 0
    assert [job.values["collection"] for job in ran] == ["all"] * 2


def test_what_a_sweep_says_stands_over_a_table_of_ones_own(record, tmp_path, monkeypatch):
    record().to_csv(tmp_path / "mine.csv", index=False)
    said = "notebooks: [growth]\nparameters: {collection: protocol}\n"
    said += "grid: {window_start: [2000, 2005]}\n"
    (tmp_path / "years.yml").write_text(said)
    ran = []
    monkeypatch.setattr(sweep, "run", lambda planned, out, **options: ran.extend(planned.jobs) or 0)
    options = ["--data", str(tmp_path / "mine.csv"), "--out", str(tmp_path)]
    assert cli.main(["run", "--sweep", str(tmp_path / "years.yml"), *options]) == 0
    assert [job.values["collection"] for job in ran] == ["protocol"] * 2


def test_a_table_named_by_a_sweep_and_by_an_option_is_refused(record, tmp_path, capsys):
    record().to_csv(tmp_path / "mine.csv", index=False)
    shutil.copy(tmp_path / "mine.csv", tmp_path / "other.csv")
    (tmp_path / "s.yml").write_text(f"parameters: {{engagements: {tmp_path}/other.csv}}\n")
    asked = ["--sweep", str(tmp_path / "s.yml"), "--data", str(tmp_path / "mine.csv")]
    assert cli.main(["run", *asked, "--out", str(tmp_path / "runs")]) == 2
    assert "your own records are named twice" in capsys.readouterr().err
    assert not (tmp_path / "runs").exists()


def test_what_does_not_count_is_stated(record, tmp_path):
    record(
        lac_iso3=["DMA", "ARG", "ARG", "ARG", "ESP"],
        date_iso=["2018-01-01", "1995", "", "", "2018"],
    ).to_csv(tmp_path / "t.csv", index=False)
    _, said = own.prepare(str(tmp_path / "t.csv"), {}, [])
    for line in (
        "dated from 1995 to 2018; ",
        "- 1 record: outside the 33 members of CELAC; left out",
        "- 1 record: the same as another in all but record_id; counted once",
        "- 1 record: local and undated; counted only where a notebook has undated=include",
    ):
        assert line in said


def test_a_planned_act_without_a_date_is_told_as_planned_alone(record, tmp_path):
    record(date_iso=["", "1990"], lac_level=["municipal", "national"],
           description=["A visit (planned)", "A visit"]).to_csv(tmp_path / "t.csv", index=False)  # fmt: skip
    _, said = own.prepare(str(tmp_path / "t.csv"), {}, [])
    assert "said to be planned" in said
    assert "undated" not in said
    assert "1990" not in said


def test_rules_that_name_our_records_do_not_touch_a_user_s_of_the_same_name(ours, record, tmp_path):
    mine = record(record_id="B-0001", activity_type="twinning", lac_level="municipal")
    mine.to_csv(tmp_path / "mine.csv", index=False)
    assert lac_analysis.load(tmp_path / "mine.csv").records["activity"].item() == "twinning"
    assert "vote_is_other" not in check.as_text(check.check(tmp_path / "mine.csv"))
    pieces.over_file(pieces.clean_piece, tmp_path / "mine.csv", tmp_path / "out.csv")
    assert pd.read_csv(tmp_path / "out.csv")["activity"].item() == "twinning"
    ours[ours["record_id"] == "B-0001"].to_csv(tmp_path / "ours.csv", index=False)
    assert lac_analysis.load(tmp_path / "ours.csv").records["activity"].item() == "other"


def test_the_log_of_our_searches_is_none_of_a_user_s_records(ours, record, tmp_path):
    record().to_csv(tmp_path / "mine.csv", index=False)
    pd.concat([record(), ours.head(5)]).to_csv(tmp_path / "both.csv", index=False)
    assert lac_analysis.load(tmp_path / "mine.csv").search_log.empty
    assert len(lac_analysis.load(tmp_path / "both.csv").search_log) > 1_000


def test_places_that_we_searched_are_of_countries_whose_records_of_ours_are_there(
    ours, record, tmp_path
):
    """Else they are empty, and whatever happens elsewhere is more than there (claim 5)."""
    events = [{"activity_type": "platform_event", "date_iso": "2015-06"}]
    events += [{"date_iso": month} for month in ("2014-06", "2015-01", "2016-01")]
    towns = [
        "Rosario",
        "Salta",
        "Mendoza",
        "Posadas",
        "Resistencia",
        "Ushuaia",
        "Neuquén",
        "Viedma",
    ]
    towns += ["Formosa", "Corrientes", "San Luis", "Santa Rosa"]
    rows = [
        record(lac_place_text=[town], lac_admin1="", **event) for town in towns for event in events
    ]
    mine = pd.concat(rows, ignore_index=True)
    mine["record_id"] = [f"X{row}-1" for row in range(len(mine))]
    mine["description"] = "Act " + mine["record_id"]
    mine.to_csv(tmp_path / "mine.csv", index=False)
    tables = lac_analysis.load(tmp_path / "mine.csv")
    assert tables.place_pairs.empty
    planned = lac_analysis.plan("platforms").selection()
    assert "searched alike" in lac_analysis.analyse("platforms", tables, planned).not_testable
    of_cuba = ours[ours["lac_iso3"] == "CUB"]
    pd.concat([mine, of_cuba]).to_csv(tmp_path / "both.csv", index=False)
    assert {*lac_analysis.load(tmp_path / "both.csv").place_pairs["lac_iso3"]} == {"CUB"}
    ours.to_csv(tmp_path / "ours.csv", index=False)
    pairs = lac_analysis.load(tmp_path / "ours.csv").place_pairs
    pd.testing.assert_frame_equal(pairs, lac_analysis.load().place_pairs)


def test_planned_acts_and_blank_rows_are_told(record, tmp_path, capsys):
    table = record(lac_place_text=["La Plata", "Cusco", "Lima"], lac_iso3=["ARG", "PER", "PER"])
    table.loc[1:, "description"] = "A visit (planned)"
    path = tmp_path / "t.csv"
    lines = table.to_csv(index=False).splitlines(keepends=True)
    path.write_text("".join([*lines[:2], "," * (table.shape[1] - 1) + "\n", *lines[2:]]))
    _, said = own.prepare(str(path), {}, [])
    assert "- 2 records: said to be planned; not counted" in said
    assert "- 1 record: a blank row; left out" in said
    noted = check.check(path).notes
    assert noted.loc[noted["problem"].str.startswith("planned"), "row"].tolist() == [4, 5]
    assert noted.loc[noted["problem"] == "a blank row", "row"].tolist() == [3]
    out = ["--out", str(tmp_path / "out"), "--formats", "csv"]
    assert cli.main(["export", "--data", str(path), *out]) == 0
    told = capsys.readouterr().out
    assert "2 engagements are said to be planned" in told and "1 blank rows left out" in told
    assert "2 are planned acts" in (tmp_path / "out" / "README.txt").read_text()


def test_a_record_that_stands_twice_counts_once_and_is_said(record, tmp_path):
    table = record(lac_place_text=["La Plata", "La Plata", "Cusco"])
    table.to_csv(tmp_path / "t.csv", index=False)
    mine = own.read(tmp_path / "t.csv")
    assert mine.records["record_id"].tolist() == ["X-1", "X-3"]
    assert mine.left_out["record_id"].tolist() == ["X-2"]
    assert lac_analysis.load(tmp_path / "t.csv").unresolved["record_id"].tolist().count("X-2") == 1
    noted = check.check(tmp_path / "t.csv").notes
    assert (3, "the same as an earlier record; counted once") in set(
        zip(noted["row"], noted["problem"], strict=True)
    )


def test_the_example_of_the_docs_can_be_used(tmp_path):
    towns = config.ROOT / "docs" / "examples" / "twin_towns.csv"
    assert cli.main(["import", "twins", str(towns), "-o", str(tmp_path / "mine.csv")]) == 0
    assert cli.main(["check", str(tmp_path / "mine.csv")]) == 0
    assert len(lac_analysis.load(tmp_path / "mine.csv").engagements) == 12


def test_a_claim_runs_on_the_users_records_alone(record, tmp_path):
    from lac_analysis import claims
    from lac_analysis.claims import picture, reach

    places = {"ARG": "La Plata", "BRA": "Recife", "PER": "Cusco"}
    record(lac_iso3=list(places), lac_place_text=list(places.values())).to_csv(
        tmp_path / "t.csv", index=False
    )
    data = lac_analysis.load(tmp_path / "t.csv")
    selection = Selection(collection="all")
    assert reach.estimate(data, selection, undated="exclude", at_least=1) == pytest.approx(3 / 33)
    finding = claims.analyse("not_new", data, selection)
    assert finding.estimate == 0  # all are of 2018
    assert finding.parameters["engagements"] == "t.csv"
    assert "engagement records of t.csv" in picture.source(finding)


@pytest.mark.parametrize("again", ["1.0", "01", "1.", "1"])
def test_ids_that_are_equal_as_numbers_are_one_id_twice(record, tmp_path, again):
    """A spreadsheet writes the one for the other."""
    table = record(lac_place_text=["La Plata", "Cusco"]).assign(record_id=["1", again])
    table.to_csv(tmp_path / "t.csv", index=False)
    with pytest.raises(InputError, match="row 3, column record_id: repeated value"):
        own.read(tmp_path / "t.csv")


def test_other_ids_are_texts(record, tmp_path):
    ids = ["1", "10", "1.5", "A-1", "A-01", "12345678901234567", "12345678901234568"]
    table = record(lac_place_text=list("abcdefg")).assign(record_id=ids)
    table.to_csv(tmp_path / "t.csv", index=False)
    assert own.read(tmp_path / "t.csv").records["record_id"].tolist() == ids
