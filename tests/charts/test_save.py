"""Figures are kept with their numbers, alt text and provenance, and the same input gives the same
bytes.
"""

import hashlib
import os
import subprocess
import sys
from xml.etree import ElementTree

import pandas as pd
import pytest
from lac_analysis.charts.save import read_alt, read_provenance, save_figure
from matplotlib import rcParams
from matplotlib.layout_engine import ConstrainedLayoutEngine
from PIL import Image

from lac_analysis import charts
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
from lac_analysis import charts
from lac_analysis.charts.save import save_figure
words = {"title": "T", "subtitle": "S", "caption": "C"}
spells = pd.DataFrame({"c": ["A", "A", "B"], "f": ["1999", "2010-05", "1990"], "t": ["2010-05", "", ""],
                       "s": ["ROC", "PRC", "PRC"]})
shares = pd.DataFrame({"y": [2000, 2000, 2001], "g": ["b", "a", "b"], "n": [1, 2, 3]})
figures = {
    "timeline": charts.timeline(spells, "f", "t", "c", "s", window=(2000, 2020), highlight="ROC", **words),
    "share": charts.stacked_share(shares, "y", "n", "g", **words),
    "heat": charts.heatmap(shares.set_index("y")[["n"]], **words),
}
if sys.argv[2] == "shown":
    for figure in figures.values():
        figure._repr_png_()
for name, figure in figures.items():
    save_figure(figure, sys.argv[1], name, data=shares, alt="alt", provenance={"b": 1, "a": 2})
