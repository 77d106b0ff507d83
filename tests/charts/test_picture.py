"""Pictures are kept with their numbers, alt text and provenance, and the same input gives the same
bytes."""

import hashlib
import json
import os
import struct
import subprocess
import sys
import zlib
from pathlib import Path
from xml.etree import ElementTree

import pandas as pd
import pytest
from matplotlib import rcParams
from matplotlib.testing.compare import compare_images
from PIL import Image

from lac_analysis import charts, files, outputs
from lac_analysis.charts import Picture, read_alt
from lac_analysis.errors import InputError

WORDS = {
    "title": "Two bars & <one> 'finding'",
    "subtitle": "US$ 5 against US$ 6",
    "caption": "Source: test; n = 2.",
}
DATA = pd.DataFrame(
    {"country": ["Perú", "Chile"], "records": [41, 86], "low": [30.0, 70.0], "high": [50.0, 99.0]}
)
ORIGIN = {
    "claim": "reach",
    "parameters": {"window": [2000, 2020]},
    "note": 'a < b & "c" ]]> ñ 山东',
}
ALT = 'Chile < Perú & "others" – 山东'

SCRIPT = """
import sys
import pandas as pd
from lac_analysis import charts, files
words = {"title": "T", "subtitle": "S", "caption": "C"}
days = pd.DataFrame({"c": ["A", "B"], "d": pd.to_datetime(["1999-01-01", "2010-05-01"])})
shares = pd.DataFrame({"y": [2000, 2000, 2001], "g": ["b", "a", "b"], "n": [1, 2, 3]})
states = {"window": (1990, 2020), "before": "none", "after": "some", "events": days}
figures = {
    "timeline": charts.timeline(days, "c", "d", **states, **words),
    "bars": charts.bar_small_multiples(shares, "y", "n", "g", **words),
    "shares": charts.stacked_bars(shares.set_index("g")[["n"]], **words),
    "heat": charts.heatmap(shares.set_index("y")[["n"]], **words),
}
for name, figure in figures.items():
    picture = charts.Picture(name, figure, shares, "alt", {"b": 1, "a": 2})
    if sys.argv[2] == "shown":
        picture._repr_mimebundle_()
    picture.save(sys.argv[1])
"""


def _figure():
    return charts.dot_plot(DATA, "country", "records", **WORDS)


def _saved(folder, figure=None, **changes) -> list[Path]:
    content = {"name": "dots", "data": DATA, "alt": ALT, "provenance": ORIGIN} | changes
    return Picture(figure=figure or _figure(), **content).save(folder)


def test_two_processes_write_the_same_bytes_whether_shown_before_or_not(tmp_path):
    hashes = []
    for seed, shown, zone in (("1", "not", "UTC"), ("2", "shown", "Asia/Shanghai")):
        folder = tmp_path / seed
        environment = {**os.environ, "PYTHONHASHSEED": seed, "TZ": zone}
        command = [sys.executable, "-c", SCRIPT, str(folder), shown]
        subprocess.run(command, env=environment, check=True)
        digests = {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in folder.iterdir()}
        hashes.append(digests)
    assert len(hashes[0]) == 12
    assert hashes[0] == hashes[1]


def test_alt_text_and_provenance_are_inside_both_pictures(tmp_path):
    png, svg, _ = _saved(tmp_path)
    assert read_alt(png) == ALT == _inside(svg, "description")
    with Image.open(png) as image:
        assert json.loads(image.info["Provenance"]) == ORIGIN
    assert json.loads(_inside(svg, "source")) == ORIGIN


def _inside(svg, name):
    """The text of an element of Dublin Core."""
    return next(
        ElementTree.parse(svg).getroot().iter(f"{{http://purl.org/dc/elements/1.1/}}{name}")
    ).text


def test_svg_names_itself_to_a_screen_reader_and_needs_no_font(tmp_path):
    svg = _saved(tmp_path)[1]
    root = ElementTree.parse(svg).getroot()
    assert root.get("role") == "img"
    assert root.get("aria-label") == ALT
    assert "<text" not in svg.read_text(encoding="utf-8")


def test_png_is_twice_the_size_and_says_neither_date_nor_program(tmp_path):
    with Image.open(_saved(tmp_path)[0]) as image:
        assert image.width == round(_figure().get_figwidth() * 200)
        assert set(image.text) == {"Title", "Description", "Provenance"}


