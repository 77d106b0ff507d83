"""`lac check` on the corpus: it finds what `lac run --data` would refuse, and says it without a
traceback.
"""

import example
import pytest
import test_bad_text_files

from lac_analysis import cli


@pytest.mark.parametrize("case", test_bad_text_files.UNUSABLE)
def test_it_refuses_what_a_run_refuses(tmp_path, capsys, case):
    content, _ = test_bad_text_files.UNUSABLE[case]
    path = tmp_path / "mine.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    before = path.read_bytes()
    assert cli.main(["check", str(path)]) == 2
    said = "".join(capsys.readouterr())
    assert "mine.csv" in said and "Traceback" not in said and len(said) < 20_000
    assert all(line.isprintable() for line in said.split("\n"))
    assert path.read_bytes() == before and list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("case", test_bad_text_files.USABLE)
def test_it_passes_what_can_be_used(tmp_path, capsys, case):
    path = tmp_path / "mine.csv"
    content = test_bad_text_files.USABLE[case]
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    assert cli.main(["check", str(path)]) == 0
    assert "0 problems" in capsys.readouterr().out


def test_all_problems_are_told_at_once(tmp_path, capsys):
    path = tmp_path / "mine.csv"
    path.write_text(
        example.text(example.rows({"lac_iso3": "AGR"}, {"date_iso": "20O5"}, {"technology": "x"}))
    )
    assert cli.main(["check", str(path)]) == 2
    said = capsys.readouterr().out
    for text in ("3 problems", "'AGR' in row 2; perhaps ARG", "'20O5' in row 3", "'x' in row 4"):
        assert text in said


def test_a_town_that_no_gazetteer_has_is_noted(tmp_path, capsys):
    path = tmp_path / "mine.csv"
    place = {"lac_iso3": "BRA", "lac_admin1": "Espírito Santo", "lac_level": "municipal"}
    rows = [place | {"lac_place_text": town} for town in ("Vila Velha", "維拉維利", "Nowhere Town")]
    path.write_text(example.text(example.rows(*rows)), encoding="utf-8")
    assert cli.main(["check", str(path)]) == 0
    said = capsys.readouterr().out
    assert "no gazetteer has" in said and "'維拉維利' in row 3" in said and "'Nowhere Town'" in said
    assert "Vila Velha" not in said
