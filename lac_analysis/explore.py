"""Engagements as a reader takes them: filtered in words, with names beside codes, by place and by
pair of a Chinese province and a place.

What a function returns may be changed freely: it changes no later result.
"""

import difflib
from collections.abc import Iterable, Sequence
from pathlib import Path

import pandas as pd

from lac_analysis import config, files
from lac_analysis.errors import InputError, checked, nearest, texts
from lac_analysis.names import CODED, codes, country_name, label, named, plain
from lac_analysis.records.countries import by_name
from lac_analysis.selection import Selection, chosen, period
from lac_analysis.tables import Tables

_WRITTEN, _FIRST = files.read_yaml(Path(__file__).with_suffix(".yml")).values()


@checked
def select(
    tables: Tables,
    selection: Selection | None = None,
    *,
    window=None,
    countries: str | Iterable | None = None,
    drop_countries: str | Iterable | None = None,
    level: str | Iterable | None = None,
    activity: str | Iterable | None = None,
    actor: str | Iterable | None = None,
    tier: str | Iterable | None = None,
    place: str | Iterable | None = None,
    province: str | Iterable | None = None,
    text: str | None = None,
) -> pd.DataFrame:
    """Engagements that happened, one row each; planned ones are left out.

    Parameters
    ----------
    tables : of `lac.load()`.
    selection : sample and window of an analysis; all local engagements, dated or not, if left out.
    window : first and last year; keeps what certainly happened in them, undated ones go.
    countries, drop_countries : to keep or to leave out, by ISO3 code or name.
    level : 'national', 'admin1' (states, provinces), 'municipal' (cities), 'other_local'
        (universities, ports ...); the last three if left out.
    activity : such as 'twinning', or a family such as 'donations'; a code or its label. 'other'
        is the code alone, not its family.
    actor : type of the Chinese actor, such as 'embassy_consulate', or a family such as 'diplomats'.
    tier : of the Chinese actor, such as 'local' or 'company'.
    place : LAC unit or municipality, by name ('São Paulo') or ISO 3166-2 code ('BR-SP'). 'Buenos
        Aires' is the city, 'Buenos Aires (province)' the unit, as `lac.places` calls them.
    province : of the Chinese side, by name ('Guangdong') or code ('CN-GD').
    text : to be found in description (English), actors, place, platform or title of any of an
        engagement's records, as it stands but for case and accents: a stem such as 'vaccin' finds
        more than a word.

    Returns
    -------
    DataFrame : what tells most, then the other columns of `tables.engagements`; beside each code
        its name (country_name, admin1_name, place, province, activity_label, actor_label); codes
        are ordered categories. `year` is missing where it is not certain: for a regression,
        `.dropna(subset="year").astype({"year": int})`.

    Raises
    ------
    InputError : an unknown country, code, place or province, with those most like it.

    Examples
    --------
    >>> import lac_analysis as lac
    >>> data = lac.load()
    >>> found = lac.select(data, window=(2000, 2020), activity="twinning", countries=["BRA"])
    >>> set(found["country_name"])
    {'Brazil'}
    """
    level = _listed(level) or None
    if selection is None:
        table = tables.engagements
        table = table[~table["planned"]]
        if level is None:
            table = table[table["level"] != "national"]
    else:
        if "national" in (level or ()):
            problem = "a selection holds local engagements alone"
            raise InputError(problem, value="national", expected="window=, and no selection")
        table = chosen(tables, selection)
    if window is not None:
        if not isinstance(window, Sequence) or len(window) != 2:
            expected = "first and last year, such as (2000, 2020)"
            raise InputError("parameter window", value=window, expected=expected)
        first, last = period(Selection(*window))
        table = table[(table["date_start"] >= first) & (table["date_end"] <= last)]
    for kept, named_ones in ((True, countries), (False, drop_countries)):
        if named_isos := isos(named_ones, kept):
            table = table[table["country"].isin(named_isos) == kept]
    asked = {"level": level, "activity": activity, "actor": actor, "tier": tier}
    for name, values in asked.items():
        if values := _listed(values):
            known = {code: column for column in CODED[name][::-1] for code in codes(column)}
            coded = {label(code): code for code in known}
            values = [coded.get(value, value) for value in values]
            if unknown := [value for value in values if value not in known]:
                expected = nearest(unknown[0], known)
                raise InputError(f"unknown {name}", value=unknown[0], expected=expected)
            hits = [table[known[value]] == value for value in values]
            table = table[pd.concat(hits, axis=1).any(axis=1)]
    table = named(table)
    for name, values, columns in (
        ("place", place, ["admin1", "admin1_name", "place"]),
        ("province", province, ["china_admin1", "province"]),
    ):
        if values := _listed(values):
            wanted = _spelt(name, values, named(tables.engagements)[columns])
            table = table[table[columns].isin(wanted).any(axis=1)]
    if text is not None:
        if text.encode("utf-8", "replace").decode() != text:
            raise InputError("not a text", value=text, expected="letters that UTF-8 can write")
        if not (wanted := plain(text).strip("\r\n")).strip():  # else found in every record
            raise InputError("a text without a letter", value=text, expected="words of a record")
        rows = tables.records[_WRITTEN].fillna("").to_numpy()
        holds = [any(wanted in plain(cell) for cell in row) for row in rows]
        tell = {*tables.records.loc[holds, "record_id"]}
        told = [not tell.isdisjoint(ids.split("; ")) for ids in table["record_ids"]]
        table = table[pd.Series(told, index=table.index, dtype="bool")]
    return table[[*_FIRST, *table.columns.drop(_FIRST)]].reset_index(drop=True)


