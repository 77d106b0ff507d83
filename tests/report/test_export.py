"""The export reads back equal in every format."""

import io
import json
import re
import shutil
import subprocess

import numpy as np
import openpyxl
import pandas as pd
import pytest
from frictionless import Package
from pyarrow import parquet

import lac_analysis as lac
from lac_analysis import cli, config, files
from lac_analysis.names import codes
from lac_analysis.report import export

CHOICES = {"countries": ["ARG", "PER"], "window": (2000, 2020)}


@pytest.fixture(scope="module")
def folder(tables, tmp_path_factory):
    return lac.export(tmp_path_factory.mktemp("taken") / "export", tables, **CHOICES)


@pytest.fixture(scope="module")
def wanted(tables):
    return lac.select(tables, level=codes("level"), **CHOICES)[list(export.COLUMNS)]


def test_frictionless_finds_no_fault(folder, wanted):
    package = Package(str(folder / "datapackage.json"))
    assert package.validate().valid
    assert len(package.get_resource("engagements").read_rows()) == len(wanted)
    told = json.loads((folder / "datapackage.json").read_text())
    assert told["lac"]["filters"] == {"countries": ["ARG", "PER"], "window": [2000, 2020]}
    assert told["contributors"] and told["licenses"] and "World Bank" in str(told["sources"])
    fields = {field["name"]: field for field in told["resources"][3]["schema"]["fields"]}
    assert (fields["gdp_usd"]["unit"], fields["gdp_usd"]["licence"]) == (
        "current US dollars",
        "CC-BY-4.0",
    )


def test_it_can_be_cited(folder):
    released = files.read_yaml(config.ROOT / "CITATION.cff")
    told = json.loads((folder / "datapackage.json").read_text())
    assert told["version"] == released["version"]
    said = f"Version {released['version']} ({released['date-released']})"
    assert said in (folder / "README.txt").read_text()


def test_years_outside_the_window_are_no_zeros(tables, folder, tmp_path):
    assert set(pd.read_csv(folder / "country_years.csv")["year"]) == set(range(2000, 2021))
    selection = lac.Selection(2010, 2012)
    made = export.contents(tables, selection, countries=pd.Index(["ARG", "PER"]), formats="csv")
    years = pd.read_csv(io.BytesIO(made["country_years.csv"]))["year"]
    assert set(years) == {2010, 2011, 2012}


def test_what_is_read_of_ones_own_records_is_said(tmp_path, capsys):
    options = ["--out", str(tmp_path / "out"), "--formats", "csv"]
    ours = config.ROOT / "docs" / "examples" / "twin_towns.csv"
    assert cli.main(["import", "twins", str(ours), "-o", str(tmp_path / "mine.csv")]) == 0
    assert cli.main(["export", "--data", str(tmp_path / "mine.csv"), *options]) == 0
    assert (
        "CSV, utf-8, separated by commas: 12 records of 12 engagements; 0 left out"
        in capsys.readouterr().out
    )


def test_parquet_is_the_table_itself(folder, wanted):
    pd.testing.assert_frame_equal(pd.read_parquet(folder / "engagements.parquet"), wanted)
    metadata = parquet.read_schema(folder / "engagements.parquet").metadata
    assert "CC BY 4.0" in json.loads(metadata[b"lac"])["licence"]


def test_the_workbook_has_the_tables_a_codebook_and_no_formula(tables, tmp_path, wanted):
    records = tables.engagements
    evil = records.assign(description="=1+1", source_title="https://example.org")
    folder = lac.export(tmp_path / "x", tables.replace(engagements=evil), formats="xlsx", **CHOICES)
    book = openpyxl.load_workbook(folder / "lac_analysis.xlsx")
    assert {"engagements", "places", "pairs", "country_years", "codebook", "about"} <= set(
        book.sheetnames
    )
    rows = list(book["engagements"].iter_rows(values_only=True))
    assert rows[0] == export.COLUMNS and len(rows) == len(wanted) + 1
    cell = book["engagements"].cell(2, export.COLUMNS.index("description") + 1)
    assert (cell.value, cell.data_type) == ("=1+1", "s")
    table = pd.DataFrame(rows[1:], columns=rows[0])
    assert table["engagement_id"].tolist() == wanted["engagement_id"].tolist()
    assert table["date_start"].tolist() == wanted["date_start"].astype(object).tolist()


