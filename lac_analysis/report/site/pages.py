"""The pages: verdicts, map, countries, places, every notebook as executed, engagements, words."""

import re
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from urllib.parse import unquote

import jinja2
import pandas as pd
from nbconvert.filters.markdown import markdown2html

from lac_analysis import config, files
from lac_analysis.batch import cache, suite
from lac_analysis.charts import read_alt
from lac_analysis.claims.finding import Finding, show
from lac_analysis.claims.plan import load
from lac_analysis.errors import InputError
from lac_analysis.report import executed, export
from lac_analysis.report.site import places, region

VERDICTS = "99_verdicts"
_NAVIGATION, _DOCUMENTS, _LEVELS = files.read_yaml(Path(__file__).with_suffix(".yml")).values()
_SHADES = (1, 10, 30, 100)  # engagements from which the map's next shade begins
_LATEST = 50  # engagements on the page of a country; the data page has all
_ADDRESS = re.compile(r"https?://[^\s\"'<>]+", re.IGNORECASE)
_ANCHOR = re.compile('<a class="anchor-link"[^>]*>.*?</a>')
_FIGURE = re.compile(r"\.\./\.\./(figures/[\w-]+/[\w-]+\.png)")


@dataclass(frozen=True)
class Run:
    """One run of a notebook, with the finding and the manifest that it left."""

    folder: Path
    text: str  # the notebook as executed, in Markdown
    pictures: dict[str, bytes]  # of the text that are no files of the run
    finding: dict
    manifest: dict

    @property
    def title(self) -> str:
        return _title(self.text)


def runs(folder: Path) -> dict[str, Run]:
    """The runs of the suite by notebook. Raises InputError where the verdicts were not run yet."""
    found = {}
    for source in suite.every():
        run = folder / source.stem
        if (run / source.name).is_file() and (run / files.FINDING).is_file():
            for path in cache.changed(run):
                problem = "it was changed since the run that wrote it"
                raise InputError(problem, file=path, expected="lac run, which makes it again")
            made = executed.markdown(run)
            found[source.stem] = Run(run, *made, cache.finding(run), cache.read(run))
    if VERDICTS not in found:
        problem = "there is nothing to report: the verdicts were not run yet"
        raise InputError(problem, file=folder, expected="run `lac reproduce` first")
    return found


def render(
    runs: dict[str, Run], rows: pd.DataFrame, names: dict[str, str], **words
) -> dict[str, bytes]:
    """Every page and picture of the site: path -> content.

    rows : the engagements (see engagements.rows).   names : of the countries, by ISO3.
    words : further values for the templates.
    """
    report, later = (_findings(runs[VERDICTS], name) for name in ("report", "out_of_sample"))
    claims = {plan.notebook: plan for plan in load().values()}
    documents = {name: (config.ROOT / "docs" / f"{name}.md").read_text() for name in _DOCUMENTS}
    known = {f"{name}.html" for name in (*runs, *documents, "index", "map", "data")}
    local, happened = places.local(rows), rows[~rows["planned"]]
    listed = places.listed(local)
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "show": show,
        "day": lambda day: f"{date.fromisoformat(day):%d %B %Y}".lstrip("0"),
        "addresses": lambda sources: list(filter(_ADDRESS.fullmatch, sources.split("; "))),
        "level": lambda code: _LEVELS.get(code, code),
    }
    environment.globals |= words | {
        "claims": claims,
        "runs": runs,
        "report": report,
        "later": later,
        "names": names,
        "navigation": {name: word for name, word in _NAVIGATION.items() if name in known},
        "place_pages": listed["page"].to_dict(),
        "planned": len(rows) - len(happened),
        **export.rights(),
    }
    made: dict[str, bytes] = {}

    def page(name: str, template: str, title: str, **given) -> None:
        text = environment.get_template(template).render(page=name, title=title, **given)
        made[name] = text.encode("utf-8")

    alt = read_alt(runs[VERDICTS].folder / "verdicts.png")
    found = runs["00_data"].finding if "00_data" in runs else {}
    missing = [path.stem for path in suite.every() if path.stem not in runs]
    page("index.html", "index.html", "Findings", alt=alt, counts=found, missing=missing)
    for name, run in runs.items():
        body = html(run.text, known)
        page(f"{name}.html", "notebook.html", run.title, body=body, claim=claims.get(name))
        for picture in re.findall(r'<img [^>]*src="(figures/[^"]*)"', body):
            file = run.folder / Path(picture).name
            made[picture] = run.pictures.get(file.name) or file.read_bytes()
    for name, text in documents.items():
        page(f"{name}.html", "notebook.html", _title(text), body=html(text, known), claim=None)
    choices = {
        name: [(code, _LEVELS.get(code, code)) for code in sorted(set(rows[name]) - {""})]
        for name in ("activity_family", "actor_family", "level")
    }
    page("data.html", "data.html", "Engagements", total=len(happened), choices=choices)

    counts = {iso3: int((local["country"] == iso3).sum()) for iso3 in names}
    shades = {iso3: sum(count >= bound for bound in _SHADES) for iso3, count in counts.items()}
    page(
        "map.html", "map.html", "Map", map=region.draw(), width=region.WIDTH, counts=counts,
        shades=shades, bounds=_SHADES, top=listed,
    )  # fmt: skip
    lines = {name: places.lines(runs[name].folder) for name in claims if name in runs}
    for iso3, name in names.items():
        here, every = local[local["country"] == iso3], happened[happened["country"] == iso3]
        page(
            f"country_{iso3}.html", "country.html", name, iso3=iso3, rows=every.head(_LATEST),
            total=len(every), local=len(here), grid=places.by_kind(here, "activity_family"),
            planned=int((rows["country"] == iso3).sum()) - len(every),
            lines={claim: line[iso3] for claim, line in lines.items() if iso3 in line},
            towns=listed[listed["country"] == iso3].sort_values("place"),
        )  # fmt: skip
    for place in listed.itertuples():
        here = local[local["place_id"] == place.Index]
        here = here.assign(undated=here["date"] == "")
        here = here.sort_values(["undated", "date", "engagement_id"])
        page(
            place.page, "place.html", f"{place.place}, {names[place.country]}", rows=here,
            iso3=place.country, grid=places.by_kind(here, "activity_label"),
        )  # fmt: skip
    return made


