"""`lac check` finds everything in one pass and names the value that was meant."""

import json

import openpyxl
import pandas as pd
import pytest

import lac_analysis as lac
from lac_analysis import cli, config
from lac_analysis.errors import InputError
from lac_analysis.records import pairs, schema
from lac_analysis.sources import check, doubts, maps, own, read, suggest, template


def write(table, path, **options):
    table.to_csv(path, index=False, **options)
    return path


def test_our_own_records_have_no_problem(ours, tmp_path):
    """All of them: docs/own_data.md puts them into one file with a user's."""
    report = check.check(write(ours, tmp_path / "ours.csv"))
    assert report.problems.empty
    assert report.n_rows == len(ours)
    undated = (ours["date_iso"] == "").sum()
    assert report.notes["column"].value_counts()["date_iso"] == undated


def test_what_is_only_looked_at_without_a_problem_is_told(record, tmp_path):
    """No count of notes looks complete that is not."""
    table = record(lac_place_text="Nowhere", description=["a", "b"])
    whole = check.check(write(table, tmp_path / "t.csv")).notes
    assert whole["column"].tolist() == ["lac_place_text"] * 2
    wrong = check.check(write(table.assign(lac_level="city"), tmp_path / "t.csv"))
    assert len(wrong.problems) == 2 and wrong.notes["column"].tolist() == ["all"]
    assert "when no problem is left" in check.as_text(wrong)


def test_every_problem_is_found_at_its_row_with_the_nearest_value(record, tmp_path):
    table = record(
        lac_iso3=["ARG", "Brasil", "USA", "AGR", "PER"],
        activity_type=["twining", "twinning", "twinning", "twinning", "twinning"],
        technology=["0", "0", "0", "0", "sí"],
        date_iso=["2018-02-30", "31/12/2018", "2018", "2018", "05/06/2018"],
        confidence=["high", "high", "high", "", "high"],
        source_lang=["Español", "es", "es", "es", "es"],
    )
    report = check.check(write(table, tmp_path / "t.csv", sep=";", encoding="utf-16"))
    assert report.format == "CSV, utf-16, separated by semicolons"
    found = report.problems[["row", "column", "value", "nearest"]].values.tolist()
    assert found == [
        [2, "date_iso", "2018-02-30", ""],
        [2, "activity_type", "twining", "twinning"],
        [2, "source_lang", "Español", ""],
        [3, "date_iso", "31/12/2018", "2018-12-31"],
        [3, "lac_iso3", "Brasil", "BRA"],
        [5, "lac_iso3", "AGR", "ARG"],
        [5, "confidence", "", ""],
        [6, "date_iso", "05/06/2018", ""],  # May or June: no guess
        [6, "technology", "sí", "1"],
    ]
    assert ["lac_iso3", "USA"] in report.notes[["column", "value"]].values.tolist()


def test_our_queries_for_other_countries_are_a_problem(record, tmp_path):
    table = record(
        lac_iso3=["PER", "ARG", "PER", "PER", "BRA"],
        collection=["protocol"] * 4 + ["targeted"],
        query_id=["A-Q001", "A-Q001", "A-Q001", "XX-Q001", ""],
        also_query_ids=["", "", "B-Q091", "", "A-Q001"],
    )
    log = schema.read_raw(config.RAW / "search_log.csv", "search_log").set_index("query_id")
    table.loc[2, "also_query_ids"] = log.index[log["target"] == "PER"][0]
    report = check.check(write(table, tmp_path / "t.csv"))
    assert report.problems[["row", "column", "value"]].values.tolist() == [
        [2, "query_id", "A-Q001"],
        [6, "also_query_ids", "A-Q001"],
    ]
    with pytest.raises(InputError, match="row 2, column query_id: our query for another country"):
        own.read(tmp_path / "t.csv")


def test_columns_and_ragged_rows_are_told_with_the_values(record, tmp_path):
    table = record(lac_iso3=["ARG", "XXX"]).rename(
        columns={"lac_level": "level", "source_title": "title"}
    )
    path = write(table, tmp_path / "t.csv")
    path.write_text(path.read_text() + "X-9,targeted\n")
    report = check.check(path)
    problems = report.problems[["row", "column", "problem"]].values.tolist()
    assert [1, "lac_level", "missing column"] in problems
    assert report.problems.set_index("column")["nearest"]["lac_level"] == "level"
    assert [4, "all", "fewer cells than the header"] in problems
    assert [3, "lac_iso3", "unknown value"] in problems
    assert report.notes.set_index("column")["nearest"]["title"] == "source_title"


