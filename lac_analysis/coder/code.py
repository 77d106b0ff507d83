"""Free text -> codes, each with what gave it and a confidence."""

import pandas as pd
from sklearn.pipeline import Pipeline

from lac_analysis.coder import dates, model, phrases, reading
from lac_analysis.coder.model import UNKNOWN
from lac_analysis.errors import InputError
from lac_analysis.records import countries

CODES = (
    "lac_iso3", "china_actor_type", "lac_level", "activity_type", "technology", "platform",
    "lac_place_text", "china_place", "date_iso",
)  # fmt: skip
TEXT_COLUMNS = tuple(column for columns in model.FIELDS.values() for column in columns)
_LOCAL = ("provincial_government", "municipal_government", "party", "university")
# coders agree in 0.92 of such records: some take an ambassador who signs for the state
_DIPLOMAT = ["embassy_consulate", "names a diplomat alone (actor)", 0.92]
_Found = tuple[str, str, str]  # value, rule, confidence


def code_texts(table: pd.DataFrame) -> pd.DataFrame:
    """The rows as they came, and their codes. A code that a row already has is kept.

    Parameters, the columns added and errors as in `code`, and InputError for a column of a rule or
    a confidence; the rule of what is kept is 'as given'.
    """
    coded = code(table)
    if theirs := [name for name in coded if name in table and name not in CODES]:
        raise InputError("lac code makes it", column=theirs[0], expected="a table without it")
    for name in CODES:
        if name in table:
            given = table[name].fillna("").ne("")
            coded[name] = coded[name].mask(given, table[name])
            coded[f"{name}_rule"] = coded[f"{name}_rule"].mask(given, "as given")
            sure = 1.0 if name in model.LEARNED else "high"
            coded[f"{name}_confidence"] = coded[f"{name}_confidence"].mask(given, sure)
    return pd.concat([table.drop(columns=[name for name in coded if name in table]), coded], axis=1)


def code(table: pd.DataFrame, learned: Pipeline | None = None) -> pd.DataFrame:
    """Code every row from its texts alone; a row depends on nothing but itself.

    Parameters
    ----------
    table : at least one of the columns `text`, `description`, `source_title`; also read, where
        given: china_actor_text, lac_actor_text, lac_place_text, lac_country_text, date_text,
        platform. Blanks may be missing.
    learned : what was learnt from coded records; of data/raw/engagements.csv if None.

    Returns
    -------
    The table's index; for each code of CODES its value in the terms of data/raw/CODEBOOK.md,
    `CODE_rule` (what gave it, and in which text) and `CODE_confidence`. Actor type, level, activity
    and technology are learnt: their rule is the strongest evidence and their confidence the
    probability; 'unknown' where the texts hold nothing that the coder knows. An actor that is a
    diplomat and nobody else needs no learning. The others go by rule, with a confidence of high,
    medium or low; country is 'unknown', and the rest blank, where the texts name none.

    Raises
    ------
    InputError : none of the text columns is there.
    """
    if not {"text", "description", "source_title"} & set(table):
        raise InputError("no text to code", expected="a column text, description or source_title")
    parts = {name: [name, f"{name}_rule", f"{name}_confidence"] for name in CODES}
    columns = [part for each in parts.values() for part in each]
    if table.empty:
        return pd.DataFrame(columns=columns, index=table.index, dtype="str")
    texts = model.texts_of(table)
    rows = texts.to_dict("records")
    spoken = texts["country"].drop_duplicates()
    known = dict(zip(spoken, countries.resolve(spoken.replace("", None)), strict=True))
    country = [_country(row, known[row["country"]]) for row in rows]
    iso3 = [value for value, *_ in country]
    judged = model.predict(learned or model.trained(), texts, iso3)
    diplomat = [reading.read(row["actor"]).is_diplomat() for row in rows]
    judged.loc[diplomat, parts["china_actor_type"]] = _DIPLOMAT
    local = judged["china_actor_type"].isin(_LOCAL)
    found = {
        "lac_iso3": country,
        "platform": map(_platform, rows),
        "lac_place_text": map(_place, rows, iso3),
        "china_place": map(_province, rows, local),
        "date_iso": map(_date, rows),
    }
    for name, rule in found.items():
        judged[parts[name]] = pd.DataFrame(rule, table.index, parts[name], dtype="str")
    return judged[columns]


def _country(row: dict[str, str], given: str | float) -> _Found:
    if pd.notna(given):
        return given, "name (country)", "high"
    for field in ("place", "officer", "act", "title"):
        named = reading.read(row[field]).countries
        if len(named) == 1:
            return named[0], f"name ({field})", "high" if field == "act" else "medium"
        if named:
            return named[0], f"first of several names ({field})", "low"
    return UNKNOWN, "", ""


def _platform(row: dict[str, str]) -> _Found:
    if row["platform"]:
        return row["platform"], "as given (platform)", "high"
    for field in ("act", "title"):
        if named := reading.read(row[field]).platforms:
            return named[0], f"name ({field})", "medium"
    return "", "", ""


def _place(row: dict[str, str], iso3: str) -> _Found:
    if row["place"]:
        return row["place"], "as given (place)", "high"
    for field, sure in (("officer", "medium"), ("act", "medium"), ("title", "low")):
        if places := reading.read(row[field]).places_in(iso3):
            return places[0][1], f"gazetteer ({field})", sure
    return "", "", ""


def _province(row: dict[str, str], local: bool) -> _Found:
    """The Chinese province: other texts than the actor's count for local actors alone."""
    for field, sure in (("actor", "high"), ("act", "medium"), ("title", "low")):
        if (local or field == "actor") and (named := reading.read(row[field]).provinces):
            return named[0], f"name ({field})", sure
    return "", "", ""


def _date(row: dict[str, str]) -> _Found:
    for field, sure in (("date", "high"), ("act", "medium"), ("title", "low")):
        date, form = dates.find(phrases.words(row[field]))
        if date:
            return date, f"{form} ({field})", sure
    return "", "", ""