def test_csv_holds_the_numbers_drawn(tmp_path):
    pd.testing.assert_frame_equal(pd.read_csv(_saved(tmp_path)[2]), DATA)


def test_a_notebook_shows_the_picture_and_its_alt_text(tmp_path):
    picture = Picture("dots", _figure(), DATA, ALT, ORIGIN)
    shown, beside = picture._repr_mimebundle_()
    assert shown["text/plain"] == beside["image/png"]["alt"] == ALT
    (tmp_path / "shown.png").write_bytes(shown["image/png"])
    saved = _saved(tmp_path)[0]
    assert compare_images(str(saved), str(tmp_path / "shown.png"), tol=0) is None


def test_a_figure_changed_after_it_was_shown_is_saved_as_changed(tmp_path):
    changed, late = _figure(), _figure()
    changed._repr_png_()
    changed.axes[0].set_xlim(0, 1000)
    late.axes[0].set_xlim(0, 1000)
    first, second = _saved(tmp_path / "changed", changed)[0], _saved(tmp_path / "late", late)[0]
    assert first.read_bytes() == second.read_bytes()
    assert first.read_bytes() != _saved(tmp_path / "unchanged")[0].read_bytes()


@pytest.mark.parametrize("name", ["../x", "a/b", "", ".hidden", "x.png", "/tmp/x", "a\n"])
def test_a_name_cannot_leave_the_folder(tmp_path, name):
    with pytest.raises(InputError, match="not a figure name"):
        _saved(tmp_path / "inner", name=name)
    assert not list(tmp_path.rglob("*.*"))


def test_blank_alt_and_provenance_that_json_cannot_hold_are_refused_before_anything_is_written(
    tmp_path,
):
    with pytest.raises(InputError, match="no alt text"):
        _saved(tmp_path, alt=" \x00")
    for wrong in ({"a": float("nan")}, {"a": {1, 2}}):
        with pytest.raises(InputError, match="JSON"):
            _saved(tmp_path, provenance=wrong)
    assert not list(tmp_path.iterdir())


def test_control_characters_leave_a_valid_svg(tmp_path):
    words = WORDS | {"title": "a\x01b"}
    figure = charts.dot_plot(DATA.assign(country="a\x00\x1b"), "country", "records", **words)
    svg = _saved(tmp_path, figure, alt="a\x00b\x1b\n c\ud800", provenance={"k": "\x01"})[1]
    assert _inside(svg, "description") == "a b c"
    assert json.loads(_inside(svg, "source")) == {"k": "\x01"}


def test_a_picture_of_another_origin_is_an_input_error(tmp_path):
    Image.new("RGB", (4, 4)).save(tmp_path / "plain.png")
    (tmp_path / "broken.png").write_text("<svg")
    chunk = b"Description\0\0" + zlib.compress(bytes(10**8))
    for name, kind, size, more in (
        ("bomb.png", b"zTXt", (4, 4), chunk), ("large.png", b"tEXt", (60_000, 60_000), b"a\0b")
    ):  # fmt: skip
        parts = (b"IHDR", struct.pack(">2I5B", *size, 8, 0, 0, 0, 0)), (kind, more), (b"IEND", b"")
        written = (
            struct.pack(">I", len(data)) + head + data + struct.pack(">I", zlib.crc32(head + data))
            for head, data in parts
        )
        (tmp_path / name).write_bytes(b"\x89PNG\r\n\x1a\n" + b"".join(written))
    for name in ("plain.png", "broken.png", "bomb.png", "large.png", "d" * 300):
        with pytest.raises(InputError, match="no alt text inside"):
            read_alt(tmp_path / name)
    os.mkfifo(tmp_path / "pipe.png")
    for name in ("absent.png", "pipe.png", "a\0b"):
        with pytest.raises(InputError, match=r"no such file|not a regular file"):
            read_alt(tmp_path / name)


def test_drawing_and_saving_leave_the_callers_settings_alone(tmp_path):
    before = {name: rcParams[name] for name in rcParams}
    _saved(tmp_path)
    assert {name: rcParams[name] for name in rcParams} == before


def test_the_callers_settings_do_not_show(tmp_path):
    plain = _saved(tmp_path / "plain")[0].read_bytes()
    old = rcParams["lines.linewidth"], rcParams["axes.facecolor"]
    try:
        rcParams.update({"lines.linewidth": 9, "axes.facecolor": "red"})
        assert _saved(tmp_path / "changed")[0].read_bytes() == plain
    finally:
        rcParams.update({"lines.linewidth": old[0], "axes.facecolor": old[1]})


