"""What a robustness analysis was made from."""

from lac_analysis import config, files
from lac_analysis.tables import Tables


def identity(name: str, tables: Tables, parameters: dict) -> dict:
    """Name, parameters, and hashes of the raw tables and of all code that a robustness analysis may
    use.
    """
    package = config.PACKAGE
    claims = [
        path
        for path in sorted((package / "claims").glob("*.py"))
        if not path.stem.endswith("_figures")
    ]
    shared = [
        package / "panel.py",
        package / "tables.py",
        *sorted((package / "stats").glob("*.py")),
    ]
    own = sorted((package / "robustness").glob("*.py"))
    return {
        "claim": name,
        "parameters": files.to_json_values(parameters),
        "input_hash": tables.input_hash,
        "code_hash": files.sha256(config.CLAIMS_FILE, *shared, *claims, *own),
    }