def test_stata_has_labels_and_the_same_values(folder, wanted):
    with pd.read_stata(folder / "engagements.dta", iterator=True) as file:
        labels = file.variable_labels()
        table = file.read()
    assert labels["actor_type"] == "Type of the Chinese actor" and all(labels.values())
    assert (
        table["activity_label"].astype(str).tolist()
        == wanted["activity_label"].astype(str).tolist()
    )
    assert table["description"].tolist() == wanted["description"].tolist()
    assert table["year"].fillna(0).tolist() == wanted["year"].fillna(0).astype(float).tolist()


@pytest.mark.skipif(not shutil.which("Rscript"), reason="R is not installed")
@pytest.mark.slow
def test_r_reads_stata_where_it_is_at_hand(folder, wanted):
    script = "library(haven); cat(nrow(read_dta(commandArgs(TRUE)[1])))"
    file = str(folder / "engagements.dta")
    done = subprocess.run(["Rscript", "-e", script, file], capture_output=True, text=True)
    if "no package called" in done.stderr:
        pytest.skip("haven is not installed")
    assert done.stdout.strip() == str(len(wanted))


def test_the_same_export_twice_is_the_same_bytes_and_ours_alone_is_replaced(tables, tmp_path):
    folder = lac.export(tmp_path / "x", tables, countries="JAM")
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    lac.export(folder, tables, countries="JAM")
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    (folder / "thesis.txt").write_text("mine")
    with pytest.raises(lac.InputError):
        lac.export(folder, tables, countries="JAM")
    assert (folder / "thesis.txt").read_text() == "mine"


def test_a_path_through_the_older_export_replaces_it(tables, tmp_path):
    lac.export(tmp_path / "E", tables, formats=["csv"], countries=["GRD"])
    lac.export(tmp_path / "E" / ".." / "E", tables, formats=["csv"], countries=["DMA"])
    assert [path.name for path in tmp_path.iterdir()] == ["E"]
    found = pd.read_csv(tmp_path / "E" / "engagements.csv")
    assert set(found["country"]) == {"DMA"}


def test_csv_cells_that_a_spreadsheet_would_run_are_guarded(tables, tmp_path):
    evil = tables.engagements.assign(description="=HYPERLINK(1)")
    folder = lac.export(tmp_path / "x", tables.replace(engagements=evil), formats="csv")
    assert set(pd.read_csv(folder / "engagements.csv")["description"]) == {"'=HYPERLINK(1)"}


@pytest.mark.parametrize("kind", [tuple, set, iter, np.array, pd.Series, pd.Index, dict.fromkeys])
def test_filters_may_be_any_iterable_and_hold_for_every_table(tables, kind):
    wanted = export.contents(tables, countries=["ARG", "PER"], level=["admin1"], formats="csv")
    given = {"countries": kind(["ARG", "PER"]), "level": kind(["admin1"])}
    assert export.contents(tables, formats="csv", **given) == wanted


def test_country_years_count_the_local_ones_of_the_window(folder, tables):
    cells = pd.read_parquet(folder / "country_years.parquet")
    local = lac.select(tables, **CHOICES)
    assert cells["engagements"].sum() == local["year"].notna().sum() > 0
    assert set(cells["iso3"]) == {"ARG", "PER"} and set(cells["year"]) == set(range(2000, 2021))


@pytest.mark.parametrize(
    "choices",
    [
        {"countries": "Peru"},
        {"countries": "Peru", "window": (2010, 2024)},
        {"window": (2024, 2026)},  # no country table has these years
        {"countries": "Peru", "activity": "twinning"},
        {"level": "national"},
        {"selection": lac.Selection(2000, 2010, collection="all")},
    ],
    ids=str,
)
def test_no_engagement_is_lost_without_a_word(tables, tmp_path, choices):
    folder = lac.export(tmp_path / "x", tables, **choices, formats=["csv", "stata"])
    cells, selected = pd.read_csv(folder / "country_years.csv"), lac.select(tables, **choices)
    told = json.loads((folder / "datapackage.json").read_text())["lac"]["country_years"]
    numbers = [int(n.replace(",", "")) for n in re.findall(r"[\d,]*\d", told.partition(" Of ")[2])]
    total, inside, outside, undated = numbers
    assert total == len(selected) == inside + outside + undated
    assert inside == cells["engagements"].sum() and undated == selected["year"].isna().sum()
    assert told in (folder / "README.txt").read_text()
    assert told in " ".join(pd.read_csv(folder / "codebook.csv")["definition"].dropna())
    assert len(pd.read_stata(folder / "country_years.dta")) == len(cells)


