"""How far the coder agrees with the hand codes, on the third of the records that no rule was
written on.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from lac_analysis.coder.code import TEXT_COLUMNS, UNKNOWN, code
from lac_analysis.coder.split import held_out
from lac_analysis.errors import InputError
from lac_analysis.records import china, coding, places
from lac_analysis.stats.agreement import cohen_kappa

INPUTS = {
    "all text columns": TEXT_COLUMNS,
    "description and title": ("description", "source_title"),
    "title alone": ("source_title",),
}
CODES = (
    "country",
    "level",
    "actor_type",
    "activity",
    "technology",
    "platform",
    "admin1",
    "china_admin1",
    "date",
    "year",
)
_RAW = ("lac_iso3", "lac_level", "china_actor_type", "activity_type", "technology", "platform", "lac_place_text",
        "china_place", "date_iso")  # fmt: skip
_SOURCE = {  # code, in the terms of the processed tables -> raw column
    "country": "lac_iso3",
    "level": "lac_level",
    "actor_type": "china_actor_type",
    "activity": "activity_type",
    "technology": "technology",
    "platform": "platform",
    "admin1": "lac_place_text",
    "china_admin1": "china_place",
    "date": "date_iso",
    "year": "date_iso",
}
_LANGUAGES = {
    "en": "English",
    "es": "Spanish",
    "pt": "Portuguese",
    "zh": "Chinese",
    "": "not recorded",
}


@dataclass(frozen=True, eq=False)
class Agreement:
    """Attributes, each a table: codes (one row an input and code), classes (input, code, class),
    languages (input,
    code, language), confidence (input, code, confidence), confusion (code to table: hand in rows,
    coder in columns).
    """

    codes: pd.DataFrame
    classes: pd.DataFrame
    languages: pd.DataFrame
    confidence: pd.DataFrame
    confusion: dict[str, pd.DataFrame]


def agreement(engagements: pd.DataFrame, *, training: bool = False) -> Agreement:
    """Code the held-out records from their texts and compare with their hand codes, both after
    harmonisation.

    Parameters
    ----------
    engagements : records in the format of data/raw/engagements.csv, with hand codes.
    training : measure on the records that the rules were written on instead.

    Returns
    -------
    Agreement. n counts the records that both the hand and, for recall, the class hold. Precision is
    the share of the
    coder's codes that the hand has too, recall the share of the hand's that the coder gives,
    coverage the share that
    the coder codes at all, kappa is Cohen's, an abstention being a code of its own.

    Raises
    ------
    InputError : no record is held out.
    """
    raw = engagements[held_out(engagements["record_id"]) != training].reset_index(drop=True)
    if raw.empty:
        raise InputError("no record is held out", column="record_id")
    hand = _harmonised(raw, raw)
    tables = {"codes": [], "classes": [], "languages": [], "confidence": []}
    confusion = {}
    for name, columns in INPUTS.items():
        given = raw[[column for column in columns if column in raw]]
        machine = code(given)
        coder = _harmonised(raw, machine)
        for column in _SOURCE:
            pair = pd.DataFrame({"hand": hand[column], "coder": coder[column]})
            if column == "china_admin1":
                pair = pair[raw["query_id"] != ""]  # the round without queries did not code it
            key = {"input": name, "code": column}
            tables["codes"].append(key | _measures(pair))
            spoken = raw["source_lang"].where(raw["source_lang"].isin(list(_LANGUAGES)), "other")
            for language, rows in pair.groupby(spoken[pair.index], sort=True):
                tables["languages"].append(
                    key | {"language": _LANGUAGES.get(language, language)} | _measures(rows)
                )
            sure = machine[f"{_SOURCE[column]}_confidence"]
            for level, rows in pair.groupby(sure[pair.index], sort=True):
                if level:
                    right = (rows["hand"] == rows["coder"]).mean()
                    tables["confidence"].append(
                        key | {"confidence": level, "n": len(rows), "precision": right}
                    )
            if column in ("level", "actor_type", "activity", "technology"):
                tables["classes"] += [key | row for row in _by_class(pair)]
                if name == "all text columns":
                    confusion[column] = pd.crosstab(pair["hand"], pair["coder"])
    return Agreement(
        **{name: pd.DataFrame(rows) for name, rows in tables.items()}, confusion=confusion
    )


def _harmonised(raw: pd.DataFrame, codes: pd.DataFrame) -> pd.DataFrame:
    """The codes in the terms of the processed tables; '' for what is silent, 'unknown' for an
    abstention.
    """
    values = raw.assign(**{name: codes[name] for name in set(_SOURCE.values())})
    silent = {
        name: values[name] == UNKNOWN
        for name in ("lac_iso3", "lac_level", "activity_type", "technology")
    }
    values["technology"] = values["technology"].mask(silent["technology"], "0")
    values["activity_type"] = values["activity_type"].mask(silent["activity_type"], "other")
    values["lac_level"] = values["lac_level"].mask(silent["lac_level"], "national")
    coded = coding.code(values)
    level = coded["level"].astype("str").mask(silent["lac_level"], UNKNOWN)
    asked = pd.DataFrame(
        {
            "country": values["lac_iso3"].mask(silent["lac_iso3"], "ARG"),
            "lac_level": values["lac_level"],
            "lac_place_text": values["lac_place_text"],
            "lac_admin1": codes.get("lac_admin1", ""),
            "lac_actor_text": values["lac_actor_text"],
        }
    )
    admin1 = places.resolve(asked)["admin1"].mask(silent["lac_iso3"] | silent["lac_level"])
    no_text = pd.Series("", index=values.index)
    province = china.province(values["china_place"], no_text, no_text.ne(""))["china_admin1"]
    return pd.DataFrame(
        {
            "country": values["lac_iso3"],
            "level": level,
            "actor_type": coded["actor_type"],
            "activity": coded["activity"].mask(silent["activity_type"], UNKNOWN),
            "technology": coded["technology"]
            .map({True: "1", False: "0"})
            .mask(silent["technology"], UNKNOWN),
            "platform": coded["platform_family"].where(values["platform"].ne(""), "").fillna(""),
            "admin1": admin1.fillna(""),
            "china_admin1": province.fillna(""),
            "date": values["date_iso"],
            "year": values["date_iso"].str[:4],
        }
    )


def _measures(pair: pd.DataFrame) -> dict:
    coded, known, same = (
        ~pair["coder"].isin(["", UNKNOWN]),
        pair["hand"] != "",
        pair["hand"] == pair["coder"],
    )
    return {
        "n": len(pair),
        "coverage": coded.mean(),
        "precision": same[coded].mean() if coded.any() else np.nan,
        "recall": (same & coded)[known].mean() if known.any() else np.nan,
        "kappa": cohen_kappa(pair["hand"], pair["coder"]).estimate
        if pair.stack().nunique() > 1
        else np.nan,
    }


def _by_class(pair: pd.DataFrame) -> list[dict]:
    rows = []
    for name in sorted(set(pair["hand"]) | set(pair["coder"])):
        hand, coder = pair["hand"] == name, pair["coder"] == name
        rows.append(
            {
                "class": name,
                "n": int(hand.sum()),
                "precision": (hand & coder).sum() / coder.sum() if coder.any() else np.nan,
                "recall": (hand & coder).sum() / hand.sum() if hand.any() else np.nan,
                "kappa": cohen_kappa(hand, coder).estimate,
            }
        )
    return rows
