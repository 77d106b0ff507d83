"""Build the site in a new folder and put it in its place, whole or not at all."""

import shutil
from pathlib import Path

from lac_analysis import config, files, outputs, tables
from lac_analysis.batch import cache
from lac_analysis.report import export
from lac_analysis.report.site import engagements, pages

_STATIC = Path(__file__).parent / "static"


def build(out: Path, root: Path = config.ROOT, data: tables.Tables | None = None) -> Path:
    """Write the site of `root/runs` to the folder `out`; the same runs give the same bytes.

    data : tables for the pages of engagements; the project's own where left out.

    Returns the first page.

    Raises InputError: nothing was run yet, or `out` holds what an earlier site did not write.
    """
    out = outputs.absolute(out)
    cache.refuse_foreign(out, "runs")
    runs = pages.runs(Path(root) / "runs")
    data = tables.load() if data is None else data
    with outputs.alone(out.parent), outputs.unfinished(out.parent) as work:
        site = work / "site"
        shutil.copytree(_STATIC, site)
        rows = engagements.rows(data)
        table = files.csv_bytes(rows[[*export.COLUMNS, "planned"]])
        script = engagements.script(rows).encode("utf-8", "backslashreplace")
        made = {"engagements.js": script, "engagements.csv": table}
        downloads: dict[str, dict[str, int]] = {}  # ending -> address -> bytes
        for path in sorted((config.ROOT / "data" / "export").glob("*.*")):
            made[f"export/{path.name}"] = path.read_bytes()
            downloads.setdefault(path.suffix, {})[f"export/{path.name}"] = path.stat().st_size
        made_of = {
            "input_hash": data.input_hash,
            "plan_hash": files.sha256(config.CLAIMS_FILE),
            "versions": runs[pages.VERDICTS].manifest.get("versions", {}),
            "runs": {name: run.manifest.get("key", "") for name, run in runs.items()},
        }
        names = data.countries.set_index("iso3")["country"].sort_values().to_dict()
        made |= pages.render(runs, rows, names, made_of=made_of, downloads=downloads)
        files.write_all(site, made)
        cache.put_in_place(site, out, made_of)
    return out / "index.html"
