"""Take the data away: CSV, Parquet, Excel and Stata files of any selection, with a codebook, the
licence and what they were made from inside.
"""

import io
import json
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
from pyarrow import parquet

from lac_analysis import __version__, config, explore, files
from lac_analysis.batch import cache
from lac_analysis.errors import InputError, nearest
from lac_analysis.panel import Selection
from lac_analysis.records import schema
from lac_analysis.tables import Tables, source

FORMATS = ("csv", "parquet", "xlsx", "dta")
_CELL = 32_767  # characters of a cell of Excel
LICENCE = "CC BY 4.0; country tables keep the terms of their sources (data/raw/datapackage.json)"
CITATION = (
    "The contributors to lac-analysis (2026): Local-level engagement of China with Latin America "
    "and the Caribbean, coded records"
)
COLUMNS = (
    "engagement_id", "date_start", "date_end", "date_precision", "year", "country", "country_name",
    "admin1", "admin1_name", "municipality", "place_id", "place", "level", "lac_actor_text",
    "china_actor_text", "actor_type", "actor_label", "actor_family", "tier", "china_admin1",
    "province", "china_city", "activity", "activity_label", "activity_family", "technology",
    "technology_kind", "platform", "platform_family", "is_platform_event", "prior_contact",
    "description", "confidence", "n_records", "record_ids", "n_sources", "sources", "source_title",
    "source_type", "source_lang", "in_protocol", "in_country_queries", "in_neutral", "templates",
    "conflicts",
)  # fmt: skip
# what the tables add to the raw columns
_TITLES = {
    "engagement_id": "Engagement, after merging records of one event",
    "record_ids": "Records merged into it",
    "n_records": "Number of records",
    "sources": "Pages, joined by '; '",
    "n_sources": "Number of pages",
    "country": "Country, ISO 3166-1 alpha-3",
    "country_name": "Country",
    "date_start": "First day that it may have taken place",
    "date_end": "Last day that it may have taken place",
    "date_precision": "What is known of the date",
    "year": "Year, where certain",
    "admin1": "First-level unit, ISO 3166-2",
    "admin1_name": "First-level unit",
    "municipality": "Municipality",
    "place_id": "Place, as a key",
    "place": "Place: municipality, else first-level unit",
    "china_admin1": "Chinese province-level unit, ISO 3166-2",
    "province": "Chinese province-level unit",
    "china_city": "Chinese city",
    "engagements": "Number of local engagements",
    "twinnings": "Number of twinnings",
    "kinds_of_actor": "Number of types of Chinese actor",
    "provinces": "Chinese provinces, joined by '; '",
    "actor_label": "Type of the Chinese actor, in words",
    "activity_label": "Activity, in words",
    "in_protocol": "Found by an equal-effort query",
    "in_country_queries": "Found by an equal-effort query on its country",
    "in_neutral": "Found by one that names no vendor, technology or pandemic",
    "templates": "Templates of the queries that found it",
    "conflicts": "Codes on which its records differ",
    "latitude": "Latitude of the unit's largest town",
    "longitude": "Longitude of the unit's largest town",
    "first_year": "First year with a dated engagement",
    "last_year": "Last year with a dated engagement",
}


def export(
    folder: str | Path,
    tables: Tables,
    selection: Selection | None = None,
    *,
    formats: str | Sequence[str] = FORMATS,
    **filters,
) -> Path:
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
    formats = [formats] if isinstance(formats, str) else list(formats)
    unknown = [name for name in formats if name not in FORMATS]
    if unknown:
        expected = nearest(unknown[0], FORMATS)
        raise InputError("unknown format", value=unknown[0], expected=expected)
    chosen = {name: value for name, value in filters.items() if value}
    verdicts = None if tables.name else pd.read_csv(config.REFERENCE / "verdicts.csv")
    made = contents(tables, selection, formats=formats, verdicts=verdicts, **chosen)
    folder = Path(folder).absolute()
    cache.refuse_foreign(folder)
    with files.alone(folder.parent), files.unfinished(folder.parent) as work:
        for name, content in made.items():
            files.write_bytes(work / "export" / name, content)
        cache.put_in_place(work / "export", folder, {"input_hash": tables.input_hash})
    return folder


