"""Imported once in the process that kernels are forked from: what the suite's notebooks import.

`kernel.start` names it to multiprocessing's fork server. A module that cannot be imported is
left out: the notebook meets the error in its own cell, with a traceback.
"""

import gc
import importlib
import os
import re
import sys
from contextlib import suppress

from lac_analysis import config

PATH = [place for place in sys.path if place]  # of the modules that a kernel finds
_IMPORT = re.compile(r"from (lac_analysis[\w.]*) import ([\w, ]+)")
_LIBRARIES = ("ipykernel.kernelapp", "ipykernel.ipkernel", "ipykernel.zmqshell", "pyarrow.parquet")


def _load(name: str) -> None:
    with suppress(Exception):
        importlib.import_module(name)


os.environ.setdefault("PYDEVD_DISABLE_FILE_VALIDATION", "1")  # debugpy warns of frozen modules
for _name in _LIBRARIES:
    _load(_name)
_load("lac_analysis.batch.kernel")
_load("lac_analysis.cli")
for _notebook in config.NOTEBOOKS.glob("*.ipynb"):
    for _package, _names in _IMPORT.findall(_notebook.read_text(encoding="utf-8")):
        for _name in _names.split(","):
            _load(f"{_package}.{_name.strip()}")
gc.freeze()  # a collection in a kernel must not copy the pages that all share
