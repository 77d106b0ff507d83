"""`lac run --data`: what a user's table needs before the notebooks run on it."""

from pathlib import Path

from lac_analysis import config, files
from lac_analysis.records import schema
from lac_analysis.sources import coverage, own


def prepare(
    path: str, add: bool, out: Path, values: dict, notebooks: list[str]
) -> tuple[dict, str]:
    """Parameter values for a run on a user's table, and what to tell the user.

    Parameters
    ----------
    path : the table, in any format of `sources.read`. add : to ours, rather than instead of it;
        the table of both is
        written to `out/own_data`. values : the parameters given; they are kept. notebooks : the
        names that are to run.

    Where no record was found by the plan's country queries, or ours and others are mixed, equal
    search effort means
    nothing: `collection` becomes 'all' and the `templates` of the technology claim 'any', unless
    they were given.

    Raises
    ------
    InputError : the table cannot be used.
    """
    mine = own.load(path)
    years = schema.read_raw(config.RAW / "country_year.csv", "country_year")
    said = [coverage.as_text(mine, coverage.missing(mine, years))]
    values = {"engagements": str(path)} | values
    if add:
        ours = schema.read_raw(config.RAW / "engagements.csv", own.TABLE)
        both = own.added(mine.records, ours)
        values["engagements"] = str(
            files.write_parquet(out / "own_data" / f"{Path(path).stem}_and_ours.parquet", both)
        )
        said.append(f"added to our {len(ours):,} records (your record_id begins with {own.PREFIX} there) in "
                    f"{values['engagements']}; what both tell is merged")  # fmt: skip
    if add or not _has_country_queries(mine):
        chosen = {"collection": "all"} | (
            {"templates": "any"} if any("technology" in n for n in notebooks) else {}
        )
        values = chosen | values
        set_to = ", ".join(f"{name} = {values[name]}" for name in chosen)
        said.append(f"{set_to}: these records do not come from the plan's equal country queries")
    return values, "\n".join(said)


def _has_country_queries(mine: own.Own) -> bool:
    log = schema.read_raw(config.RAW / "search_log.csv", "search_log")
    queries = log.loc[log["template"].str.startswith("T"), "query_id"]
    return bool(
        mine.records.loc[mine.records["collection"] == "protocol", "query_id"].isin(queries).any()
    )