def _findings(run: Run, window: str) -> dict[str, Finding]:
    try:
        found = run.finding[window].items()
        return {claim: Finding.from_dict(content) for claim, content in found}
    except (KeyError, TypeError, AttributeError, InputError):
        problem, expected = "the verdicts are of another version", "run `lac reproduce` first"
        raise InputError(problem, file=run.folder / files.FINDING, expected=expected) from None


def html(text: str, known: set[str]) -> str:
    """Markdown as HTML without head, whose links lead to pages of the site and whose pictures are
    those of figures/. Text is data: what is no table or prose is taken out.
    """
    made = executed.safe(
        _ANCHOR.sub("", markdown2html(text)),
        img=lambda tag, name, value: name == "alt" or (name == "src" and _FIGURE.fullmatch(value)),
    )
    made = re.sub(r'<img(?![^>]* src=")[^>]*>', "", made)  # whose address was taken out
    made = _FIGURE.sub(r"\1", made)
    made = re.sub(r'(?<= href=")[^"]*', lambda link: _link(link[0], known), made)
    made = re.sub(r'(?<=<h[1-4] id=")[^"]*', lambda name: _slug(name[0]), made)
    # to the full size, as a phone shows little of it
    made = re.sub(r'<img [^>]*src="([^"]*)"[^>]*>', r'<a class="picture" href="\1">\g<0></a>', made)
    # what scrolls sideways is reached by keyboard
    table = '<div class="wide" tabindex="0" role="group" aria-label="Table"><table'
    made = made.replace("<table", table).replace("</table>", "</table></div>")
    return made.replace("<pre>", '<pre tabindex="0">')


def _link(target: str, known: set[str]) -> str:
    """A link to the web, to a page of the site or within one; else to the first page."""
    if target.startswith(("http://", "https://")):
        return target
    file, sign, part = target.partition("#")
    page = f"{Path(file).stem}.html" if file else ""
    if not target or (file and page not in known):
        page = "index.html"
    return f"{page}{sign}{_slug(part)}"


def _slug(heading: str) -> str:
    """The name of a heading in a link, as GitHub makes it."""
    return re.sub(r"[^\w-]", "", unquote(heading).lower().replace(" ", "-"))


def _title(text: str) -> str:
    return text.partition("\n")[0].lstrip("# ")
