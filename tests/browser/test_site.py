"""The site is whole, holds what the runs hold, and asks nobody for anything. No browser is needed
here.
"""

import hashlib
import json
import re
import shutil
from html import unescape
from html.parser import HTMLParser
from urllib.parse import unquote, urlsplit

import pandas as pd
import pytest
from made_up import HOSTILE

import lac_analysis as lac
from lac_analysis import cli, config, files
from lac_analysis.batch import suite
from lac_analysis.claims.plan import load
from lac_analysis.errors import InputError
from lac_analysis.names import codes
from lac_analysis.report import export
from lac_analysis.report.site import build as site
from lac_analysis.report.site import pages as made


class Page(HTMLParser):
    """Addresses that a page refers to, its ids, headings and tags."""

    def __init__(self, path):
        super().__init__()
        self.links, self.ids, self.headings, self.tags, self.images = [], [], [], [], []
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        self.tags.append((tag, given))
        self.links += [given[name] for name in ("href", "src") if name in given]
        self.ids += [given["id"]] if "id" in given else []
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(int(tag[1]))
        if tag == "img":
            self.images.append(given)


def pages(folder):
    return {
        path.relative_to(folder).as_posix(): Page(path) for path in sorted(folder.glob("*.html"))
    }


def digest(folder):
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_every_notebook_has_a_page(built):
    found = {path.stem for path in built.glob("*.html")}
    notebooks = {path.stem for path in suite.every()}
    others = {name for name in found if name.startswith(("country_", "place_"))}
    assert found - others == notebooks | {
        "index",
        "map",
        "data",
        "glossary",
        "teaching",
        "version_1",
    }


def test_every_link_leads_somewhere(built):
    read = pages(built)
    for name, page in read.items():
        for link in page.links:
            parts = urlsplit(link)
            if parts.scheme:
                assert parts.scheme in ("http", "https"), (name, link)
                continue
            target = unquote(parts.path) or name
            assert (built / target).is_file(), (name, link)
            if parts.fragment and target != "data.html":  # there it is what to filter
                assert parts.fragment in read[target].ids, (name, link)


def test_nothing_is_loaded_from_elsewhere(built):
    for name, page in pages(built).items():
        for tag, given in page.tags:
            loaded = given.get("src") or (given.get("href") if tag == "link" else "") or ""
            assert not urlsplit(loaded).netloc and not loaded.startswith("data:"), (
                name,
                tag,
                loaded,
            )
            assert not [key for key in given if key.startswith("on")], (name, tag, given)
    for path in built.glob("*.css"):
        assert "url(" not in path.read_text() and "@import" not in path.read_text()


def test_pages_are_in_order_for_a_screen_reader(built):
    for name, page in pages(built).items():
        assert len(page.ids) == len(set(page.ids)), name
        assert page.headings.count(1) == 1, name
        deepest = 0
        for level in page.headings:
            assert level <= deepest + 1, name
            deepest = level
        assert all(image.get("alt") for image in page.images), name


def test_the_first_page_gives_the_verdicts_in_the_order_of_the_report(built):
    text = (built / "index.html").read_text()
    at = [text.index(f'href="{plan.notebook}.html"') for plan in load().values()]
    assert at == sorted(at)
    assert text.count('class="verdict partly-supported"') == 20
    assert text.count('class="verdict not-testable"') == 2


def test_a_claims_page_gives_the_answer_first_and_then_the_notebook(built):
    text = (built / "08_authority.html").read_text()
    answer, test = text.index("1.5 (95% interval 1.1 to ∞), p = 0.01"), text.index("smf")
    assert answer < test and "From 2021 to 2025: partly supported" in text
    assert "Not testable: a datum is missing." in (built / "05_platforms.html").read_text()


def test_every_country_has_a_page_and_a_link_on_the_map_and_in_the_list(built, data):
    links = pages(built)["map.html"].links
    for iso3, name in data.countries.set_index("iso3")["country"].items():
        assert links.count(f"country_{iso3}.html") >= 2
        assert f"<h1>{name}</h1>" in (built / f"country_{iso3}.html").read_text()