def test_a_misspelt_unit_is_noted_and_stops_nothing(record, tmp_path):
    units = ["Jujui", "Provincia de Jujuy"]
    rows = record(lac_admin1=units, lac_place_text="Jujuy", lac_level="admin1")
    path = write(rows, tmp_path / "t.csv")
    report = check.check(path)
    assert report.problems.empty
    assert report.notes[["row", "value", "nearest"]].values.tolist() == [[2, "Jujui", "Jujuy"]]


def test_of_many_unknown_values_few_are_suggested_and_put_in_words(record, tmp_path, monkeypatch):
    put = []
    monkeypatch.setattr(doubts, "SUGGESTED", 5)
    monkeypatch.setattr(check, "_line", lambda *group: put.append(group) or "- one")
    names = {"lac_admin1": "Salta", "confidence": "high"}
    table = record(**{name: [f"{text}{i}" for i in range(60)] for name, text in names.items()})
    report = check.check(write(table, tmp_path / "t.csv"))
    notes = report.notes[report.notes["column"] == "lac_admin1"]
    for found, near in ((report.problems, "high"), (notes, "Salta")):
        assert found["nearest"].tolist() == [near] * 5 + [""] * 55
    assert "and 20 more kinds" in check.as_text(report)
    assert len(put) == 40 + 40


def test_alike_problems_are_one_line_and_hostile_text_stays_text(record, tmp_path, capsys):
    path = write(record(activity_type=["\u202etwining"] * 9), tmp_path / "t.csv")
    text = check.as_text(check.check(path))
    assert "\u202e" not in text
    assert text.count("activity_type") == 1 and "rows 2, 3, 4, 5, 6, 7 and 3 more" in text


def test_the_command_prints_writes_and_exits(record, tmp_path, capsys):
    good, bad = (
        write(record(), tmp_path / "good.csv"),
        write(record(technology="no"), tmp_path / "bad.csv"),
    )
    assert cli.main(["check", str(good)]) == 0
    assert cli.main(["check", str(bad), "--json", str(tmp_path / "r.json")]) == 2
    report = json.loads((tmp_path / "r.json").read_text())
    assert not report["usable"]
    assert report["problems"] == [
        {
            "row": 2,
            "column": "technology",
            "problem": "unknown value",
            "value": "no",
            "expected": "one of 0, 1",
            "nearest": "0",
        }
    ]
    assert cli.main(["check", str(tmp_path / "none.csv")]) == 2
    assert "Traceback" not in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("2018/05/03", "2018-05-03"),
        ("2018.5", "2018-05"),
        ("2018年5月3日", "2018-05-03"),
        ("2018.0", "2018"),
        ("13/05/2018", "2018-05-13"),
        ("05/13/2018", "2018-05-13"),
        ("05/06/2018", ""),
        ("2018-13", ""),
        ("soon", ""),
    ],
)
def test_dates(text, date):
    assert suggest.date(text) == date


def test_the_template_holds_every_column_and_allowed_value(tmp_path):
    from lac_analysis.records import schema

    path = template.write(tmp_path / "t.xlsx")
    book = openpyxl.load_workbook(path)
    fields = schema.fields("engagements")
    assert [cell.value for cell in book["engagements"][1]] == list(fields)
    rules = book["engagements"].data_validations.dataValidation
    for rule in rules:
        first, last = rule.formula1.removeprefix("codebook!").replace("$", "").split(":")
        cells = [row[0].value for row in book["codebook"][first:last]]
        column = book["engagements"][f"{str(rule.sqref)[0]}1"].value
        assert cells == (schema.allowed("engagements", column) or ["0", "1"])
    assert len(rules) == 10
    told = {row[0].value for row in book["codebook"].iter_rows(min_row=2)}
    assert told == set(fields)


def test_a_template_never_overwrites_a_file(tmp_path, capsys):
    (tmp_path / "t.xlsx").write_bytes(b"filled in")
    assert cli.main(["template", str(tmp_path / "t.xlsx")]) == 2
    assert (tmp_path / "t.xlsx").read_bytes() == b"filled in"
    assert "is not replaced" in capsys.readouterr().err