def test_where_there_is_nothing_to_draw_a_sentence_stands_for_the_picture(tmp_path):
    nothing = charts.message("dots", "no <record>", ORIGIN)
    assert nothing._repr_mimebundle_() == ({"text/plain": "No picture: no <record>."}, {})
    assert nothing.save(tmp_path) == [] and not list(tmp_path.iterdir())
    assert "no &lt;record&gt;" in charts.side_by_side(nothing).data
    files.save({}, [nothing], tmp_path)
    assert files.read_json(tmp_path / files.FINDING) == {"pictures": []}


def test_a_picture_of_other_values_and_a_folder_of_none_are_one_line(tmp_path):
    for wrong in ({"name": 5}, {"data": [1]}, {"alt": None}, {"provenance": 1}, {"figure": "x"}):
        with pytest.raises(InputError, match=f"parameter {min(wrong)}"):
            Picture(
                **{"name": "a", "figure": None, "data": DATA, "alt": "a", "provenance": {}} | wrong
            )
    with pytest.raises(InputError, match="parameter folder"):
        charts.message("a", "none", {}).save(None)
    with pytest.raises(InputError, match="parameter path"):
        read_alt(None)
    with pytest.raises(InputError, match="not a picture: 5"):
        charts.side_by_side(5)


def test_a_long_name_is_saved_or_refused_and_a_dangling_link_is_no_folder(tmp_path):
    assert len(_saved(tmp_path, name="a" * 250)) == 3
    with pytest.raises(InputError, match="too long"):
        _saved(tmp_path, name="a" * 252)
    (tmp_path / "link").symlink_to("nowhere")
    with pytest.raises(InputError, match="the folder cannot be written"):
        _saved(tmp_path / "link")


@pytest.mark.parametrize("taken", ["b.svg", "t.csv", "finding.json", ""])
def test_a_save_that_is_refused_leaves_nothing(tmp_path, taken):
    names = ["a", "b"] if taken else ["a", "a"]
    pictures = [Picture(name, _figure(), DATA, ALT, ORIGIN) for name in names]
    if taken:
        (tmp_path / taken).write_text("mine")
    with pytest.raises(InputError, match=r"is not replaced|of one name"):
        files.save({}, pictures, tmp_path, {"t.csv": DATA})
    assert [path.name for path in tmp_path.iterdir()] == [taken] * bool(taken)


class Untold:
    def __str__(self):
        raise RuntimeError("no words")


@pytest.mark.parametrize("cell", ["\ud800", Untold()])
def test_a_cell_that_is_no_text_is_refused_before_anything_is_written(tmp_path, cell):
    table = pd.DataFrame({"a": pd.Series([cell], dtype="object")})
    with pytest.raises(InputError, match="a cell cannot be written as text"):
        _saved(tmp_path, data=table)
    assert not list(tmp_path.iterdir())


def test_a_picture_of_which_a_part_cannot_be_written_is_not_written_at_all(tmp_path, monkeypatch):
    real = outputs.put_new

    def full(made, path):
        if path.suffix == ".csv":
            raise OSError(28, "No space left on device")
        return real(made, path)

    monkeypatch.setattr(outputs, "put_new", full)
    with pytest.raises(OSError, match="No space left"):
        _saved(tmp_path)
    assert not list(tmp_path.iterdir())


def test_a_figure_that_cannot_be_drawn_and_a_provenance_without_end_are_refused(tmp_path):
    figures = {"huge": _figure(), "letter": _figure(), "log": _figure()}
    figures["huge"].set_size_inches(5000, 5000)
    figures["letter"].text(0, 0, "\ud800")
    figures["log"].axes[0].set(xscale="log", xlim=(1e-320, 1e300))
    for figure in figures.values():
        with pytest.raises(InputError, match="cannot draw this") as refused:
            _saved(tmp_path, figure)
        assert len(str(refused.value)) < 200
    deep = {}
    for _ in range(100_000):
        deep = {"a": deep}
    with pytest.raises(InputError, match="provenance"):
        _saved(tmp_path, provenance=deep)
    with pytest.raises(InputError, match="File name too long"):
        _saved(tmp_path / "sv" / ("d" * 300))
    assert not list(tmp_path.iterdir())
