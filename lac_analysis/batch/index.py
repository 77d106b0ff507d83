"""One table over all runs in a folder, gathered from their manifests."""

import csv
import io
import json
from pathlib import Path

from lac_analysis.batch import cache

NAME = "index.csv"
_COLUMNS = (
    "run",
    "notebook",
    "parameters",
    "started",
    "seconds",
    "claim",
    "estimate",
    "p",
    "verdict",
    "key",
)


def write(out: Path) -> Path:
    """Write `out/index.csv`, one row a run, sorted by name. Returns its path."""
    from lac_analysis import files

    buffer = io.StringIO()
    table = csv.DictWriter(buffer, _COLUMNS, lineterminator="\n", extrasaction="ignore", restval="")
    table.writeheader()
    for manifest in sorted(out.glob(f"*/{cache.MANIFEST}")):
        entry = cache.read(manifest.parent)
        if "key" in entry:
            parameters = json.dumps(entry["parameters"], ensure_ascii=False)
            row = (
                _finding(manifest.parent)
                | entry
                | {"run": manifest.parent.name, "parameters": parameters}
            )
            table.writerow({name: files.harmless(value) for name, value in row.items()})
    return files.write_text(out / NAME, buffer.getvalue())


def _finding(folder: Path) -> dict:
    try:
        finding = json.loads((folder / "finding.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return finding if isinstance(finding, dict) else {}