def contents(
    tables: Tables,
    selection: Selection | None = None,
    *,
    formats: Sequence[str] = FORMATS,
    verdicts: pd.DataFrame | None = None,
    **filters,
) -> dict[str, bytes]:
    """The files of an export: name -> content. The same tables give the same bytes.

    verdicts : a table to go with them.   Others as of `export`.
    """
    frames = _frames(tables, selection, filters)
    if verdicts is not None:
        frames["verdicts"] = verdicts
    about = {
        "made_from": source(tables.name),
        "selection": selection.describe(tables) if selection else "all engagements that happened",
        "filters": files.to_json_values(filters),
        "version": __version__,
        "input_hash": tables.input_hash,
        "licence": LICENCE,
        "citation": CITATION,
    }
    made = {"README.txt": _read_me(frames, about).encode("utf-8")}
    for name in formats:
        made |= _MADE[name](frames, about)
    return made


def codebook(frames: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """What the columns hold: table, column, title, definition, values (code = meaning)."""
    coded = explore.codebook()
    described = schema.fields("country_year") | schema.fields("engagements")
    rows = []
    for table, frame in frames.items():
        for column in frame:
            entry, field = coded.get(column, {}), described.get(column, {})
            title = _TITLES.get(column) or entry.get("label") or field.get("title", "")
            definition = entry.get("definition") or field.get("description", "")
            meanings = entry.get("values", {})
            values = "; ".join(f"{code} = {meaning}" for code, meaning in meanings.items())
            rows.append((table, column, title, definition, values))
    return pd.DataFrame(rows, columns=["table", "column", "title", "definition", "values"])


def _frames(tables: Tables, selection: Selection | None, filters: dict) -> dict[str, pd.DataFrame]:
    every = {"level": explore.codes("level")}  # the national ones, too
    engagements = explore.select(tables, selection, **(every | filters))
    kept = explore.isos(filters.get("countries", ())) or config.CELAC
    gone = [
        *explore.isos(filters.get("drop_countries", ())),
        *getattr(selection, "drop_countries", ()),
    ]
    cells = tables.country_year
    cells = cells[cells["iso3"].isin(kept) & ~cells["iso3"].isin(gone)]
    local = engagements[engagements["level"] != "national"]
    counts = local.groupby(["country", "year"]).size()
    cells.insert(1, "country_name", cells["iso3"].map(explore.country_name))
    cells.insert(
        3, "engagements", cells.set_index(["iso3", "year"]).index.map(counts).fillna(0).astype(int)
    )
    return {
        "engagements": engagements[list(COLUMNS)],
        "places": explore.places(tables, selection, **filters),
        "pairs": explore.pairs(tables, selection, **filters),
        "country_years": cells.reset_index(drop=True),
    }


def _read_me(frames: dict[str, pd.DataFrame], about: dict) -> str:
    tables = "".join(f"  {name}: {len(frame):,} rows\n" for name, frame in frames.items())
    told = "".join(
        f"{name.replace('_', ' ')}: {value or 'none'}\n" for name, value in about.items()
    )
    return (
        f"{CITATION}\n\nTables\n{tables}\n{told}\n"
        "Engagements are found by searching, not counted: compare countries with care.\n"
        "engagements holds national ones, too; the other tables count local ones, country_years\n"
        "those dated to a year; verdicts are those of the reference run, whatever was selected.\n"
        "A text that a spreadsheet would run has an apostrophe before it.\n"
        "The workbook's sheet `codebook`, or codebook.csv, says what each column holds.\n"
    )


def _csv(frames: dict[str, pd.DataFrame], about: dict) -> dict[str, bytes]:
    """A file a table, and datapackage.json, which Frictionless reads."""
    words = codebook(frames)
    made, resources = {}, []
    for name, frame in (frames | {"codebook": words}).items():
        text = files.without_formulas(frame).to_csv(index=False, lineterminator="\n")
        made[f"{name}.csv"] = text.encode("utf-8")
        titles = words[words["table"] == name].set_index("column")["title"].to_dict()
        fields = [
            {"name": column, "type": _field_type(frame[column]), "title": titles.get(column, "")}
            for column in frame
        ]
        resources.append(
            {
                "name": name, "path": f"{name}.csv", "profile": "tabular-data-resource",
                "encoding": "utf-8", "schema": {"fields": fields},
            }
        )  # fmt: skip
    package = {
        "profile": "tabular-data-package", "name": "lac-analysis-export", "title": CITATION,
        "licenses": [{"name": "CC-BY-4.0", "title": LICENCE}], "resources": resources,
    }  # fmt: skip
    described = json.dumps(package | {"lac": about}, indent=1, ensure_ascii=False)
    return made | {"datapackage.json": f"{described}\n".encode()}


def _field_type(column: pd.Series) -> str:
    if pd.api.types.is_bool_dtype(column):
        return "boolean"
    if pd.api.types.is_integer_dtype(column):
        return "integer"
    if pd.api.types.is_float_dtype(column):
        return "number"
    return "date" if pd.api.types.is_datetime64_dtype(column) else "string"


def _parquet(frames: dict[str, pd.DataFrame], about: dict) -> dict[str, bytes]:
    """A file a table, with what it was made from in the metadata."""
    made = {}
    for name, frame in frames.items():
        table = pa.Table.from_pandas(frame, preserve_index=False)
        table = table.replace_schema_metadata(table.schema.metadata | {"lac": json.dumps(about)})
        content = io.BytesIO()
        parquet.write_table(table, content, compression="zstd")
        made[f"{name}.parquet"] = content.getvalue()
    return made


def _xlsx(frames: dict[str, pd.DataFrame], about: dict) -> dict[str, bytes]:
    """One workbook: a sheet a table, the codebook, and what it was made from. Texts stay texts."""
    made = pd.DataFrame(
        [(k.replace("_", " "), str(v)) for k, v in about.items()], columns=["what", "value"]
    )
    options = {"strings_to_formulas": False, "strings_to_urls": False, "in_memory": True}
    content = io.BytesIO()
    with pd.ExcelWriter(
        content, engine="xlsxwriter", date_format="yyyy-mm-dd", datetime_format="yyyy-mm-dd",
        engine_kwargs={"options": options},
    ) as writer:  # fmt: skip
        writer.book.set_properties(
            {"title": CITATION, "comments": LICENCE, "created": datetime(2026, 1, 1)}
        )
        for name, frame in (frames | {"codebook": codebook(frames), "about": made}).items():
            _refuse_long(frame)
            frame.to_excel(writer, sheet_name=name, index=False)
            sheet = writer.sheets[name]
            sheet.freeze_panes(1, 1)
            sheet.autofilter(0, 0, len(frame), len(frame.columns) - 1)
            sheet.autofit(300)
    return {"lac_analysis.xlsx": content.getvalue()}


def _refuse_long(frame: pd.DataFrame) -> None:
    """Raise InputError for a text that no cell of Excel can hold: it would be cut in silence."""
    for column in frame.select_dtypes(["object", "str"]):
        longest = frame[column].astype("str").str.len().max()
        if longest > _CELL:
            problem, value = "a text too long for a cell of Excel", f"{longest:,.0f} characters"
            expected = f"{_CELL:,} at most, or formats without xlsx"
            raise InputError(problem, column=column, value=value, expected=expected)


def _dta(frames: dict[str, pd.DataFrame], about: dict) -> dict[str, bytes]:
    """A file a table, with variable and value labels."""
    made = {}
    words = codebook(frames).set_index(["table", "column"])["title"].str[:80]
    for name, frame in frames.items():
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
            time_stamp=datetime(2026, 1, 1), data_label=f"lac-analysis, {name}; CC BY 4.0",
            variable_labels=words[name].to_dict(),
        )  # fmt: skip
        made[f"{name}.dta"] = content.getvalue()
    return made


_MADE = {"csv": _csv, "parquet": _parquet, "xlsx": _xlsx, "dta": _dta}
