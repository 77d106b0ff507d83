"""The site is whole, holds what the runs hold, and asks nobody for anything. No browser is needed
here.
"""

import hashlib
import json
import re
from html.parser import HTMLParser
from urllib.parse import unquote, urlsplit

import numpy as np
import pandas as pd
import pytest
from made_up import HOSTILE
from PIL import Image

from lac_analysis import cli
from lac_analysis.batch import notebook as notebooks
from lac_analysis.charts.picture import read_alt, read_provenance
from lac_analysis.claims import plan as plans
from lac_analysis.errors import InputError
from lac_analysis.report import site
from lac_analysis.report.site import markdown


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


def test_every_claim_and_every_notebook_has_a_page(built):
    found = {path.stem for path in built.glob("*.html")}
    assert found == {
        "index", "data", "tables", "codebook", "methods", "made",
        *plans.load(), *(path.stem for path in notebooks.every()),
    }  # fmt: skip


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
            if parts.fragment:
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
    at = [text.index(f'href="{name}.html"') for name in plans.load()]
    assert at == sorted(at)
    assert text.count('class="verdict partly-supported"') == 18
    assert text.count('class="verdict not-testable"') == 2


def test_a_claim_shows_its_numbers_and_what_it_does_not_show(built):
    text = (built / "authority.html").read_text()
    for said in (
        "1.5 (95% interval 1.1 to ∞), p = 0.01",
        "90 % of 12",
        "another &lt;b&gt;test&lt;/b&gt;",
        "With five labelled",
    ):
        assert said in text
    assert "Not testable: a datum is missing." in (built / "platforms.html").read_text()


def test_a_claims_robustness_panel_holds_its_specifications_and_the_curve_of_all_claims(built):
    before, after = (built / "authority.html").read_text().split('id="robustness"')
    assert (
        'src="figures/08_authority/verdicts.png"' in before and "specifications.png" not in before
    )
    assert 'src="figures/08_authority/specifications.png"' in after
    assert 'src="figures/90_specification_curve/authority.png"' in after
    assert "too many for this page: <code>figures/08_authority/specifications.csv</code>" in after
    assert not (built / "figures" / "08_authority" / "specifications.csv").exists()
    assert "90_specification_curve/authority.png" not in (built / "reach.html").read_text()


def test_pictures_keep_alt_text_and_provenance_and_their_numbers(built, project):
    for path in built.glob("figures/*/verdicts.png"):
        source = project / "runs" / path.parent.name / path.name
        assert read_alt(path) == read_alt(source) and read_provenance(path) == read_provenance(
            source
        )
        assert path.with_suffix(".csv").read_bytes() == source.with_suffix(".csv").read_bytes()
        with Image.open(path) as small, Image.open(source) as large:
            small, large = (
                np.asarray(image.convert("RGB")).astype(int) for image in (small, large)
            )
        assert small[0, 0].tolist() == [255, 255, 255]
        assert np.abs(small - large).mean() < 1  # of 255: nothing to see


def test_a_picture_of_the_run_is_not_kept_twice_and_any_other_is_kept(built, project):
    for run in (project / "runs").iterdir():
        own = list(run.glob("*.png"))
        kept = list((built / "figures" / run.name).glob("*.png"))
        assert len(kept) == len(own) + 1, (
            run.name
        )  # one output of each made-up notebook is not of the run


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
    sources = [row[content["columns"].index("sources")] for row in content["rows"]]
    assert all(re.fullmatch(r"(https?://[^\s\"'<>]+ ?)*", source) for source in sources)
    assert "example.org" not in " ".join(sources)


def test_no_cell_of_the_download_runs_as_a_formula(built):
    table = pd.read_csv(built / "engagements.csv", dtype=str, keep_default_na=False)
    assert not table.map(lambda cell: cell.startswith(("=", "+", "-", "@"))).to_numpy().any()
    assert table["actor"].str.startswith("'=HYPERLINK").any()


def test_the_same_runs_give_the_same_bytes_and_replace_the_old_site(built, project, data, tmp_path):
    first = digest(built)
    (tmp_path / "site").mkdir()
    site.build(tmp_path / "site", project, data)
    assert digest(tmp_path / "site") == first
    (tmp_path / "site" / "stale.html").write_text("old")
    site.build(tmp_path / "site", project, data)
    assert digest(tmp_path / "site") == first
    assert [path.name for path in tmp_path.iterdir()] == ["site"]


def test_a_folder_with_other_things_is_left_alone(project, tmp_path):
    (tmp_path / "thesis.docx").write_text("mine")
    with pytest.raises(InputError, match="holds something else"):
        site.build(tmp_path, project)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.docx"]


def test_before_the_first_run_it_says_what_to_do(tmp_path, capsys):
    assert cli.main(["report", "--out", str(tmp_path / "site"), "--project", str(tmp_path)]) == 2
    assert "no notebook was run yet. Expected: run `lac reproduce` first" in capsys.readouterr().err
    assert not (tmp_path / "site").exists()


def test_without_runs_the_reference_is_shown(project, data, tmp_path):
    root = tmp_path / "project"
    for run in (project / "runs").iterdir():
        for path in run.iterdir():
            target = root / "figures" / run.name / path.name
            if path.name == "finding.json":
                target = root / "data" / "reference" / f"{run.name}.json"
            if path.suffix != ".ipynb" and path.name != "manifest.json":
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(path.read_bytes())
    (root / "data" / "reference" / "11_atlas.json").unlink()
    built = site.build(tmp_path / "site", root, data).parent
    assert "Only the reference findings are at hand" in (built / "08_authority.html").read_text()
    assert not (built / "11_atlas.html").exists()
    first = (built / "index.html").read_text()
    assert "Not run: 11_atlas." in first and 'href="11_atlas.html"' not in first


def test_formulas_are_drawn_with_their_tex_as_name_and_unknown_ones_are_shown_as_code():
    drawn = markdown.to_html(r"Take $\frac{y}{e} \le 2$ & more.")
    assert (
        'aria-label="\\frac{y}{e} \\le 2"' in drawn and "<path" in drawn and "&amp; more" in drawn
    )
    assert markdown.formula(r"\nosuch{x}") == r"<code>\nosuch{x}</code>"


def test_markdown_is_not_trusted():
    made = markdown.to_html(
        "[a](javascript:alert(1)) <b onclick=x>b</b> ![alt](https://example.org/x.png)"
    )
    assert "javascript:" not in made and "<b" not in made and "<img" not in made and "alt" in made
    made = markdown.to_html(
        "[a](methods.md#b) [c](reviewer.md) [d](https://example.org/?a=1&b=2) [e](#f)"
    )
    assert re.findall('href="([^"]*)"', made) == [
        "methods.html#b",
        "https://example.org/?a=1&amp;b=2",
        "#f",
    ]
    assert "reviewer.md" not in made
