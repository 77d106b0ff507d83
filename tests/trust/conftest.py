"""What every case of the corpus has in common: how a refusal must look."""

import example
import pandas as pd
import pytest
from harness import files, within

from lac_analysis import cli, config
from lac_analysis.errors import InputError
from lac_analysis.records import places
from lac_analysis.records.build import RAW_TABLES
from lac_analysis.records.pairs import rounds
from lac_analysis.sources import own

ROWS = 40  # of each long raw table, so that a case is quick


@pytest.fixture(scope="session", autouse=True)
def _libraries():
    """The first check of a process builds the gazetteers: not what is measured."""
    from lac_analysis.records import schema

    schema.problems(own.align(example.frame())[0], own.TABLE)


@pytest.fixture
def refused(capsys):
    """Run `lac ARGUMENTS`: one line that holds all of `says`, exit code 2, no file written. Returns
    the line.
    """

    def check(*arguments, says=(), folder=None):
        before = files(folder) if folder else {}
        capsys.readouterr()
        with within():
            code = cli.main([str(argument) for argument in arguments])
        out, err = capsys.readouterr()
        assert (code, out) == (2, ""), (code, out, err)
        assert err.startswith("lac: ") and err.count("\n") == 1 and err.endswith("\n"), err
        assert err[:-1].isprintable() and "Traceback" not in err and len(err) < 2000, err
        for text in _texts(says):
            assert text in err
        if folder:
            assert files(folder) == before
        return err

    return check


def _texts(says) -> tuple[str, ...]:
    return (says,) if isinstance(says, str) else says


@pytest.fixture
def unusable(tmp_path):
    """The table `content` is refused with a message that names the file and holds one of `says`,
    and is left as it was.

    This is what `lac run --data`, `lac check` and every notebook call to read a table of one's own.
    """

    def check(content: bytes | str, says: str | tuple[str, ...], name: str = "mine.csv"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        before = files(tmp_path)
        with within(), pytest.raises(InputError) as caught:
            own.read(path)
        message = str(caught.value)
        assert message.startswith(name) and any(text in message for text in _texts(says)), message
        assert message.isprintable() and len(message) < 2000, message
        assert files(tmp_path) == before

    return check


@pytest.fixture
def usable(tmp_path):
    """The table `content` can be used. Returns its records."""

    def check(content: bytes | str, name: str = "mine.csv"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        with within():
            return own.read(path).records

    return check


@pytest.fixture(scope="session")
def short(tmp_path_factory):
    """The first rows of the tables of records, the records that they name or whose queries they
    name; the twinnings of pairs of places; the others whole.
    """
    folder = tmp_path_factory.mktemp("short")
    raw = {
        name: pd.read_csv(config.RAW / f"{name}.csv", dtype=str, keep_default_na=False)
        for name in RAW_TABLES
    }
    raw["date_bounds"] = raw["date_bounds"].head(ROWS)
    coded = raw["double_coded"]["query_id"]
    raw["double_coded"] = raw["double_coded"][coded.isin(coded.head(ROWS))]
    named = {*raw["double_coded"]["record_id"], *raw["date_bounds"]["record_id"]}
    records = raw["engagements"]
    of_pair = records["activity_type"].eq("twinning") & (records["date_iso"] >= "2000")
    of_pair &= places.resolve(records)["place_id"].isin(raw["place_pairs"]["place_id"])
    asked = records["query_id"].isin(raw["double_coded"]["query_id"])
    kept = (records.index < ROWS) | records["record_id"].isin(named) | of_pair | asked
    raw["engagements"] = records[kept]
    acts = raw["acts"]
    acts = acts[acts["record_id"].isin(raw["engagements"]["record_id"])]
    raw["acts"] = acts.assign(act=acts.groupby("act")["record_id"].transform("min"))
    log = raw["search_log"]
    kept = raw["engagements"]  # round GX read pages of round G again
    count = kept.loc[rounds(kept["record_id"]) != "GX", "query_id"].value_counts()
    log["records_coded"] = log["query_id"].map(count).fillna(0).astype(int)
    for name, table in raw.items():
        table.to_csv(folder / f"{name}.csv", index=False)
    return folder
