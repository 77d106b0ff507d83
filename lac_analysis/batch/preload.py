"""Imported once in the process that kernels are forked from: what nearly every notebook imports.

`kernel.Kernels` names it to multiprocessing's fork server. A module that cannot be imported is
left out: the notebook meets the error in its own cell, with a traceback.
"""

import gc
import importlib
import os
import pkgutil
import sys
from contextlib import suppress

import lac_analysis

_LIBRARIES = (
    "ipykernel.kernelapp", "ipykernel.ipkernel", "ipykernel.zmqshell", "ipykernel.debugger",
    "IPython.core.completerlib", "IPython.extensions.storemagic", "psutil", "sqlite3",
    "tornado.platform.asyncio", "numpy", "pandas", "pandas.io.formats.html",
    "pandas.io.formats.style", "pyarrow.parquet", "matplotlib.pyplot",
    "matplotlib.backends.backend_agg", "matplotlib.backends.backend_svg", "PIL.PngImagePlugin",
    "seaborn", "scipy.stats", "scipy.optimize", "statsmodels.api", "statsmodels.formula.api",
)  # fmt: skip
_OURS = ("batch.kernel", "claims", "cli", "files", "panel", "robustness", "report", "tables")
PATH = [place for place in sys.path if place]  # of the modules that a kernel finds


def _load(name: str) -> None:
    with suppress(Exception):
        importlib.import_module(name)


os.environ.setdefault("PYDEVD_DISABLE_FILE_VALIDATION", "1")  # debugpy warns of frozen modules
for _name in _LIBRARIES:
    _load(_name)
for _name in _OURS:
    _load(f"lac_analysis.{_name}")
for _module in pkgutil.walk_packages(lac_analysis.__path__, "lac_analysis."):
    if _module.name.split(".")[1] in ("stats", "charts", "claims", "robustness", "report"):
        _load(_module.name)
gc.freeze()  # a collection in a kernel must not copy the pages that all share
