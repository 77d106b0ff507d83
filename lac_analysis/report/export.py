"""Take the data away: CSV, Parquet, Excel and Stata files of any selection, with a codebook, the
licence and what they were made from inside.
"""

import io
import json
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
from pyarrow import parquet

from lac_analysis import __version__, config, explore, files
from lac_analysis.batch import cache
from lac_analysis.errors import InputError, checked, nearest
from lac_analysis.panel import Selection
from lac_analysis.records import coding, schema
from lac_analysis.tables import Tables, source

_SAID = files.read_yaml(Path(__file__).with_suffix(".yml"))
COLUMNS = tuple(_SAID["columns"])  # of engagements
FORMATS = ("csv", "parquet", "xlsx", "dta")
LICENCE, CITATION = _SAID["licence"], _SAID["citation"]
_CELL = 32_767  # characters of a cell of Excel
_DAY = datetime(2026, 1, 1)  # on which every file says that it was made: the same bytes each time
_TYPES = {"b": "boolean", "i": "integer", "f": "number", "M": "date"}  # by pandas' kind of column


@checked
def export(
    folder: str | Path, tables: Tables, selection: Selection | None = None, *,
    formats: str | Iterable = FORMATS, **filters,
) -> Path:  # fmt: skip
    """Write engagements, places, pairs, country-years and, beside the project's own records, the
    verdicts of the reference run.

    Parameters
    ----------
    folder : a new one, or that of an earlier export.
    tables, selection, **filters : as of `lac.select`.
    formats : of csv (with datapackage.json), parquet, xlsx (one workbook), dta (Stata 14 or later).

    Returns
    -------
    Path : of the folder.

    Raises
    ------
    InputError : an unknown format, filter or code, or a folder that holds what is no export.

    Examples
    --------
    >>> import lac_analysis as lac
    >>> folder = lac.export("jamaica", lac.load(), countries="JAM", formats=["csv", "dta"])
    >>> (folder / "engagements.csv").is_file()
    True
    """
    verdicts = None if tables.name else pd.read_csv(config.REFERENCE / "verdicts.csv")
    made = contents(tables, selection, formats=formats, verdicts=verdicts, **filters)
    if not str(folder).strip():  # else the present one
        raise InputError("parameter folder", value=str(folder), expected="the name of a folder")
    folder = Path(folder).absolute()
    cache.refuse_foreign(folder)
    with files.alone(folder.parent), files.unfinished(folder.parent) as work:
        for name, content in made.items():
            files.write_bytes(work / "export" / name, content)
        cache.put_in_place(work / "export", folder, {"input_hash": tables.input_hash})
    return folder


def contents(
    tables: Tables, selection: Selection | None = None, *,
    formats: str | Iterable = FORMATS, verdicts: pd.DataFrame | None = None, **filters,
) -> dict[str, bytes]:  # fmt: skip
    """The files of an export: name -> content. The same tables give the same bytes.

    verdicts : a table to go with them.   Others as of `export`.
    """
    formats = [formats] if isinstance(formats, str) else list(formats)
    for name in formats or [""]:
        if name not in FORMATS:
            raise InputError("unknown format", value=name, expected=nearest(str(name), FORMATS))
    filters = {name: _again(by) for name, by in filters.items()}
    frames = _frames(tables, selection, filters)
    if verdicts is not None:
        frames["verdicts"] = verdicts
    named = {name: by if isinstance(by, str) else list(by) for name, by in filters.items()}
    about = {
        "made_from": source(tables.name),
        "selection": selection.describe(tables) if selection else "all engagements that happened",
        "filters": files.to_json_values(named),
        "version": __version__,
        "input_hash": tables.input_hash,
        "licence": LICENCE,
        "citation": CITATION,
    }
    words = codebook(frames)
    titles = words.set_index(["table", "column"])["title"]
    made = {"README.txt": _read_me(frames, about)}
    for name, frame in frames.items():
        if "csv" in formats:
            made[f"{name}.csv"] = _csv(frame)
        if "parquet" in formats:
            made[f"{name}.parquet"] = _parquet(frame, about)
        if "dta" in formats:
            made[f"{name}.dta"] = _dta(frame, name, titles[name].str[:80].to_dict())
    if "csv" in formats:
        made["codebook.csv"] = _csv(words)
        made["datapackage.json"] = _datapackage(frames | {"codebook": words}, titles, about)
    if "xlsx" in formats:
        said = [(name.replace("_", " "), str(value)) for name, value in about.items()]
        sheets = {"codebook": words, "about": pd.DataFrame(said, columns=["what", "value"])}
        made["lac_analysis.xlsx"] = _xlsx(frames | sheets)
    return made


