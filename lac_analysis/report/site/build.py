"""Build the site in a new folder and put it in its place, whole or not at all."""

import os
import re
import shutil
import tempfile
from io import BytesIO
from pathlib import Path

from PIL import Image
from PIL.PngImagePlugin import PngInfo

from lac_analysis import config, files, tables
from lac_analysis.errors import InputError
from lac_analysis.report import tables as paper
from lac_analysis.report.site import engagements, pages
from lac_analysis.report.site.material import Material, Picture, gather

_STATIC = Path(__file__).parent / "static"
_MARK = "made.json"  # a folder that holds it is a site of ours and may be replaced
_COLOURS = 128  # of a picture on the site: fewer bytes, and no difference to see


def build(out: Path, root: Path = config.ROOT, data: tables.Tables | None = None) -> Path:
    """Write the site of the runs under `root` to the folder `out`; the same runs give the same
    bytes.

    Parameters
    ----------
    root : folder with runs/, or else with data/reference/ and figures/.
    data : tables for the data page; the project's own where left out.

    Returns the first page.

    Raises
    ------
    InputError : nothing was run yet, or `out` holds something else than a site.
    """
    out = Path(out)
    if out.exists() and not (out / _MARK).is_file() and (not out.is_dir() or any(out.iterdir())):
        raise InputError(
            "the folder for the site holds something else",
            file=out,
            expected="a new or empty folder",
        )
    material = gather(root)
    data = tables.load() if data is None else data
    with files.alone(out.absolute().parent):
        _replace(out, material, data)
    return out / "index.html"


def _replace(out: Path, material: Material, data: tables.Tables) -> None:
    parent = out.absolute().parent
    for part in parent.iterdir():  # of a build that was killed
        if part.is_dir() and re.fullmatch(
            rf"\.{re.escape(out.name)}\.[a-z0-9_]{{8}}(\.old)?", part.name
        ):
            shutil.rmtree(part)
    work = Path(tempfile.mkdtemp(dir=parent, prefix=f".{out.name}."))
    try:
        _write(work, material, data)
        os.chmod(work, 0o755)
        old = work.with_name(f"{work.name}.old")
        if out.exists():
            os.replace(out, old)
        os.replace(work, out)
        shutil.rmtree(old, ignore_errors=True)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _write(work: Path, material: Material, data: tables.Tables) -> None:
    for path in sorted(_STATIC.iterdir()):
        files.write_bytes(work / path.name, path.read_bytes())
    rows = engagements.rows(data)
    files.write_text(work / "engagements.js", engagements.script(rows))
    files.write_csv(work / "engagements.csv", rows)
    for run in material.runs.values():
        for picture in run.pictures:
            files.write_bytes(work / pages.picture_path(run.name, picture.name), _smaller(picture))
            if picture.has_numbers:
                files.write_bytes(
                    work / pages.numbers_path(run.name, picture.name), picture.data.read_bytes()
                )
    typeset = paper.every(data, material.report, material.later)
    for table in typeset:
        files.write_text(work / f"tables/{table.name}.html", paper.as_html(table))
        files.write_text(work / f"tables/{table.name}.tex", paper.as_latex(table))
        files.write_csv(work / f"tables/{table.name}.csv", table.data)
    for name, content in pages.render(material, data, rows, typeset).items():
        files.write_bytes(work / name, content)
    files.write_json(work / _MARK, pages.provenance(material, data))


def _smaller(picture: Picture) -> bytes:
    """The PNG with few colours, its alt text and provenance kept."""
    with Image.open(picture.file) as image:
        kept = PngInfo()
        for name, text in image.text.items():
            kept.add_itxt(name, text)
        small = image.convert("RGB").quantize(
            _COLOURS, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE
        )
    small.putpalette(
        [255 if value >= 253 else value for value in small.getpalette()]
    )  # paper stays white
    buffer = BytesIO()
    small.save(buffer, format="PNG", pnginfo=kept)
    return buffer.getvalue()
