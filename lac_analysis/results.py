"""What a notebook leaves: finding.json with its numbers, and its pictures."""

import math
from pathlib import Path

import numpy as np
import pandas as pd

from lac_analysis import files

NAME = "finding.json"


def save(content: dict, pictures: dict, folder: str) -> None:
    """Write finding.json and every picture into `folder`; where it is blank, write nothing and say
    so.
    """
    if not folder:
        print(
            "Nothing was written: name a folder in `output` to keep the numbers and the pictures."
        )
        return
    listed = pictures.values() if isinstance(pictures, dict) else pictures
    for picture in listed:
        picture.save(folder)
    files.write_json(Path(folder) / NAME, plain(content))


def plain(value):
    """Values for JSON: ten significant digits, None for what is not known, infinity as text; a
    frame as its rows.
    """
    if isinstance(value, pd.DataFrame):
        return [plain(row) for row in value.to_dict("records")]
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, (bool, np.bool_)):
        return bool(value)
    if isinstance(value, (int, np.integer)):
        return int(value)
    if isinstance(value, (float, np.floating)):
        if math.isnan(value):
            return None
        return str(float(value)) if math.isinf(value) else float(f"{value:.10g}")
    return value
