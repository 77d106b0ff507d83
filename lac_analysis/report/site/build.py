"""Build the site in a new folder and put it in its place, whole or not at all."""

from pathlib import Path

from lac_analysis import config, files, tables
from lac_analysis.batch import cache
from lac_analysis.report.site import engagements, pages

_STATIC = Path(__file__).parent / "static"


def build(out: Path, root: Path = config.ROOT, data: tables.Tables | None = None) -> Path:
    """Write the site of `root/runs` to the folder `out`; the same runs give the same bytes.

    data : tables for the page of engagements; the project's own where left out.

    Returns the first page.

    Raises
    ------
    InputError : nothing was run yet, or `out` holds what an earlier site did not write.
    """
    out = Path(out).absolute()
    runs = pages.runs(Path(root) / "runs")
    data = tables.load() if data is None else data
    cache.refuse_foreign(out)
    with files.alone(out.parent), cache.unfinished(out.parent) as work:
        for path in sorted(_STATIC.iterdir()):
            files.write_bytes(work / "site" / path.name, path.read_bytes())
        rows = engagements.rows(data)
        files.write_text(work / "site" / "engagements.js", engagements.script(rows))
        files.write_csv(work / "site" / "engagements.csv", rows)
        made_of = {
            "input_hash": data.input_hash,
            "plan_hash": files.sha256(config.CLAIMS_FILE),
            "versions": runs[pages.VERDICTS].manifest.get("versions", {}),
            "runs": {name: run.manifest.get("key", "") for name, run in runs.items()},
        }
        for name, content in pages.render(runs, rows, made_of).items():
            files.write_bytes(work / "site" / name, content)
        cache.put_in_place(work / "site", out, made_of)
    return out / "index.html"