def test_a_filled_template_is_accepted(record, tmp_path):
    path = template.write(tmp_path / "t.xlsx")
    book = openpyxl.load_workbook(path)
    book["engagements"].append(record().iloc[0].tolist())
    book.save(path)
    assert check.check(path).problems.empty
    assert own.read(path).records["record_id"].tolist() == ["X-1"]
    assert read.table(path).format == "Excel, sheet engagements (not read: codebook)"


def test_records_that_are_too_many_to_be_compared_are_told(record, tmp_path, monkeypatch):
    ids = [f"{a}{b}-1" for a in "ABCDEFGH" for b in "ABCDEFGH"]
    told = [f"Twinning {number} of sister cities" for number in range(64)]
    alike = record(record_id=ids, description=told, date_iso="2018")
    path = write(alike, tmp_path / "t.csv")
    assert check.check(path).problems.empty
    monkeypatch.setattr(pairs, "MOST", 200)
    problem = check.check(path).problems.iloc[0]
    assert problem["problem"].startswith("more than 200 pairs of records may tell of one act")
    assert "of sister cities" in problem["value"] and "tell records apart" in problem["expected"]
    with pytest.raises(InputError, match="more than 200 pairs"):
        own.load(path)


def test_every_command_reads_the_same_sheet_of_a_workbook(record, tmp_path):
    book = openpyxl.Workbook()
    for row in (["column", "description"], ["a", "our columns"]):
        book.active.append(row)
    needed = record()[own.required()]
    theirs = sorted(maps.wanted() - {*schema.fields("engagements"), "text"})
    mine = needed.assign(lac_place_text="La Plata")
    for name, frame in (("coded", needed.assign(**dict.fromkeys(theirs, "1"))), ("mine", mine)):
        sheet = book.create_sheet(name)
        for row in (list(frame), frame.iloc[0].tolist()):
            sheet.append(row)
    book.save(tmp_path / "t.xlsx")
    assert "sheet coded" in check.check(tmp_path / "t.xlsx").format
    assert "sheet coded" in own.read(tmp_path / "t.xlsx").format
    for command in ("code", "clean"):
        assert (
            cli.main([command, str(tmp_path / "t.xlsx"), "-o", str(tmp_path / f"{command}.csv")])
            == 0
        )
        assert len(pd.read_csv(tmp_path / f"{command}.csv")) == 1


def test_an_actor_of_taiwan_is_noted_and_stops_nothing(record, tmp_path):
    actors = [
        "Embassy of the Republic of China (Taiwan)",
        "Taiwan Affairs Office of Fujian",
        "台湾大使馆",
        "Guangdong",
    ]
    report = check.check(write(record(china_actor_text=actors), tmp_path / "t.csv"))
    assert report.problems.empty
    noted = report.notes[report.notes["column"] == "china_actor_text"]
    assert noted[["row", "value"]].values.tolist() == [[2, actors[0]], [4, actors[2]]]
    assert noted["expected"].str.contains("People's Republic").all()
    assert "the actor is Taiwan's" in check.as_text(report)


def test_letters_that_another_program_lost_are_noted(record, tmp_path):
    places = [
        "S\ufffdo Paulo",
        "SÃ£o Paulo",
        "??????",
        "São Paulo?",
        "IRMÃ, SÃO",
        "MÃ‰RIDA",
        "å¹¿å·ž",
    ]
    report = check.check(write(record(lac_place_text=places), tmp_path / "t.csv"))
    assert report.problems.empty
    lost = report.notes[report.notes["problem"].str.startswith("letters that another program")]
    assert lost["row"].tolist() == [2, 3, 4, 7, 8] and set(lost["column"]) == {"lac_place_text"}


def test_a_quote_that_took_rows_is_noted(record, tmp_path):
    table = record(description=["A visit,\nand a gift", "'start", "within", "end'"])
    text = table.to_csv(sep="\t", index=False).replace("'", '"')
    (tmp_path / "t.tsv").write_text(text)
    report = check.check(tmp_path / "t.tsv")
    assert (report.n_rows, report.problems.empty) == (2, True)
    noted = report.notes[report.notes["problem"].str.contains("a quote left open")]
    assert noted["row"].tolist() == [3] and set(noted["column"]) == {"description"}


