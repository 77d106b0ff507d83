"""Take the data away: CSV, Parquet, Excel and Stata files of any selection, with a codebook, the
licence and what they were made from inside.
"""

from collections.abc import Iterable
from inspect import signature
from pathlib import Path

import pandas as pd

from lac_analysis import __version__, config, explore, files, outputs
from lac_analysis.batch import cache
from lac_analysis.errors import InputError, checked, nearest, texts
from lac_analysis.names import codes, country_name
from lac_analysis.records import coding, schema
from lac_analysis.report import reference
from lac_analysis.report.formats import datapackage, dta, parquet, xlsx
from lac_analysis.selection import Selection
from lac_analysis.tables import Tables, source

_SAID = files.read_yaml(Path(__file__).with_suffix(".yml"))
COLUMNS = tuple(_SAID["columns"])  # of engagements
FORMATS = ("csv", "parquet", "xlsx", "dta")
EVERY = {"level": codes("level")}  # the national engagements, too
_PROGRAMS = {"excel": "xlsx", "stata": "dta"}
_TRUTHS = {"": "blank", "0": "0 or False", "1": "1 or True"}
_WORDS = ["table", "column", "title", "definition", "values", "unit", "source", "licence"]


@checked
def export(
    folder: str | Path, tables: Tables, selection: Selection | None = None, *,
    formats: str | Iterable = FORMATS, **filters,
) -> Path:  # fmt: skip
    """Write engagements, places, pairs, country-years and, where these are all of the project's
    own records, the verdicts of the reference run.

    Parameters
    ----------
    folder : a new one, or that of an earlier export.
    tables, selection, **filters : as of `lac.select`, but without `level` national engagements are
        written, too.
    formats : of csv (with datapackage.json), parquet, xlsx or excel (one workbook), dta or stata
        (Stata 14 or later).

    Returns
    -------
    Path : of the folder.

    Raises
    ------
    InputError : an unknown format, filter or code, a folder named as a file is (peru.xlsx), or one
        that holds what is no export.

    Examples
    --------
    >>> import lac_analysis as lac
    >>> folder = lac.export("jamaica", lac.load(), countries="JAM", formats=["csv", "dta"])
    >>> (folder / "engagements.csv").is_file()
    True
    """
    if not str(folder).strip():  # else the present one
        raise InputError("parameter folder", value=str(folder), expected="the name of a folder")
    folder = outputs.absolute(folder)
    if (ending := folder.suffix[1:].lower()) in FORMATS:
        call = f'lac.export("{folder.stem}", data, formats=["{ending}"])'
        expected = f"a folder's: {call}, or lac export --out {folder.stem} --formats {ending}"
        raise InputError("a file's name", value=folder.name, expected=expected)
    cache.refuse_foreign(folder, "input_hash")
    own = tables.name or tables.changed
    verdicts = None if own else reference.verdicts(config.ROOT)
    made = contents(tables, selection, verdicts, formats=formats, **filters)
    with outputs.alone(folder.parent), outputs.unfinished(folder.parent) as work:
        files.write_all(work / "export", made)
        cache.put_in_place(work / "export", folder, {"input_hash": tables.input_hash})
    return folder


def contents(
    tables: Tables, selection: Selection | None = None, verdicts: pd.DataFrame | None = None, /, *,
    formats: str | Iterable = FORMATS, **filters,
) -> dict[str, bytes]:  # fmt: skip
    """The files of an export: name -> content. The same tables give the same bytes.

    verdicts : to go with them where nothing is left out.   Others as of `export`.
    """
    formats = [_PROGRAMS.get(name.lower(), name) for name in texts(formats, "parameter formats")]
    if not formats:
        raise InputError("parameter formats: empty", expected=", ".join(FORMATS))
    for name in formats:
        if name not in FORMATS:
            expected = nearest(name, (*FORMATS, *_PROGRAMS))
            raise InputError("unknown format", value=name, expected=expected)
    known = ["formats", *list(signature(explore.select).parameters)[2:]]
    for name in filters:
        if name not in known:
            raise InputError(f"lac.export: no option {name!r}", expected=nearest(name, known))
    filters = {name: _again(by) for name, by in filters.items() if by is not None}
    frames, covers = _frames(tables, selection, filters)
    if verdicts is not None and not (selection or filters):
        frames["verdicts"] = verdicts
    data = files.read_object(config.RAW / "datapackage.json")  # what an export is taken from
    about = {
        "made_from": f"{source(tables.name)}{'; changed since: ' * bool(tables.changed)}"
        + ", ".join(tables.changed),
        "records": f"{len(tables.records):,}, of {len(tables.engagements):,} engagements: those "
        f"that tell of one act are one; {tables.engagements['planned'].sum():,} are planned acts, "
        "which stand in no table",
        "selection": selection.describe(tables) if selection else "all engagements that happened",
        "filters": files.to_json_values(filters),
        "country_years": covers,
        "version": __version__,
        "input_hash": tables.input_hash,
        **rights(tables.name),
    }
    words = codebook(frames, about | {"terms": "yours" if tables.name else "CC-BY-4.0"})
    titles = words.set_index(["table", "column"])["title"]
    whose = "own" if tables.name else "ours"
    made = {"README.txt": _read_me(frames, about, whose), "codebook.csv": files.csv_bytes(words)}
    for name, frame in frames.items():
        if "csv" in formats:
            made[f"{name}.csv"] = files.csv_bytes(frame)
        if "parquet" in formats:
            made[f"{name}.parquet"] = parquet(frame, about)
        if "dta" in formats:
            label = f"lac-analysis, {name}; {about['licence'].partition(';')[0]}"
            made[f"{name}.dta"] = dta(frame, label, titles[name].to_dict())
    if "csv" in formats:
        described = {} if tables.name else {"licenses": data["licenses"]}
        described |= {name: data[name] for name in ("version", "contributors")}
        described |= {"title": f"{data['title']}: an export", "description": about["licence"]}
        described["lac"] = about
        made["datapackage.json"] = datapackage(frames | {"codebook": words}, described)
    if "xlsx" in formats:
        said = [(name.replace("_", " "), str(value)) for name, value in about.items()]
        sheets = {"codebook": words, "about": pd.DataFrame(said, columns=["what", "value"])}
        made["lac_analysis.xlsx"] = xlsx(frames | sheets, about)
    return made


