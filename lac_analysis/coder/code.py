"""Free text -> codes, each with what gave it and a confidence."""

import pandas as pd
from sklearn.pipeline import Pipeline

from lac_analysis.coder import dates, model, reading
from lac_analysis.coder.model import UNKNOWN
from lac_analysis.errors import InputError
from lac_analysis.records import china, countries

CODES = (
    "lac_iso3", "china_actor_type", "lac_level", "activity_type", "technology", "platform",
    "lac_place_text", "china_place", "date_iso",
)  # fmt: skip
TEXT_COLUMNS = tuple(column for columns in model.FIELDS.values() for column in columns)
_LOCAL = ("provincial_government", "municipal_government", "party", "university")
# coders agree in 0.92 of such records: some take an ambassador who signs for the state
_DIPLOMAT = ["embassy_consulate", "names a diplomat alone (actor)", 0.92]
_STATED = {  # the texts that may state a code, in the order in which they count, and how surely
    "platform": {"platform": "high", "act": "medium", "title": "medium"},
    "lac_place_text": {"place": "high", "officer": "medium", "act": "medium", "title": "low"},
    "china_place": {"actor": "medium", "act": "low", "title": "low"},
    "date_iso": {"date": "high", "act": "medium", "title": "low"},
}


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

    table : at least one of the columns `text`, `description`, `source_title`, else InputError; also
        read, where given: china_actor_text, lac_actor_text, lac_place_text, lac_country_text,
        date_text, platform. Blanks may be missing.
    learned : what was learnt from coded records; of data/raw/engagements.csv if None.

    Returns the table's index; for each of CODES its value in the terms of data/raw/CODEBOOK.md,
    `CODE_rule` (what gave it, and in which text) and `CODE_confidence`. Actor type, level, activity
    and technology are learnt: their rule is the strongest evidence and their confidence the
    probability; 'unknown' where the texts hold nothing that the coder knows. An actor that is a
    diplomat and nobody else needs no learning. The others go by rule: high confidence is for a
    column made for the code that holds it and nothing else, medium or low for what other words or
    a running text name; country is 'unknown', and the rest blank, where the texts name none.
    """
    if not {"text", "description", "source_title"} & set(table):
        raise InputError("no text to code", expected="a column text, description or source_title")
    parts = {name: [name, f"{name}_rule", f"{name}_confidence"] for name in CODES}
    columns = [part for each in parts.values() for part in each]
    if table.empty:
        return pd.DataFrame(columns=columns, index=table.index, dtype="str")
    texts = model.texts_of(table)
    rows = zip(texts.to_dict("records"), countries.resolve(texts["country"]), strict=True)
    country = [_country(row, given) for row, given in rows]
    iso3 = [value for value, *_ in country]
    judged = model.predict(learned or model.trained(), texts, iso3)
    diplomat = texts["actor"].map(lambda text: reading.read(text).is_diplomat())
    judged.loc[diplomat, parts["china_actor_type"]] = _DIPLOMAT
    judged[parts["lac_iso3"]] = pd.DataFrame(country, table.index, dtype="str")
    local = judged["china_actor_type"].isin(_LOCAL)
    for name, fields in _STATED.items():
        judged[parts[name]] = ""
        for field, sure in reversed(fields.items()):
            spoken = texts[field]
            if name == "china_place" and field != "actor":
                spoken = spoken.where(local, "")  # of others it tells where they went
            stated = _stated(name, spoken, iso3)
            says = stated.ne("")
            judged.loc[says, name] = stated[says]
            judged.loc[says, parts[name][1:]] = [f"in {field}", sure]
            if field == "date":
                judged.loc[says & ~spoken.map(dates.is_alone), f"{name}_confidence"] = "medium"
    return judged[columns]


def _country(row: dict[str, str], given: str | float) -> tuple[str, str, str]:
    """Value, rule and confidence."""
    if pd.notna(given):
        if len(reading.read(row["country"]).countries) > 1:
            return given, "first of several in country", "low"
        return given, "in country", "high" if countries.by_name(row["country"]) else "medium"
    for field in ("place", "officer", "act", "title"):
        found = reading.read(row[field])
        named = found.countries
        if len(named) == 1:
            return named[0], f"in {field}", "low" if found.namesakes else "medium"
        if named:  # not Salvador, if Brazil is named, too
            sure = [iso3 for iso3 in named if iso3 not in found.namesakes] or named
            return sure[0], f"first of several in {field}", "low"
    return UNKNOWN, "", ""


def _stated(name: str, texts: pd.Series, iso3: list[str]) -> pd.Series:
    """What a text of each row, the one named, says of a code; '' where it says nothing."""
    if texts.name in ("platform", "place"):
        return texts
    if name == "china_place":
        province = china.province(texts)["china_admin1"].map(china.province_name, "ignore")
        # as the codebook has it
        return province.astype("str").replace("Macao", "Macau").fillna("")
    if name == "date_iso":
        return texts.map(dates.find)
    if name == "platform":
        return texts.map(lambda text: next(iter(reading.read(text).platforms), ""))
    places = [reading.read(text).places_in(there) for text, there in zip(texts, iso3, strict=True)]
    return pd.Series([named[0][1] if named else "" for named in places], texts.index)
