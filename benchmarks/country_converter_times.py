"""Seconds of a core that country_converter takes for the names in a file, one a line; run by benchmarks/scale.py in an
environment of its own, because country_converter 1.3.2 does not run on pandas 3. Prints JSON."""

import json
import logging
import sys
import time
from pathlib import Path

import country_converter
import pandas as pd

logging.disable(logging.CRITICAL)
names = pd.Series(Path(sys.argv[1]).read_text(encoding="utf-8").split("\n"))
converter = country_converter.CountryConverter()
start = time.process_time()
found = converter.pandas_convert(names, to="ISO3", not_found=None)  # the way its authors advise for many names
print(json.dumps({"seconds": time.process_time() - start, "found": [str(value) for value in found]}))
