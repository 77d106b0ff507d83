"""Results that notebooks running together share: what one has computed, the others read.

`batch/preloaded.py` makes a folder for this, for its own kernels, and removes it at the end; so
nothing outlives the
code that made it. Elsewhere, as in JupyterLab, everything is computed.
"""

import hashlib
import os
import pickle
from collections.abc import Callable
from contextlib import suppress
from functools import wraps
from pathlib import Path
from typing import Any

from lac_analysis import config, files
from lac_analysis.tables import Tables


def shared(function: Callable) -> Callable:
    """Decorate a function whose result depends on its arguments alone, and takes long.

    Arguments may be Tables, functions, and what `repr` tells apart. A result is looked up by the
    content of them all.
    """

    @wraps(function)
    def found(*args, **kwargs):
        folder = os.environ.get(config.SHARED)
        if not folder:
            return function(*args, **kwargs)
        given = [
            _identity(function),
            *map(_identity, args),
            *((k, _identity(v)) for k, v in sorted(kwargs.items())),
        ]
        path = Path(folder) / hashlib.sha256(repr(given).encode()).hexdigest()
        with suppress(OSError):
            return pickle.loads(path.read_bytes())
        result = function(*args, **kwargs)
        with suppress(OSError):  # a full disk: the others compute it for themselves
            files.write_bytes(path, pickle.dumps(result))
        return result

    return found


def _identity(value: Any) -> str:
    if isinstance(value, Tables):
        return f"{value.input_hash} {value.name}"
    return f"{value.__module__}.{value.__qualname__}" if callable(value) else repr(value)
