"""What the site is made of: the findings, pictures and executed notebooks of one run of the suite."""

import json
from dataclasses import dataclass, field
from pathlib import Path

from lac_analysis.batch import notebook as notebooks
from lac_analysis.charts.picture import read_alt
from lac_analysis.claims.finding import Finding
from lac_analysis.errors import InputError

_VERDICTS = "99_verdicts"
_LARGEST_NUMBERS = 100_000  # bytes


@dataclass(frozen=True)
class Picture:
    """Attributes: name, file (PNG), alt, data (CSV of the numbers drawn)."""

    name: str
    file: Path
    alt: str
    data: Path

    @property
    def has_numbers(self) -> bool:
        """Whether the site holds the numbers: those of a thousand specifications would make it
        large.
        """
        return self.data.stat().st_size <= _LARGEST_NUMBERS


@dataclass(frozen=True)
class Run:
    """Attributes: name (08_authority), title (first heading), finding, pictures, notebook (its
    content as read from the
    file), executed (whether it holds outputs), manifest (empty where only the reference is at
    hand)."""

    name: str
    title: str
    finding: dict
    pictures: tuple[Picture, ...]
    notebook: dict
    executed: bool
    manifest: dict


@dataclass(frozen=True)
class Material:
    """Attributes: runs by name; report and later (findings of both windows by claim); missing
    (notebooks not run).
    """

    runs: dict[str, Run]
    report: dict[str, Finding]
    later: dict[str, Finding]
    missing: tuple[str, ...] = field(default=())


def gather(root: Path) -> Material:
    """The suite as last run: `root`/runs, or else the reference run in `root`/data/reference and
    `root`/figures.

    Raises
    ------
    InputError : nothing was run yet, or a file of a run cannot be read.
    """
    runs, reference = root / "runs", root / "data" / "reference"
    if (runs / _VERDICTS / "finding.json").is_file():
        found = {
            path.stem: _read(path, runs / path.stem, runs / path.stem / "finding.json")
            for path in _every()
        }
    elif (reference / f"{_VERDICTS}.json").is_file():
        found = {
            path.stem: _read(path, root / "figures" / path.stem, reference / f"{path.stem}.json")
            for path in _every()
        }
    else:
        raise InputError(
            "there is nothing to report: no notebook was run yet",
            expected="run `lac reproduce` first",
        )
    there = {name: run for name, run in found.items() if run is not None}
    verdicts = there[_VERDICTS].finding
    report, later = (
        {claim: Finding.from_dict(content) for claim, content in verdicts[window].items()}
        for window in ("report", "out_of_sample")
    )
    return Material(there, report, later, tuple(name for name in found if name not in there))


def _every() -> list[Path]:
    return notebooks.every()


def _read(source: Path, folder: Path, finding: Path) -> Run | None:
    """One run; None where there is none."""
    if not finding.is_file():
        return None
    executed = folder / source.name
    manifest = folder / "manifest.json"
    content = notebooks.read(executed if executed.is_file() else source)
    pictures = [
        Picture(p.stem, p, read_alt(p), p.with_suffix(".csv")) for p in sorted(folder.glob("*.png"))
    ]
    shown = _alts(content)
    pictures.sort(
        key=lambda picture: (
            shown.index(picture.alt) if picture.alt in shown else len(shown),
            picture.name,
        )
    )
    return Run(
        name=source.stem,
        title=_title(content),
        finding=_json(finding),
        pictures=tuple(pictures),
        notebook=content,
        executed=executed.is_file(),
        manifest=_json(manifest) if manifest.is_file() else {},
    )


def _title(content: dict) -> str:
    first = "".join(content["cells"][0]["source"]) if content["cells"] else ""
    return first.splitlines()[0].lstrip("# ") if first else ""


def _alts(content: dict) -> list[str]:
    """Alt texts of the pictures in a notebook's outputs, in their order."""
    outputs = [output for cell in content["cells"] for output in cell.get("outputs", [])]
    return [alt for output in outputs if (alt := picture_alt(output))]


def picture_alt(output: dict) -> str:
    """Alt text of an output that is a picture of ours, blank for any other."""
    return " ".join(str(output.get("metadata", {}).get("image/png", {}).get("alt", "")).split())


def _json(path: Path) -> dict:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise InputError(
            "not a file that a run writes", file=path, expected="JSON; run `lac reproduce` again"
        ) from None