def rights(name: str = "") -> dict[str, str]:
    """Licence and citation of the project's records, or of those of a user's file `name`."""
    said = files.read_json(config.RAW / "datapackage.json")
    ours = {"licence": _SAID["licence"], "citation": said["citation"]}
    return {key: told.format(**ours) for key, told in _SAID["own"].items()} if name else ours


def codebook(frames: dict[str, pd.DataFrame], about: dict) -> pd.DataFrame:
    """What the columns hold, those of this table, too: table, column, title, definition, values
    (code = meaning), unit, source, licence. `about` tells made_from, country_years and terms.
    """
    coded = coding.read_codebook(config.CODEBOOK_FILE)
    described = schema.fields("engagements") | schema.fields("country_year")
    rows = []
    for table, frame in (frames | {"codebook": pd.DataFrame(columns=_WORDS)}).items():
        for column in frame:
            entry, field = coded.get(column, {}), described.get(column, {})
            said = field | {"definition": field.get("description")} | entry  # the last one counts
            said["title"] = entry.get("label", field.get("title"))
            for key in (f"{table}.*", column, f"{table}.{column}"):
                said |= _SAID["described"].get(key, {})
            meanings = (entry.get("values", {}) | said.get("values", {})).items()
            # Stata holds 0 and 1 where the other files hold False and True
            shown = _TRUTHS if pd.api.types.is_bool_dtype(frame[column]) else {"": "blank"}
            listed = (f"{shown.get(c, c)} = {text.replace('; ', ', ')}" for c, text in meanings)
            said["values"] = "; ".join(listed)
            told = [(said.get(name) or "").format(**about) for name in _WORDS[2:]]
            rows.append([table, column, *told])
    return pd.DataFrame(rows, columns=_WORDS)


def _again(by: object) -> object:
    """A filter that can be read more than once, and is in the same order each time."""
    if isinstance(by, (str, tuple)):
        return by
    try:
        return sorted(by, key=str) if isinstance(by, (set, frozenset)) else list(by)
    except TypeError:  # a number, say, which `select` refuses
        return by


def _frames(
    tables: Tables, selection: Selection | None, filters: dict
) -> tuple[dict[str, pd.DataFrame], str]:
    """The tables, and what country_years covers of the engagements, in words."""
    engagements = explore.select(tables, selection, **({} if selection else EVERY) | filters)
    counted, kind = engagements, ""
    if "level" not in filters:
        counted, kind = engagements[engagements["level"] != "national"], "local "
    cells = _country_years(tables, selection, filters, counted)
    inside, undated = cells["engagements"].sum(), counted["year"].isna().sum()
    covers = _SAID["covers"].format(
        years=_span(cells), known=_span(tables.country_year), n=len(counted), kind=kind,
        inside=inside, outside=len(counted) - inside - undated, undated=undated,
    )  # fmt: skip
    frames = {
        "engagements": engagements[list(COLUMNS)],
        "places": explore.places(tables, selection, **filters),
        "pairs": explore.pairs(tables, selection, **filters),
        "country_years": cells,
    }
    return frames, covers


def _country_years(
    tables: Tables, selection: Selection | None, filters: dict, counted: pd.DataFrame
) -> pd.DataFrame:
    """The cells of the countries and years that were chosen, with the engagements counted."""
    kept = explore.isos(filters.get("countries")) or config.CELAC
    gone = explore.isos(filters.get("drop_countries"), some=False)
    gone = {*gone, *getattr(selection, "drop_countries", ())}
    cells = tables.country_year
    cells = cells[cells["iso3"].isin(kept) & ~cells["iso3"].isin(gone)]
    if "window" in filters:
        cells = cells[cells["year"].between(*filters["window"])]
    if selection:
        cells = cells[cells["year"].isin(selection.years)]
    counts = counted.groupby(["country", "year"]).size()
    found = cells.set_index(["iso3", "year"]).index.map(counts).fillna(0).astype(int)
    cells.insert(1, "country_name", cells["iso3"].map(country_name))
    cells.insert(3, "engagements", found)
    return cells.reset_index(drop=True)


def _span(cells: pd.DataFrame) -> str:
    return f"{cells['year'].min()}-{cells['year'].max()}" if len(cells) else "no year"


def _read_me(frames: dict[str, pd.DataFrame], about: dict, whose: str) -> bytes:
    tables = "".join(f"  {name}: {len(frame):,} rows\n" for name, frame in frames.items())
    told = (f"{name.replace('_', ' ')}: {value or 'none'}\n" for name, value in about.items())
    text = _SAID["read_me"].format(
        citation=about["citation"], tables=tables, about="".join(told),
        caution=_SAID["caution"][whose],
    )  # fmt: skip
    return text.encode("utf-8")