"""


def _figure():
    return charts.dot_plot(DATA, "country", "records", low="low", high="high", **WORDS)


def test_two_processes_write_the_same_bytes_whether_shown_before_or_not(tmp_path):
    hashes = []
    for seed, shown, zone in (("1", "not", "UTC"), ("2", "shown", "Asia/Shanghai")):
        folder = tmp_path / seed
        subprocess.run(
            [sys.executable, "-c", SCRIPT, str(folder), shown],
            env={**os.environ, "PYTHONHASHSEED": seed, "TZ": zone},
            check=True,
        )
        hashes.append(
            {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()}
        )
    assert len(hashes[0]) == 9
    assert hashes[0] == hashes[1]


def test_alt_text_and_provenance_come_back_from_both_pictures(tmp_path):
    png, svg, _ = save_figure(_figure(), tmp_path, "dots", data=DATA, alt=ALT, provenance=ORIGIN)
    for path in (png, svg):
        assert read_provenance(path) == ORIGIN
        assert read_alt(path) == ALT


def test_svg_names_itself_to_a_screen_reader_and_needs_no_font(tmp_path):
    svg = save_figure(_figure(), tmp_path, "dots", data=DATA, alt=ALT, provenance=ORIGIN)[1]
    root = ElementTree.parse(svg).getroot()
    assert root.get("role") == "img"
    described = [root.find(f"*[@id='{name}']").text for name in root.get("aria-labelledby").split()]
    assert described == ["dots", ALT]
    assert "<text" not in svg.read_text(encoding="utf-8")


def test_png_is_twice_the_size_and_says_neither_date_nor_program(tmp_path):
    fig = _figure()
    png = save_figure(fig, tmp_path, "dots", data=DATA, alt=ALT, provenance=ORIGIN)[0]
    with Image.open(png) as image:
        assert image.width == round(fig.get_figwidth() * 200)
        assert set(image.text) == {"Title", "Description", "Provenance"}


def test_csv_holds_the_numbers_drawn(tmp_path):
    csv = save_figure(_figure(), tmp_path, "dots", data=DATA, alt=ALT, provenance=ORIGIN)[2]
    pd.testing.assert_frame_equal(pd.read_csv(csv), DATA)


def test_a_figure_changed_after_it_was_shown_is_saved_as_changed(tmp_path):
    def saved(fig, folder):
        return save_figure(fig, tmp_path / folder, "dots", data=DATA, alt=ALT, provenance=ORIGIN)[
            0
        ].read_bytes()

    changed, unchanged = _figure(), _figure()
    changed._repr_png_()
    changed.axes[0].set_xlim(0, 1000)
    assert saved(changed, "changed") != saved(unchanged, "unchanged")
    drawn = _figure()
    drawn._repr_png_()
    drawn.axes[0].set_xlim(0, 1000)
    drawn.draw_without_rendering()
    assert saved(drawn, "drawn") == (tmp_path / "changed" / "dots.png").read_bytes()
    late = _figure()
    late.axes[0].set_xlim(0, 1000)
    assert saved(late, "late") == (tmp_path / "changed" / "dots.png").read_bytes()


def test_axes_do_not_move_with_the_last_bits_of_the_layout(monkeypatch):
    plain, laid_out = _figure(), ConstrainedLayoutEngine.execute

    def a_little_off(engine, fig):
        laid_out(engine, fig)
        for axes in fig.axes:
            axes._set_position(
                [edge * (1 + 1e-13) for edge in axes.get_position(original=True).bounds]
            )

    monkeypatch.setattr(ConstrainedLayoutEngine, "execute", a_little_off)
    off = _figure()
    assert [axes.get_position().bounds for axes in off.axes] == [
        axes.get_position().bounds for axes in plain.axes
    ]


@pytest.mark.parametrize("name", ["../x", "a/b", "", ".hidden", "x.png", "/tmp/x", "a\n"])
def test_a_name_cannot_leave_the_folder(tmp_path, name):
    with pytest.raises(InputError, match="not a figure name"):
        save_figure(_figure(), tmp_path / "inner", name, data=DATA, alt=ALT, provenance=ORIGIN)
    assert not list(tmp_path.rglob("*.*"))


def test_blank_alt_and_provenance_that_json_cannot_hold_are_refused_before_anything_is_written(
    tmp_path,
):
    with pytest.raises(InputError, match="no alt text"):
        save_figure(_figure(), tmp_path, "dots", data=DATA, alt=" \x00", provenance={})
    for wrong in ({"a": float("nan")}, {"a": {1, 2}}):
        with pytest.raises(InputError, match="JSON"):
            save_figure(_figure(), tmp_path, "dots", data=DATA, alt=ALT, provenance=wrong)
    assert not list(tmp_path.iterdir())


def test_control_characters_in_alt_text_leave_a_valid_svg(tmp_path):
    svg = save_figure(
        _figure(), tmp_path, "dots", data=DATA, alt="a\x00b\x1b\n c\ud800", provenance={"k": "\x01"}
    )[1]
    assert read_alt(svg) == "a b c"
    assert read_provenance(svg) == {"k": "\x01"}


def test_a_picture_of_another_origin_is_an_input_error(tmp_path):
    Image.new("RGB", (4, 4)).save(tmp_path / "plain.png")
    (tmp_path / "plain.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
    (tmp_path / "broken.svg").write_text("<svg")
    for name in ("plain.png", "plain.svg", "broken.svg", "absent.png"):
        with pytest.raises(InputError, match="no provenance"):
            read_provenance(tmp_path / name)


def test_drawing_and_saving_leave_the_callers_settings_alone(tmp_path):
    before = {name: rcParams[name] for name in rcParams}
    save_figure(_figure(), tmp_path, "dots", data=DATA, alt=ALT, provenance=ORIGIN)
    assert {name: rcParams[name] for name in rcParams} == before


def test_the_callers_settings_do_not_show(tmp_path):
    def drawn(folder):
        return save_figure(
            _figure(), tmp_path / folder, "dots", data=DATA, alt=ALT, provenance=ORIGIN
        )[0].read_bytes()

    plain = drawn("plain")
    old = rcParams["lines.linewidth"], rcParams["axes.facecolor"]
    try:
        rcParams.update({"lines.linewidth": 9, "axes.facecolor": "red"})
        assert drawn("changed") == plain
    finally:
        rcParams.update({"lines.linewidth": old[0], "axes.facecolor": old[1]})
