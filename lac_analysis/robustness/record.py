"""What a notebook on robustness leaves: its numbers, with what they were made from, and its pictures."""

from pathlib import Path

from lac_analysis import config, files
from lac_analysis.claims.finding import plain
from lac_analysis.tables import Tables


def identity(name: str, tables: Tables, parameters: dict) -> dict:
    """Name, parameters, and hashes of the raw tables and of all code that a robustness analysis may use."""
    package = config.PACKAGE
    claims = [path for path in sorted((package / "claims").glob("*.py")) if not path.stem.endswith("_figures")]
    shared = [package / "panel.py", package / "tables.py", *sorted((package / "stats").glob("*.py"))]
    own = sorted((package / "robustness").glob("*.py"))
    return {
        "claim": name,
        "parameters": plain(parameters),
        "input_hash": tables.input_hash,
        "code_hash": files.sha256(config.CLAIMS_FILE, *shared, *claims, *own),
    }


def save(content: dict, pictures: dict, folder: str) -> None:
    """Write finding.json and every picture into `folder`; where it is blank, write nothing and say so."""
    if not folder:
        print("Nothing was written: name a folder in `output` to keep the numbers and the pictures.")
        return
    for picture in pictures.values():
        picture.save(folder)
    files.write_json(Path(folder) / "finding.json", plain(content))