def test_a_place_that_is_not_known_is_noted_and_stops_nothing(record, tmp_path):
    told = ["Salta", "Hospital Salta", "Nowhere at all", ""]
    path = write(record(lac_place_text=told, lac_admin1=[""] * 4), tmp_path / "t.csv")
    report = check.check(path)
    assert report.problems.empty
    noted = report.notes[report.notes["column"] == "lac_place_text"]
    assert noted["row"].tolist() == [3, 4]


def test_what_a_text_is_read_as_is_noted_where_it_is_not_just_that_name(record, tmp_path):
    """A longer text, another spelling, the first of several, the actor's place; not the rest."""
    told = [
        "Salta",
        "City of Salta, Argentina",
        "萨尔塔",
        "Salta y Jujuy",
        "Terminal de Rosario",
        "",
    ]
    units = ["", "", "", "", "Santa Fe", ""]
    actors = ["Intendencia"] * 5 + ["Municipio de Rosario y su puerto"]
    rows = record(lac_place_text=told, lac_admin1=units, lac_actor_text=actors)
    noted = check.check(write(rows, tmp_path / "t.csv")).notes
    said = noted.loc[noted["problem"].str.endswith("is read"), ["row", "problem"]]
    assert dict(said.to_numpy()) == {
        4: "as Salta, Salta is read",
        5: "as Salta, Salta, the first of 2 places, is read",
        6: "as Rosario, Santa Fe is read",
        7: "as Rosario, Santa Fe is read",
    }


def test_a_parish_that_is_read_as_the_town_called_almost_alike_is_noted(record, tmp_path):
    told = ["Saint George", "Saint George's", "St. George's"]
    rows = record(lac_iso3=["GRD"] * 3, lac_country_text=["Grenada"] * 3, lac_place_text=told)
    rows = rows.assign(lac_admin1="", lac_actor_text="")
    noted = check.check(write(rows, tmp_path / "t.csv")).notes
    noted = noted[noted["column"] == "lac_place_text"]
    assert noted[["row", "problem"]].to_numpy().tolist() == [
        [2, "as Saint George's, Saint George is read"]
    ]


def test_a_town_under_its_other_name_is_noted_in_a_unit_of_that_name_too(record, tmp_path):
    rows = record(lac_iso3=["ECU"], lac_place_text=["Santiago, Morona Santiago"])
    noted = check.check(write(rows.assign(lac_admin1=""), tmp_path / "t.csv")).notes
    assert noted["problem"].str.contains("as Gualaquiza, Morona Santiago").any()


def test_a_cell_of_two_units_is_both_and_its_reading_is_noted(record, tmp_path):
    units = ["Córdoba y Santa Fe", "Salta / Jujuy", "Salta; Jujuy", "Salta, Jujuy and Nowhere"]
    rows = record(lac_place_text=["Rosario", "", "", ""], lac_actor_text="", lac_admin1=units)
    rows = rows.assign(lac_level=["municipal", "admin1", "admin1", "admin1"])
    path = write(rows, tmp_path / "t.csv")
    found = own.load(path).records
    assert found["admin1"].tolist() == ["AR-S", "AR-A", "AR-A", "AR-A"]
    assert found["place_n"].tolist() == [1, 2, 2, 1]
    noted = check.check(path).notes
    noted = noted[(noted["column"] == "lac_admin1") & noted["problem"].str.endswith("is read")]
    assert noted[["row", "problem"]].values.tolist() == [
        [2, "as Córdoba, the first of 2 places, is read"],
        [3, "as Salta, the first of 2 places, is read"],
        [5, "as Salta is read"],
    ]


@pytest.mark.parametrize("end", ["\n", "\x0b", "\x0c", "\x85", "\u2028", "\r\n"], ids=repr)
def test_every_line_end_parts_two_places(record, tmp_path, end):
    rows = record(lac_iso3=["ARG"], lac_place_text=[f"La Plata{end}Rosario"])
    path = write(rows.assign(lac_level="municipal"), tmp_path / "t.csv")
    noted = check.check(path).notes["problem"].tolist()
    assert "as La Plata, Buenos Aires, the first of 2 places, is read" in noted
    assert lac.load(path).records["place_id"].tolist() == ["AR-B/La Plata"]