def codebook(frames: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """What the columns hold: table, column, title, definition, values (code = meaning)."""
    coded = coding.read_codebook(config.CODEBOOK_FILE)
    described = schema.fields("country_year") | schema.fields("engagements")
    rows = []
    for table, frame in frames.items():
        for column in frame:
            entry, field = coded.get(column, {}), described.get(column, {})
            title = _SAID["titles"].get(column) or entry.get("label") or field.get("title", "")
            definition = entry.get("definition") or field.get("description", "")
            meanings = entry.get("values", {})
            values = "; ".join(f"{code} = {meaning}" for code, meaning in meanings.items())
            rows.append((table, column, title, definition, values))
    return pd.DataFrame(rows, columns=["table", "column", "title", "definition", "values"])


def _again(by: object) -> object:
    """A filter that can be read more than once, and is in the same order each time."""
    if isinstance(by, str) or not isinstance(by, Iterable):
        return by
    return sorted(by, key=str) if isinstance(by, (set, frozenset)) else list(by)


def _frames(tables: Tables, selection: Selection | None, filters: dict) -> dict[str, pd.DataFrame]:
    every = {"level": explore.codes("level")}  # the national ones, too
    engagements = explore.select(tables, selection, **(every | filters))
    local = engagements[engagements["level"] != "national"]
    kept = explore.isos(filters.get("countries", ())) or config.CELAC
    gone = explore.isos(filters.get("drop_countries", ()), some=False)
    gone = {*gone, *getattr(selection, "drop_countries", ())}
    cells = tables.country_year
    cells = cells[cells["iso3"].isin(kept) & ~cells["iso3"].isin(gone)]
    for years in filter(None, (filters.get("window"), getattr(selection, "years", ()))):
        cells = cells[cells["year"].between(years[0], years[-1])]
    cells = cells.reset_index(drop=True)
    counts = local.groupby(["country", "year"]).size()
    found = cells.set_index(["iso3", "year"]).index.map(counts).fillna(0).astype(int)
    cells.insert(1, "country_name", cells["iso3"].map(explore.country_name))
    cells.insert(3, "engagements", found)
    return {
        "engagements": engagements[list(COLUMNS)],
        "places": explore.places(tables, selection, **filters),
        "pairs": explore.pairs(tables, selection, **filters),
        "country_years": cells,
    }


def _read_me(frames: dict[str, pd.DataFrame], about: dict) -> bytes:
    tables = "".join(f"  {name}: {len(frame):,} rows\n" for name, frame in frames.items())
    told = (f"{name.replace('_', ' ')}: {value or 'none'}\n" for name, value in about.items())
    text = _SAID["read_me"].format(citation=CITATION, tables=tables, about="".join(told))
    return text.encode("utf-8")


def _csv(frame: pd.DataFrame) -> bytes:
    """A table in which no cell is a formula."""
    text = files.without_formulas(frame).to_csv(index=False, lineterminator="\n")
    return text.encode("utf-8")


def _datapackage(frames: dict[str, pd.DataFrame], titles: pd.Series, about: dict) -> bytes:
    """The description of the CSV files, which Frictionless reads."""
    resources = []
    for name, frame in frames.items():
        kinds = {column: _TYPES.get(kind.kind, "string") for column, kind in frame.dtypes.items()}
        fields = [
            {"name": column, "type": kind, "title": titles.get((name, column), "")}
            for column, kind in kinds.items()
        ]
        resource = {"name": name, "path": f"{name}.csv", "profile": "tabular-data-resource"}
        resources.append(resource | {"encoding": "utf-8", "schema": {"fields": fields}})
    package = {
        "profile": "tabular-data-package", "name": "lac-analysis-export", "title": CITATION,
        "licenses": [{"name": "CC-BY-4.0", "title": LICENCE}], "resources": resources, "lac": about,
    }  # fmt: skip
    return f"{json.dumps(package, indent=1, ensure_ascii=False)}\n".encode()


def _parquet(frame: pd.DataFrame, about: dict) -> bytes:
    """A table, with what it was made from in the metadata."""
    table = pa.Table.from_pandas(frame, preserve_index=False)
    table = table.replace_schema_metadata(table.schema.metadata | {"lac": json.dumps(about)})
    content = io.BytesIO()
    parquet.write_table(table, content, compression="zstd")
    return content.getvalue()


def _xlsx(frames: dict[str, pd.DataFrame]) -> bytes:
    """One workbook, a sheet a table. Texts stay texts; one that Excel would cut is refused."""
    options = {"strings_to_formulas": False, "strings_to_urls": False, "in_memory": True}
    content = io.BytesIO()
    with pd.ExcelWriter(
        content, engine="xlsxwriter", date_format="yyyy-mm-dd", datetime_format="yyyy-mm-dd",
        engine_kwargs={"options": options},
    ) as writer:  # fmt: skip
        writer.book.set_properties({"title": CITATION, "comments": LICENCE, "created": _DAY})
        for name, frame in frames.items():
            for column in frame.select_dtypes(["object", "str"]):
                longest = frame[column].astype("str").str.len().max()
                if longest > _CELL:
                    problem, value = "a text too long for Excel's cells", f"{longest:,} letters"
                    expected = f"{_CELL:,} at most, or formats without xlsx"
                    raise InputError(problem, column=column, value=value, expected=expected)
            frame.to_excel(writer, sheet_name=name, index=False)
            sheet = writer.sheets[name]
            sheet.freeze_panes(1, 1)
            sheet.autofilter(0, 0, len(frame), len(frame.columns) - 1)
            sheet.autofit(300)
    return content.getvalue()


def _dta(frame: pd.DataFrame, name: str, titles: dict[str, str]) -> bytes:
    """A table for Stata, with variable and value labels."""
    dates = dict.fromkeys(frame.select_dtypes("datetime"), "td")
    if frame.empty:  # pandas looks for the largest of its categories
        frame = frame.astype(dict.fromkeys(frame.select_dtypes("category"), "str"))
    frame = frame.replace([np.inf, -np.inf], np.nan)  # Stata knows no infinity
    for column in frame.select_dtypes(["bool", "boolean", "Int64"]):
        frame[column] = frame[column].astype("float64")
    for column in frame.select_dtypes(["object", "str"]):
        frame[column] = frame[column].fillna("").astype("object")
    long = [c for c in frame.select_dtypes("object") if frame[c].str.len().max() > 60]
    content = io.BytesIO()
    frame.to_stata(
        content, write_index=False, version=118, convert_dates=dates, convert_strl=long,
        time_stamp=_DAY, data_label=f"lac-analysis, {name}; CC BY 4.0", variable_labels=titles,
    )  # fmt: skip
    return content.getvalue()
