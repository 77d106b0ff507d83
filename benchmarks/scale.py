"""Speed and memory of `lac clean`, of country names and of GDELT files, on GENERATED data of known
truth.

    python benchmarks/scale.py [--most 10000000] [--coco PYTHON] [--folder FOLDER]

Every line is a ratio to something measured in the same run, so that a busy machine does not decide
it.
--coco: an interpreter that has country_converter, which does not run on pandas 3.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pandas as pd

from lac_analysis.records import countries
from lac_analysis.scale import chunks, generated, tasks
from lac_analysis.sources import gdelt

_MEASURE = """
import json, resource, sys, time
from pathlib import Path
from lac_analysis.scale import chunks, tasks
tasks.clean_chunk(next(chunks.read(Path(sys.argv[1]), 1000)))  # the lists of names, read once
before = (time.perf_counter(), time.process_time())
counts = tasks.clean_file(Path(sys.argv[1]), Path(sys.argv[2]))
wall, cpu = time.perf_counter() - before[0], time.process_time() - before[1]
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(json.dumps({"wall": wall, "cpu": cpu, "peak": peak, "rows": counts["records"] + counts["uncoded"]}))
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--most",
        type=int,
        default=10_000_000,
        help="rows of the largest table and of the GDELT file",
    )
    parser.add_argument("--coco", metavar="PYTHON", help="an interpreter with country_converter")
    parser.add_argument("--folder", type=Path, help="where to write (default: a temporary folder)")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=arguments.folder) as name:
        folder = Path(name)
        cleaning(folder, arguments.most)
        country_names(folder, arguments.coco)
        events(folder, arguments.most)


def cleaning(folder: Path, most: int) -> None:
    """Free text -> codes -> clean records, in one process; each size in a process of its own."""
    print("lac clean with coding, one process, generated rows with a different text each")
    print(
        f"{'rows':>12}{'rows/s of a core':>18}{'rows/s':>10}{'peak MB':>10}{'time of a row / at 10,000':>28}"
    )
    first = None
    for n in (10**k for k in range(4, 8) if 10**k <= most):
        source = folder / f"rows{n}"
        with chunks.Parts(source) as parts:
            for frame in generated.engagements(n, 1):
                parts.add(frame[[c for c in frame if not c.startswith("truth_")]])
        run = subprocess.run(
            [sys.executable, "-c", _MEASURE, str(source), str(folder / "out")],
            capture_output=True,
            text=True,
            check=True,
        )
        took = json.loads(run.stdout)
        assert took["rows"] == n
        first = first or took["cpu"] / n
        print(
            f"{n:>12,}{n / took['cpu']:>18,.0f}{n / took['wall']:>10,.0f}{took['peak']:>10,.0f}"
            f"{took['cpu'] / n / first:>28.2f}",
            flush=True,
        )
        chunks.discard(source)
        chunks.discard(folder / "out")
    alone(min(most, 100_000))


def alone(n: int) -> None:
    """The two halves of the work, without reading and writing."""
    texts = pd.concat(generated.engagements(n, 2), ignore_index=True)
    frames = [texts.iloc[i : i + chunks.CHUNK] for i in range(0, n, chunks.CHUNK)]
    coded = [tasks.code_chunk(frame) for frame in frames]
    for name, function, given in (
        ("coding", tasks.code_chunk, frames),
        ("cleaning coded rows", tasks.clean_chunk, coded),
    ):
        start = time.process_time()
        for frame in given:
            function(frame)
        print(
            f"{name + ' alone':>28}: {n / (time.process_time() - start):,.0f} rows/s of a core",
            flush=True,
        )


def country_names(folder: Path, python: str | None) -> None:
    """Names of countries against country_converter, on the same strings."""
    repeated = generated.country_names(1_000_000, 3)
    different = repeated + " " + pd.Series(range(len(repeated))).astype("str")
    print("country names, a million strings, seconds of a core, the least of three", flush=True)
    for name, strings, method, share in (
        ("2,500 different", repeated, "pandas_convert", 1),
        ("the same", repeated, "convert", 500),
        ("all different", different, "pandas_convert", 500),
    ):
        seconds = []
        for _ in range(3):
            start = time.process_time()
            countries.resolve(strings)
            seconds.append(time.process_time() - start)
        ours = min(seconds)
        line = f"{name:>28}: ours {ours:.3f} s"
        if python:
            some = strings.head(len(strings) // share)
            file = folder / "names.txt"
            file.write_text("\n".join(some), encoding="utf-8")
            script = Path(__file__).with_name("country_converter_times.py")
            run = subprocess.run(
                [python, str(script), str(file), method], capture_output=True, text=True, check=True
            )
            theirs = json.loads(run.stdout)["seconds"] * share
            line += f", country_converter's {method} {theirs:,.1f} s{' (from a 500th of them)' if share > 1 else ''}: "
            line += f"{theirs / ours:,.0f} times"
        print(line, flush=True)


def events(folder: Path, most: int) -> None:
    """A file in the shape of GDELT 2.0: filtered, located and coded against read and filtered by
    duckdb alone.
    """
    import duckdb

    file = folder / "events.tsv"
    with file.open("w", encoding="utf-8") as stream:
        for lines in generated.gdelt(most, 4):
            stream.write(lines)
    columns = ", ".join(f"'c{i}': 'VARCHAR'" for i in range(gdelt.N_COLUMNS))
    query = (
        f"SELECT * FROM read_csv($path, delim='\\t', header=false, quote='', escape='', auto_detect=false, "
        f"columns={{{columns}}}) WHERE c7 = 'CHN' OR c17 = 'CHN'"
    )
    times = {"duckdb": [], "lac": []}
    for _ in range(2):
        start = time.process_time()  # of all threads: other work on the machine does not count
        with duckdb.connect() as connection:
            connection.execute("SET enable_progress_bar=false")
            connection.execute(query, {"path": str(file)}).df()
        times["duckdb"].append(time.process_time() - start)
        start = time.process_time()
        imported = gdelt.convert(file)
        times["lac"].append(time.process_time() - start)
    ours, theirs = min(times["lac"]), min(times["duckdb"])
    print(
        f"GDELT-shaped file of {most:,} rows ({file.stat().st_size / 1e9:.1f} GB): duckdb reads and filters in "
        f"{theirs:.1f} s of a core, lac filters, locates and codes {len(imported.records):,} acts in {ours:.1f} s: "
        f"{ours / theirs:.2f} times"
    )


if __name__ == "__main__":
    main()