def test_signs_of_no_letter_are_noted(record, tmp_path):
    rows = record(description=["A visit\x92s end", "A visit"])
    noted = check.check(write(rows, tmp_path / "t.csv")).notes
    noted = noted[noted["problem"].str.startswith("letters that another program lost")]
    assert noted[["row", "column"]].values.tolist() == [[2, "description"]]


@pytest.mark.parametrize("place", ["Cusco", "Machu Picchu"])
def test_a_second_unit_beside_one_place_is_noted(record, tmp_path, place):
    rows = record(lac_iso3=["PER"] * 4, lac_place_text=[place, place, "Cusco; Puno", ""])
    coded = ["Cusco; Puno", "Cusco; PE-CUS", "Cusco; Puno", "Cusco; Puno"]
    noted = check.check(write(rows.assign(lac_admin1=coded), tmp_path / "t.csv")).notes
    noted = noted[noted["problem"].str.contains("names several units")]
    said = "names several units, and the place one: it counts in Cusco"
    assert noted[["row", "column", "problem"]].values.tolist() == [[2, "lac_admin1", said]]
    faulty = rows.assign(lac_admin1=coded, activity_type=["tie", *["twinning"] * 3])
    report = check.check(write(faulty, tmp_path / "u.csv"))
    assert report.problems["row"].tolist() == [2]
    assert report.notes["problem"].str.contains("when no problem is left").any()


def test_a_given_unit_that_is_read_as_its_namesake_is_noted(record, tmp_path):
    """La Chorrera lies in the unit that was parted from Panamá; PA-8 is the old one alone."""
    rows = record(lac_iso3=["PAN"] * 2, lac_place_text=["La Chorrera"] * 2)
    rows = rows.assign(lac_level="municipal", lac_admin1=["Panamá", "PA-8"])
    noted = check.check(write(rows, tmp_path / "t.csv")).notes
    noted = noted[noted["column"] == "lac_admin1"]
    said = "as Panamá Oeste, where its town lies, is read the unit"
    assert noted[["row", "problem", "value"]].values.tolist() == [[2, said, "Panamá"]]


def test_an_act_that_is_planned_elsewhere_than_at_its_end_is_noted(record, tmp_path):
    says = ["(planned) A visit", "A visit [planned]", "A visit (planned)", "A planned visit",
            "Planned: a visit", "A visit - planned", "A visit（planned）", "A visit（planned 2027）",
            "Twinning planned", "Twinned as planned", "A tie"]  # fmt: skip
    rows = record(description=says, date_text=[*[""] * 10, "2027 (planned)"], date_iso="")
    noted = check.check(write(rows, tmp_path / "t.csv")).notes
    done = noted["problem"].str.startswith("counted as done")
    assert noted["row"][done].tolist() == [2, 3, 6, 7, 9, 10, 12]
    assert noted["column"][done].tolist() == ["description"] * 6 + ["date_text"]


def test_a_date_beside_another_text_of_it_is_noted(record, tmp_path):
    texts = ["May 2016", "mayo de 2015", "", "2015", "12/05/2015", "H1 2015", "3T 2015", "2S 2015"]
    days = ["2015-05"] * 4 + ["2015-05-13"] + ["2015-05"] * 3
    rows = record(date_text=texts, date_iso=days)
    report = check.check(write(rows, tmp_path / "t.csv"))
    noted = report.notes[report.notes["problem"].str.startswith("tells another date")]
    assert report.problems.empty and noted["row"].tolist() == [2, 5, 6, 8, 9]


def test_another_province_than_the_actor_s_is_noted(record, tmp_path):
    rows = record(
        china_actor_text=["Guangdong government", "Guangdong government", "Shandong Gold"]
    )
    kinds = ["provincial_government"] * 2 + ["state_owned_enterprise"]
    rows = rows.assign(china_actor_type=kinds, china_place=["Sichuan", "Guangdong", "Sichuan"])
    noted = check.check(write(rows, tmp_path / "t.csv")).notes
    noted = noted[noted["column"] == "china_place"]
    said = "china_actor_text names Guangdong; kept is china_place"
    assert noted[["row", "problem"]].values.tolist() == [[2, said]]