def test_the_pages_and_the_map_count_what_select_and_places_count(built, data):
    local, every = lac.select(data), lac.select(data, level=codes("level"))
    assert 0 < len(local) < len(every) < len(data.engagements)  # planned ones are left out
    drawn = (built / "map.html").read_text()
    counts = local["country"].value_counts()
    for iso3, name in data.countries.set_index("iso3")["country"].items():
        n, text = counts.get(iso3, 0), (built / f"country_{iso3}.html").read_text()
        assert re.search(f'class="lead">{n} local engagements? .* and (\\d+) national', text)
        assert f"<title>{name}: {n}</title>" in drawn
        assert f'<a href="country_{iso3}.html">{name}</a> {n}</li>' in drawn
        years = sum(map(int, re.findall(r"</th><td>(\d+)</td>", text)))
        assert years == n
        shown = text.count('<td data-label="Date">')
        assert shown == min(50, (every["country"] == iso3).sum())
    named = re.findall(r'<a href="(place_[^"]*)">[^<]*</a>, [^<]* (\d+)</li>', drawn)
    at = lac.places(data).groupby("place_id")["engagements"].sum()
    assert sorted((int(n) for _, n in named), reverse=True) == at.nlargest(30).tolist()
    assert f"{len(every):,} engagements that happened" in (built / "data.html").read_text()


def test_every_place_with_two_engagements_has_a_page_with_its_acts_in_order(built, data):
    counts = lac.places(data).groupby("place_id")["engagements"].sum()
    assert len(list(built.glob("place_*.html"))) == (counts >= 2).sum()
    text = (built / "place_ar_y.html").read_text()
    assert "<h1>Jujuy, Argentina</h1>" in text
    assert f"{counts['AR-Y']} local engagements" in text
    dates = re.findall(r'<td data-label="Date">([^<]*)<', text)
    dated = [date for date in dates if date != "not dated"]
    assert len(dates) == counts["AR-Y"] and dated == sorted(dated) and dates[: len(dated)] == dated


def test_a_country_tells_its_line_of_a_claims_table_in_a_sentence(built):
    def told(iso3):
        text = re.sub(r"<[^>]*>", "", (built / f"country_{iso3}.html").read_text())
        return " ".join(text.split())

    assert "first dated local engagement took place in 1986; it counts as" in told("BRA")
    assert "took place on 30 June 2007 or before; it does not count" in told("KNA")
    assert "33 of 40 excerpts on it tell of a local engagement (82 %)" in told("BRA")
    assert "It counts as federal." in told("BRA") and "as not federal." in told("KNA")
    assert "found 1 local engagement of 2000–2020 or of unknown date: it does not" in told("KNA")
    assert "07_reach.html" not in (built / "country_ARG.html").read_text()


def test_the_first_page_offers_the_export_where_there_is_one(project, data, tmp_path, monkeypatch):
    for folder in ("docs", "notebooks"):
        shutil.copytree(config.ROOT / folder, tmp_path / "root" / folder)
    monkeypatch.setattr(config, "ROOT", tmp_path / "root")
    without = site.build(tmp_path / "without", project, data)
    assert "export/" not in without.read_text()
    for name in ("places.csv", "pairs.csv", "places.dta", "lac_analysis.xlsx"):
        files.write_text(tmp_path / "root" / "data" / "export" / name, "a\n1\n")
    first = site.build(tmp_path / "site", project, data)
    assert 'href="export/places.csv" download' in (text := first.read_text())
    assert "<strong>CSV</strong> (2 files, 8 Bytes)" in text and "<strong>Excel</strong>" in text
    assert "<strong>Parquet</strong>" not in text and export.rights()["citation"] in unescape(text)
    assert (first.parent / "export" / "places.csv").read_text() == "a\n1\n"


def test_pictures_keep_their_alt_text_and_any_other_gets_one(built):
    page = pages(built)["08_authority.html"]
    images = page.images
    said = ["What notebook 08_authority shows.", "Picture drawn by the code above"]
    assert [image["alt"] for image in images] == said
    assert all((built / image["src"]).is_file() for image in images)
    assert all(page.links.count(image["src"]) >= 2 for image in images)  # in full size, too


def test_text_of_records_stays_text(built):
    for path in built.glob("*.html"):
        text = path.read_text()
        assert "<script>window" not in text and "onerror='window" not in text.replace(
            "&lt;img src=x onerror=", ""
        )
    script = (built / "engagements.js").read_text()
    assert script.startswith("const ENGAGEMENTS = ") and script.endswith(";\n")
    content = json.loads(script.removeprefix("const ENGAGEMENTS = ").removesuffix(";\n"))
    cells = [cell for row in content["rows"] for cell in row]
    assert HOSTILE["description"] in cells and HOSTILE["china_actor_text"] in cells
    for name, page in pages(built).items():
        assert not [link for link in page.links if "attacked" in link], name