def test_every_column_is_explained(tables, tmp_path):
    folder = lac.export(tmp_path / "x", tables, formats="csv")
    words = pd.read_csv(folder / "codebook.csv", keep_default_na=False)
    names = [path.stem for path in folder.glob("*.csv")]
    assert set(words["table"]) == set(names) >= {"verdicts", "codebook"}
    assert words["title"].str.len().between(1, 80).all()
    keys = words["table"].eq("codebook") | words["column"].isin(["iso3", "country_name", "year"])
    assert words[~keys][["source", "licence"]].ne("").all(axis=None)
    for row in words[words["values"] != ""].itertuples():
        parts = [told.partition(" = ")[0] for told in row.values.split("; ")]
        known = {code for part in parts for code in part.split(" or ")}
        found = pd.read_csv(folder / f"{row.table}.csv", keep_default_na=False, dtype=str)
        apart = {"templates": " ", "conflicts": "; "}.get(row.column)
        codes = found[row.column].replace({"": "blank"})
        codes = codes.str.split(apart).explode() if apart else codes
        assert set(codes) <= known, row.column
    for column in ("date_precision", "source_type", "templates", "conflicts", "technology_kind"):
        assert words.set_index("column")["values"][column]


def test_a_part_or_a_user_s_own_records_come_without_our_verdicts(folder, tables, tmp_path):
    assert not (folder / "verdicts.csv").exists()
    own = type(tables)(tables._frames, "x", "mine.csv")
    folder = lac.export(tmp_path / "x", own, countries="JAM", formats=["csv"])
    assert not (folder / "verdicts.csv").exists()
    read_me = (folder / "README.txt").read_text()
    assert "mine.csv" in read_me and "found by searching" not in read_me
    brazil = tables.engagements[tables.engagements["country"] == "BRA"]
    changed = lac.export(tmp_path / "y", tables.replace(engagements=brazil), formats=["csv"])
    assert not (changed / "verdicts.csv").exists()
    assert "changed since: engagements" in (changed / "README.txt").read_text()
    words = pd.read_csv(folder / "codebook.csv").set_index("column")["licence"]
    assert (words["engagement_id"], words["population"]) == ("yours", "CC-BY-4.0")
    assert "licenses" not in json.loads((folder / "datapackage.json").read_text())


def test_an_unknown_format_writes_nothing(tables, tmp_path):
    with pytest.raises(lac.InputError, match="xlsx"):
        lac.export(tmp_path / "x", tables, formats="xls")
    for name in ("x\0", "\ud800", "x" * 300, f"q/{'x' * 300}/y"):
        with pytest.raises(lac.InputError, match="cannot be written"):
            lac.export(tmp_path / name, tables)
    with pytest.raises(lac.InputError, match=r'lac.export\("peru", data, formats=\["xlsx"\]\)'):
        lac.export(tmp_path / "peru.xlsx", tables)
    assert not any(tmp_path.iterdir())


def test_an_option_that_there_is_not_names_those_of_an_export(tables, tmp_path):
    for option, near in (("format", "formats"), ("contries", "countries")):
        with pytest.raises(lac.InputError, match=f"no option '{option}'. Expected: {near}"):
            lac.export(tmp_path / "x", tables, **{option: "csv"})


def test_a_program_s_name_is_its_format(tables, tmp_path):
    folder = lac.export(tmp_path / "x", tables, countries="JAM", formats=["Excel", "stata"])
    assert (folder / "lac_analysis.xlsx").exists() and (folder / "places.dta").exists()


def test_no_engagement_at_all_is_an_empty_table_in_every_format(tables, tmp_path):
    folder = lac.export(tmp_path / "x", tables, text="no record holds this")
    assert pd.read_csv(folder / "engagements.csv").empty
    assert pd.read_parquet(folder / "engagements.parquet").empty
    assert pd.read_stata(folder / "engagements.dta").columns.tolist() == list(export.COLUMNS)
    assert pd.read_excel(folder / "lac_analysis.xlsx", sheet_name="engagements").empty


def test_a_text_that_excel_would_cut_is_refused(tables, tmp_path):
    long = tables.replace(engagements=tables.engagements.assign(description="a" * 32_768))
    with pytest.raises(lac.InputError, match=r"cells, of E:A-0001: '32,768 letters'"):
        lac.export(tmp_path / "x", long, formats="xlsx")
    assert not (tmp_path / "x").exists()
    lac.export(tmp_path / "x", long, countries="JAM", formats="dta")
    assert set(pd.read_stata(tmp_path / "x/engagements.dta")["description"].str.len()) == {32_768}


def test_a_filter_that_is_none_is_not_passed_over(tables, tmp_path):
    with pytest.raises(lac.InputError, match=r"contries.*countries"):
        lac.export(tmp_path / "x", tables, contries="")
    assert not (tmp_path / "x").exists()