def test_an_actor_in_several_provinces_is_noted(record, tmp_path):
    actors = ["Lishui, Nanjing", "Chengdu, Sichuan", "Mayor of Chengdu", "浙江与云南",
              "Zhejiang and Yunnan governments", "Zhejiang-Yunnan", "Zhejiang y Yunnan"]  # fmt: skip
    rows = record(china_actor_text=actors)
    noted = check.check(write(rows, tmp_path / "t.csv")).notes
    noted = noted[noted["problem"].str.startswith("names places of several provinces")]
    assert noted["row"].tolist() == [2, 5, 6, 7, 8]
    assert noted["problem"].str.endswith("Zhejiang").all()


def test_queries_joined_by_anything_else_are_refused(record, tmp_path):
    ids = ["M-Q002; M-Q003", "M-Q002", "", "M-Q002;M-Q003", "M-Q002, M-Q003", "m-q002"]
    rows = record(also_query_ids=ids).assign(lac_iso3="ARG")
    wrong = check.check(write(rows, tmp_path / "t.csv")).problems
    assert wrong["column"].eq("also_query_ids").all() and wrong["row"].tolist() == [5, 6, 7]


def test_a_place_of_a_national_record_is_noted(record, tmp_path):
    rows = record(lac_level=["national", "municipal"])
    noted = check.check(write(rows, tmp_path / "t.csv")).notes
    assert noted.loc[noted["problem"].str.startswith("of level national"), "row"].tolist() == [2]


def test_a_place_over_two_lines_is_noted(record, tmp_path):
    rows = record(lac_iso3=["BOL"], lac_place_text=["La\nPaz and El Alto"], lac_admin1=["La Paz"])
    noted = check.check(write(rows, tmp_path / "t.csv")).notes
    assert "as El Alto, La Paz is read" in noted["problem"].tolist()


def test_a_municipal_place_that_is_read_as_its_unit_is_noted(record, tmp_path):
    rows = record(lac_iso3=["CHL"], lac_place_text=["Los Lagos"], lac_level=["municipal"])
    noted = check.check(write(rows.assign(lac_admin1=""), tmp_path / "t.csv")).notes
    assert "as the unit Los Lagos is read" in noted["problem"].tolist()


def test_a_town_of_another_unit_than_the_given_one_is_noted(record, tmp_path):
    rows = record(
        lac_iso3=["CHL"] * 2, lac_place_text=["Valdivia"] * 2, lac_level=["municipal"] * 2
    )
    rows = rows.assign(lac_admin1=["Los Ríos", "Los Lagos"])  # where it lay until 2007
    noted = check.check(write(rows, tmp_path / "t.csv")).notes
    assert noted.loc[noted["problem"].str.contains("in its unit"), "row"].tolist() == [3]


@pytest.mark.parametrize(
    ("text", "code"), [("French Guiana", "GUY"), ("Puerto Rico", "PRY"), ("España", "GRD")]
)
def test_a_country_outside_the_33_that_does_not_fit_its_code_is_noted(record, tmp_path, text, code):
    rows = record(lac_country_text=[text, ""], lac_iso3=[code] * 2).assign(lac_admin1="")
    noted = check.check(write(rows, tmp_path / "t.csv")).notes
    named = noted[noted["problem"].str.startswith("lac_country_text names")]
    assert named[["row", "value"]].to_numpy().tolist() == [[2, code]]


def test_a_second_country_of_a_text_is_noted(record, tmp_path):
    told = ["Peru and Brazil", "Brazil", "Salvador (Brazil)"]
    rows = record(lac_country_text=told, lac_iso3=["PER", "BRA", "SLV"]).assign(lac_admin1="")
    noted = check.check(write(rows, tmp_path / "t.csv")).notes
    named = noted[noted["column"] == "lac_country_text"].set_index("row")["problem"]
    assert named.to_dict() == {
        2: "names BRA, too; the record counts for its code alone",
        4: "the name of no country that is known; kept is the code",
    }


def test_a_code_that_a_rule_of_the_codebook_changes_is_noted(record, tmp_path):
    rows = record(
        china_actor_type=["embassy_consulate"] * 2,
        lac_level=["national", "municipal"],
        activity_type=["visit_to_lac"] * 2,
    )
    report = check.check(write(rows, tmp_path / "t.csv"))
    assert report.problems.empty
    noted = report.notes[report.notes["problem"].str.startswith("by the rule")]
    (told,) = noted[["row", "column", "value", "problem"]].to_numpy().tolist()
    assert told[:3] == [3, "activity_type", "visit_to_lac"]
    assert told[3].endswith("counts as diplomatic_call, not")
