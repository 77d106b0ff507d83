"""Speed and memory of `lac clean`, on GENERATED data.

    python benchmarks/scale.py [--most 1000000] [--folder FOLDER]

What is asked: a million rows within three minutes and 2 GB on two cores.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))
import generated

_MEASURE = """
import json, resource, sys, time
from pathlib import Path
from lac_analysis.sources import pieces
if __name__ == "__main__":
    start = time.perf_counter()
    rows = pieces.over_file(pieces.clean_piece, Path(sys.argv[1]), Path(sys.argv[2]), jobs=2)
    wall = time.perf_counter() - start
    here, there = (
        resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    peak = (here.ru_maxrss + 2 * there.ru_maxrss) / 1024
    processor = here.ru_utime + there.ru_utime
    print(json.dumps({"rows": sum(rows), "wall": wall, "processor": processor, "peak": peak}))
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--most", type=int, default=1_000_000, help="rows of the largest table")
    parser.add_argument("--folder", type=Path, help="where to write (default: a temporary folder)")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=arguments.folder) as name:
        cleaning(Path(name), arguments.most)


def cleaning(folder: Path, most: int) -> None:
    """Free text -> codes -> clean records with two processes, each size in a run of its own."""
    script = folder / "measure.py"
    script.write_text(_MEASURE, encoding="utf-8")
    print("lac clean with coding, two processes, rows with a different text each")
    print(f"{'rows':>12}{'seconds':>10}{'of processors':>15}{'peak MB, all':>14}")
    for n in (10**k for k in range(4, 8) if 10**k <= most):
        source, out = folder / f"rows{n}.csv", folder / f"out{n}.parquet"
        with source.open("w", encoding="utf-8", newline="") as stream:
            for number, frame in enumerate(generated.engagements(n, 1)):
                kept = frame[[name for name in frame if not name.startswith("truth_")]]
                kept.to_csv(stream, index=False, header=number == 0)
        command = [sys.executable, str(script), str(source), str(out)]
        run = subprocess.run(command, capture_output=True, text=True, check=True)
        took = json.loads(run.stdout)
        assert took["rows"] == n
        print(
            f"{n:>12,}{took['wall']:>10.0f}{took['processor']:>15.0f}{took['peak']:>14,.0f}",
            flush=True,
        )


if __name__ == "__main__":
    main()
