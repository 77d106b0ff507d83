import json
import shutil

import pandas as pd
import pytest

from lac_analysis import config, files, manifests
from lac_analysis.errors import InputError
from lac_analysis.records import build


@pytest.fixture(scope="module")
def processed(tmp_path_factory):
    out = tmp_path_factory.mktemp("processed")
    return build.build(out=out), out


def test_no_record_is_lost(processed):
    manifest, out = processed
    counts = manifest["counts"]
    raw = pd.read_csv(config.RAW / "engagements.csv", dtype=str, keep_default_na=False)
    engagements = pd.read_parquet(out / "engagements.parquet")
    assert counts["records_in"] == len(raw)
    assert (
        counts["records_in"]
        == counts["engagements_out"] + counts["records_merged"] + counts["records_rejected"]
    )
    kept = [record for ids in engagements["record_ids"] for record in ids.split("; ")]
    assert sorted(kept) == sorted(raw["record_id"])
    assert engagements["n_records"].sum() == len(raw)


def test_the_log_names_each_value_that_changed(processed):
    _, out = processed
    log = pd.read_parquet(out / "cleaning_log.parquet")
    raw = pd.read_csv(config.RAW / "engagements.csv", dtype=str, keep_default_na=False).set_index(
        "record_id"
    )
    records = pd.read_parquet(out / "records.parquet").set_index("record_id")
    assert list(log.columns) == ["record_id", "column", "from", "to", "rule"]
    assert not log.duplicated(["record_id", "column"]).any()
    assert log["rule"].ne("").all()
    for column, source in (("actor_type", "china_actor_type"), ("activity", "activity_type")):
        differ = raw[source][raw[source] != records[column].reindex(raw.index)].index
        assert set(log.loc[log["column"] == column, "record_id"]) == set(differ)


def test_what_could_not_be_resolved_is_a_table(processed):
    _, out = processed
    unresolved = pd.read_parquet(out / "unresolved.parquet")
    records = pd.read_parquet(out / "records.parquet")
    local = records[records["level"] != "national"]
    assert set(unresolved.loc[unresolved["column"] == "admin1", "record_id"]) == set(
        local.loc[local["admin1"].isna(), "record_id"]
    )
    undated = records.loc[records["date_precision"] == "unknown", "record_id"]
    assert set(unresolved.loc[unresolved["column"] == "date", "record_id"]) == set(undated)


def test_the_same_input_gives_the_same_bytes(processed, tmp_path):
    manifest, out = processed
    build.build(out=tmp_path)
    for name in manifest["tables"]:
        assert (tmp_path / name).read_bytes() == (out / name).read_bytes(), name


def test_nothing_is_built_twice_and_a_lost_table_is_built_again(processed, tmp_path):
    _, out = processed
    copy = tmp_path / "copy"
    shutil.copytree(out, copy)
    stamp = (copy / "records.parquet").stat().st_mtime_ns
    build.build(out=copy)
    assert (copy / "records.parquet").stat().st_mtime_ns == stamp
    (copy / "links.parquet").unlink()
    build.build(out=copy)
    assert (copy / "links.parquet").read_bytes() == (out / "links.parquet").read_bytes()


def test_every_engagement_names_its_source_and_the_query_templates_that_found_it(processed):
    _, out = processed
    engagements = pd.read_parquet(out / "engagements.parquet")
    assert engagements["sources"].str.strip().ne("").all()
    assert (engagements["in_country_queries"] <= engagements["in_protocol"]).all()
    assert engagements.loc[engagements["in_protocol"], "templates"].ne("").all()
    assert files.read_json(out / "manifest.json")["input_hash"] == build.input_hash(config.RAW)


@pytest.mark.parametrize("name", ["records.parquet", "manifest.json", ".records.parquet.mybackup"])
@pytest.mark.parametrize("is_link", [False, True])
def test_what_no_build_wrote_stays(tmp_path, name, is_link):
    out, mine = tmp_path / "out", tmp_path / "mine.json"
    mine.write_text('{"sha256": "mine"}')
    out.mkdir()
    (out / name).symlink_to(mine) if is_link else shutil.copy(mine, out / name)
    if name.startswith("."):
        build.build(out=out)
    else:
        with pytest.raises(InputError, match="leaves it alone"):
            build.build(out=out)
        assert [path.name for path in out.iterdir()] == [name]
    assert (out / name).read_text() == mine.read_text() == '{"sha256": "mine"}'
    assert (out / name).is_symlink() == is_link


@pytest.mark.parametrize("more", [{"sha256": {"photo.jpg": "0"}}, {"unfinished": {}, "by": "me"}])
def test_the_manifest_of_another_program_stays(tmp_path, more):
    (tmp_path / "manifest.json").write_text(json.dumps(more))
    with pytest.raises(InputError, match="did not write this"):
        build.build(out=tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["manifest.json"]


def test_a_table_that_was_changed_since_it_was_built_stays(processed, tmp_path):
    out = tmp_path / "copy"
    shutil.copytree(processed[1], out)
    (out / "units.parquet").write_text("mine")
    with pytest.raises(InputError, match="changed since"):
        build.build(out=out)
    assert (out / "units.parquet").read_text() == "mine"


def test_a_table_that_somebody_makes_while_a_build_is_at_work_stays(tmp_path, monkeypatch):
    for name, function in (("units.parquet", "write"), ("links.parquet", "put")):
        out, real = tmp_path / function, getattr(manifests, function)

        def meanwhile(*arguments, out=out, name=name, real=real):
            (out / name).write_text("mine")
            return real(*arguments)

        with monkeypatch.context() as patch:
            patch.setattr(manifests, function, meanwhile)
            with pytest.raises(InputError, match="leaves it alone"):
                build.build(out=out)
        assert (out / name).read_text() == "mine"
        (out / name).unlink()
        build.build(out=out)  # what is ours of the first is known