@checked
def places(tables: Tables, selection: Selection | None = None, **filters) -> pd.DataFrame:
    """One row a LAC place with engagements, most first.

    Parameters
    ----------
    tables, selection, **filters : as of `select`.

    Returns
    -------
    DataFrame : place_id, place, country, country_name, admin1, admin1_name, engagements, twinnings,
        kinds_of_actor, provinces (Chinese ones, joined by '; '), first_year, last_year (of those
        dated to a year), latitude, longitude (of the unit's largest town).

    Examples
    --------
    >>> import lac_analysis as lac
    >>> lac.places(lac.load(), countries="Peru")["country"].unique().tolist()
    ['PER']
    """
    found = select(tables, selection, **filters).dropna(subset="place_id")
    by = ["place_id", "place", "country", "country_name", "admin1", "admin1_name"]
    joined = ("province", lambda names: "; ".join(sorted(names.dropna().unique())))
    found = found.assign(kind=found["actor_type"].where(found["actor_type"] != "unknown"))
    table = _counted(found, by, kinds_of_actor=("kind", "nunique"), provinces=joined)
    where = tables.units.set_index("unit")[["latitude", "longitude"]]
    unit = table["admin1"].fillna(table["place_id"])
    return table.assign(**{name: unit.map(where[name]) for name in where})


@checked
def pairs(tables: Tables, selection: Selection | None = None, **filters) -> pd.DataFrame:
    """One row a pair of a Chinese province and a LAC place that met, most engagements first.

    Parameters
    ----------
    tables, selection, **filters : as of `select`.

    Returns
    -------
    DataFrame : china_admin1, province, place_id, place, country, country_name, engagements,
        twinnings, first_year, last_year.

    Examples
    --------
    >>> import lac_analysis as lac
    >>> met = lac.pairs(lac.load(), province="Guizhou", place="Jujuy")
    >>> met["province"].unique().tolist()
    ['Guizhou']
    """
    found = select(tables, selection, **filters).dropna(subset=["place_id", "china_admin1"])
    by = ["china_admin1", "province", "place_id", "place", "country", "country_name"]
    return _counted(found, by)


def _counted(found: pd.DataFrame, by: list[str], **more) -> pd.DataFrame:
    """Engagements, twinnings and years of each group, most engagements first."""
    found = found.assign(twinning=found["activity"] == "twinning")
    table = found.groupby(by, dropna=False, sort=True).agg(
        engagements=("engagement_id", "size"), twinnings=("twinning", "sum"), **more,
        first_year=("year", "min"), last_year=("year", "max"),
    )  # fmt: skip
    return table.sort_values("engagements", ascending=False, kind="stable").reset_index()


def isos(named: str | Iterable[str] | None, some: bool = True) -> list[str]:
    """ISO3 codes of countries given by code, or by name in any language of the records."""
    found = {name: by_name(name) for name in _listed(named, some)}
    if unknown := [name for name, iso3 in found.items() if not iso3]:
        expected = nearest(unknown[0], [*map(country_name, config.CELAC), *config.CELAC])
        raise InputError("unknown country", value=unknown[0], expected=expected)
    return list(found.values())


def _spelt(what: str, wanted: list[str], every: pd.DataFrame) -> list[str]:
    """The wanted names as engagements spell them, or but for case and accents; refuses others."""
    known = sorted({name for column in every for name in every[column].dropna().unique()})
    plainly, asked = set(map(plain, known)), set(map(plain, {*wanted} - {*known}))
    if unknown := [name for name in wanted if plain(name) not in plainly]:
        close = difflib.get_close_matches(unknown[0], known, n=2)
        expected = " or ".join(close) or "a name in lac.places(data) or lac.pairs(data)"
        raise InputError(f"no engagement has the {what}", value=unknown[0], expected=expected)
    return [name for name in known if name in wanted or plain(name) in asked]


def _listed(values: str | Iterable[str] | None, some: bool = True) -> list[str]:
    """The names; none of None, a filter left out. Raises InputError for what is no name; where
    there are to be `some`, also for a list that came out empty.
    """
    if values is None:
        return []
    listed = texts(values)
    if some and listed in ([], [""]):
        raise InputError("nothing is named", value=values, expected="a name, or no such filter")
    return listed
