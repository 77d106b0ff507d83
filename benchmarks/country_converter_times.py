"""Seconds of a core that country_converter takes for the names in a file, one a line, the least of
three; run by
benchmarks/scale.py in an environment of its own, because country_converter 1.3.2 does not run on
pandas 3. Prints JSON.

    python country_converter_times.py FILE (pandas_convert|convert)

pandas_convert is what its authors advise for many names, convert what its README shows first.
"""

import json
import logging
import sys
import time
from pathlib import Path

import country_converter
import pandas as pd

logging.disable(logging.CRITICAL)
names = Path(sys.argv[1]).read_text(encoding="utf-8").split("\n")
names = pd.Series(names) if sys.argv[2] == "pandas_convert" else names
convert = getattr(country_converter.CountryConverter(), sys.argv[2])
seconds = []
for _ in range(3):
    start = time.process_time()
    found = convert(names, to="ISO3", not_found=None)
    seconds.append(time.process_time() - start)
print(json.dumps({"seconds": min(seconds), "found": [str(value) for value in found]}))
