"""AidData's table of project locations at the first level of administration (GCDF 3.0)."""

from pathlib import Path

import pandas as pd

from lac_analysis import config
from lac_analysis.errors import InputError
from lac_analysis.records import places
from lac_analysis.sources import gcdf, suggest
from lac_analysis.sources.imported import Imported, Losses, records

# names of this table that ISO 3166-2 has otherwise
_OTHER_NAMES = {
    ("BHS", "Crooked Island"): "Crooked Island and Long Cay", ("BRA", "Rio Granda do Norte"): "Rio Grande do Norte",
    ("BRA", "Rio de Jeneiro"): "Rio de Janeiro", ("CHL", "Región del Bío-Bío"): "Biobío",
    ("CUB", "Isle of Youth"): "Isla de la Juventud", ("HTI", "Département de l'Ouest"): "Ouest",
    ("MEX", "Distrito Federal"): "Ciudad de México",
}  # fmt: skip
_KEPT = (
    "record_id",
    "lac_country_text",
    "lac_iso3",
    "lac_place_text",
    "lac_admin1",
    "lac_level",
    "confidence",
)
_TOLD = "coded other_local: a project at named places, whose counterpart may be national"


def convert(table: pd.DataFrame, version: str, projects: Path | None = None) -> Imported:
    """One record a project and country: the places of one act are joined, as the codebook has it.

    Parameters
    ----------
    table : the columns id, shapeGroup (ISO3) and shapeName. projects : as in `gcdf.convert`.
    """
    losses = Losses()
    inside = table["shapeGroup"].isin(config.CELAC)
    losses.note("locations in other countries", int((~inside).sum()), "left out")
    found = table[inside].assign(name=lambda t: t["shapeName"].map(_repaired))
    broken = found["name"] != found["shapeName"]
    losses.note("names with letters broken by a wrong encoding", int(broken.sum()), "repaired")
    pairs = list(zip(found["shapeGroup"], found["name"], strict=True))
    losses.note(
        "units that ISO 3166-2 calls otherwise",
        sum(pair in _OTHER_NAMES for pair in pairs),
        "renamed",
    )
    found["name"] = [_OTHER_NAMES.get(pair, pair[1]) for pair in pairs]
    _note_unknown(found, losses)
    names = found.groupby(["id", "shapeGroup"], sort=False)["name"]
    sites = names.agg(lambda units: "; ".join(dict.fromkeys(units))).reset_index()
    losses.note(
        "shares of a project in each unit, values, coordinates",
        None,
        "no column for them; one record a project",
    )
    made = records(
        version,
        sites.index,
        record_id="GCDF3-" + sites["id"] + "-" + sites["shapeGroup"],
        lac_country_text=sites["shapeGroup"],
        lac_iso3=sites["shapeGroup"],
        lac_place_text=sites["name"],
        lac_admin1=sites["name"],
        lac_level="other_local",
        china_actor_type="unknown",
        activity_type="other",
        description="project of Chinese official finance located in " + sites["name"],
        confidence="low",
    )
    if projects:
        made = _joined(made, sites["id"], projects, version, losses)
        losses.note(
            "projects with no local recipient or implementer",
            int((made["lac_level"] == "other_local").sum()),
            _TOLD,
        )
    else:
        losses.note(
            "year, title, sector, agencies",
            None,
            "not in a location file; --projects FILE joins them",
        )
        losses.note("level of government", len(made), _TOLD)
    return Imported(version, len(table), made, losses.table())


def _joined(
    made: pd.DataFrame, ids: pd.Series, projects: Path, version: str, losses: Losses
) -> pd.DataFrame:
    """The records with what a project file says of their projects; the places stay.

    Raises InputError where `projects` is a location file.
    """
    source, other = gcdf.open_file(projects)
    if other.endswith("locations"):
        raise InputError("option --projects", value=other, expected="a project file")
    table = gcdf.records_of(source.frame, other, Losses())
    table = table.set_index(table["record_id"].str.partition("-")[2])
    table = table[~table.index.duplicated()]
    listed = ids.isin(gcdf.named(source.frame)["id"])
    known = ids.isin(table.index)
    losses.note(
        "projects that the project file advises not to count",
        int((listed & ~known).sum()),
        "left out",
    )
    losses.note(
        "projects that the project file does not have",
        int((~listed).sum()),
        "no year, title or agency",
    )
    own = table.reindex(ids).set_axis(made.index)
    local = known & own["lac_level"].isin(["admin1", "municipal"])
    taken = [column for column in made if column not in _KEPT]
    made[taken] = made[taken].where(~known, own[taken])
    for column in ("lac_level", "confidence"):
        made[column] = made[column].where(~local, own[column])
    return made[known | ~listed].assign(source_title=f"{version}, with {other}")


def _note_unknown(found: pd.DataFrame, losses: Losses) -> None:
    """Note the units that our gazetteer does not resolve."""
    units = found.groupby(["shapeGroup", "name"]).size().rename("n").reset_index()
    asked = units.rename(columns={"shapeGroup": "country", "name": "lac_admin1"})
    resolved = places.resolve(
        asked.assign(lac_level="other_local", lac_place_text=asked["lac_admin1"], lac_actor_text="")
    )
    for unit in units[resolved["admin1"].isna()].itertuples():
        near = suggest.unit(unit.shapeGroup, unit.name)
        why = "our gazetteer has no such first-level unit" + (f"; perhaps {near}" if near else "")
        losses.note(f"unit {unit.name} ({unit.shapeGroup})", unit.n, why)


def _repaired(name: str) -> str:
    """A name whose UTF-8 bytes were read as Latin-1, as it was."""
    try:
        return name.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return name