def test_no_cell_of_the_download_runs_as_a_formula(built):
    table = pd.read_csv(built / "engagements.csv", dtype=str, keep_default_na=False)
    assert not table.map(lambda cell: cell.startswith(("=", "+", "-", "@"))).to_numpy().any()
    assert table["china_actor_text"].str.startswith("'=HYPERLINK").any()


def test_the_download_has_the_ids_and_columns_of_the_export(built, data, tmp_path):
    table = pd.read_csv(built / "engagements.csv", keep_default_na=False)
    folder = lac.export(tmp_path / "export", data, formats=["csv"])
    exported = pd.read_csv(folder / "engagements.csv", keep_default_na=False)
    happened = table[~table["planned"]].drop(columns="planned").sort_values("engagement_id")
    expected = exported.sort_values("engagement_id").reset_index(drop=True)
    pd.testing.assert_frame_equal(happened.reset_index(drop=True), expected)
    script = (built / "engagements.js").read_text()
    content = json.loads(script.removeprefix("const ENGAGEMENTS = ").removesuffix(";\n"))
    shown = pd.DataFrame(content["rows"], columns=content["columns"]).set_index("engagement_id")
    for column in set(shown) & set(exported) - {"year"}:  # a year may be missing
        same = shown.loc[exported["engagement_id"], column].tolist()
        assert same == exported[column].str.removeprefix("'").tolist(), column


def test_the_same_runs_give_the_same_bytes_and_replace_the_old_site(built, project, data, tmp_path):
    first = digest(built)
    for _ in range(2):
        site.build(tmp_path / "site", project, data)
        assert digest(tmp_path / "site") == first
    assert [path.name for path in tmp_path.iterdir()] == ["site"]


@pytest.mark.parametrize("name", ["thesis.docx", "figures/mine.png", "index.html"])
def test_what_an_earlier_site_did_not_write_is_left_alone(built, project, data, tmp_path, name):
    out = tmp_path / "site"
    if name != "thesis.docx":
        shutil.copytree(built, out)
    (out / name).parent.mkdir(parents=True, exist_ok=True)
    (out / name).write_text("mine")
    before = digest(out)
    with pytest.raises(InputError, match="did not write this"):
        site.build(out, project, data)
    assert digest(out) == before


def test_before_the_first_run_it_says_what_to_do(tmp_path, capsys):
    assert cli.main(["report", "--out", str(tmp_path / "site"), "--project", str(tmp_path)]) == 2
    assert "not run yet" in (said := capsys.readouterr().err) and "lac reproduce" in said
    assert not (tmp_path / "site").exists()


def test_a_notebook_that_was_not_run_is_named(project, data, tmp_path):
    shutil.copytree(project / "runs", tmp_path / "project" / "runs")
    shutil.rmtree(tmp_path / "project" / "runs" / "11_atlas")
    out = site.build(tmp_path / "site", tmp_path / "project", data).parent
    first = (out / "index.html").read_text()
    assert "Not run: 11_atlas." in first and 'href="11_atlas.html"' not in first


def rendered(markdown):
    return made.html(markdown, {"07_reach.html", "glossary.html", "index.html"})


def test_markdown_is_not_trusted():
    text = rendered(
        "[a](javascript:alert(1)) <b onclick=x>b</b> <script>alert(1)</script> "
        "![alt](https://example.org/x.png)"
    )
    assert "javascript:" not in text and "onclick" not in text and "<script" not in text
    assert "<img" not in text


def test_links_lead_to_pages_of_the_site_or_to_the_web():
    text = rendered(
        "[a](../docs/glossary.md#SESOI) [b](07_reach.ipynb) [c](../docs/reviewer.md) "
        "[d](https://example.org/?a=1) [e](#f)"
    )
    assert re.findall('href="([^"]*)"', text) == [
        "glossary.html#sesoi",
        "07_reach.html",
        "index.html",
        "https://example.org/?a=1",
        "#f",
    ]


def test_a_run_that_was_changed_is_not_reported(project, tmp_path):
    shutil.copytree(project / "runs", tmp_path / "runs")
    (tmp_path / "runs" / "03_growth" / "finding.json").write_text("{}")
    with pytest.raises(InputError, match=r"finding\.json: it was changed since the run"):
        made.runs(tmp_path / "runs")
