"""What the batch engine costs, beside what one would use instead: `python benchmarks/batch.py
[NOTEBOOK ..]`.

Everything is measured in one run, on two workers, with the notebooks given (all if none).
Wall-clock seconds decide;
processor seconds are given too, since other work on the machine changes them less.
"""

import argparse
import json
import os
import subprocess
import sys
import threading
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil

from lac_analysis import config
from lac_analysis.batch import suite

WORKERS = 2
LAC = [sys.executable, "-m", "lac_analysis.cli"]
PAPERMILL = [sys.executable, "-m", "papermill"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("notebook", nargs="*")
    parser.add_argument(
        "--sweep", type=int, nargs="*", default=[25, 50, 100], help="numbers of runs of a sweep"
    )
    parser.add_argument(
        "--no-loop", action="store_true", help="leave out the slow loop of papermill"
    )
    arguments = parser.parse_args()
    sources = [suite.find(name) for name in arguments.notebook] or suite.every()
    _time([*LAC, "build"])
    with TemporaryDirectory() as folder:
        work = Path(folder)
        whole_suite(sources, work, loop=not arguments.no_loop)
        nothing_to_do(sources, work)
        one_parameter(work)
        sweeps(arguments.sweep, work)


def whole_suite(sources: list[Path], work: Path, *, loop: bool) -> None:
    """All notebooks cold, against a shell loop of papermill, and against the floor; ours before and
    after the loop.
    """
    runs = [_cold(sources, work / "runs")]
    if loop:
        theirs = [_papermill(path, work / "papermill" / path.stem) for path in sources]
        runs.append(_cold(sources, work / "again"))
    for ours, cpu, cells in runs:
        floor = _imports() + cells / WORKERS
        say(
            f"{len(sources)} notebooks cold, -j {WORKERS}",
            ours,
            cpu,
            f"{ours / floor:.2f} times the next",
        )
        say(
            "  floor: one import of the libraries + the cells' own time / workers",
            floor,
            note=f"cells {cells:.1f}",
        )
    if loop:
        wall, processor = map(sum, zip(*theirs, strict=True))
        ours = sum(run[0] for run in runs) / len(runs)
        say(
            "shell loop of `papermill NOTEBOOK OUT`",
            wall,
            processor,
            f"{wall / ours:.2f} times ours, mean of two",
        )


def _cold(sources: list[Path], out: Path) -> tuple[float, float, float]:
    """Wall-clock and processor seconds of all notebooks from nothing, and seconds that their cells
    took.
    """
    wall, processor = _time([*LAC, "run", *names(sources), "--out", out, "-j", str(WORKERS)])
    return wall, processor, sum(_cells(out / path.stem / path.name) for path in sources)


def nothing_to_do(sources: list[Path], work: Path) -> None:
    """The same again, against an import of pandas: the least of five, in turns."""
    command = [*LAC, "run", *names(sources), "--out", work / "runs", "-j", str(WORKERS)]
    pairs = [(_time(command), _time([sys.executable, "-c", "import pandas"])) for _ in range(5)]
    (ours, cpu), (theirs, other) = (min(column) for column in zip(*pairs, strict=True))
    say("nothing to do", ours, cpu, f"{ours - theirs:+.2f} s beside the import")
    say('python -c "import pandas"', theirs, other)


def one_parameter(work: Path) -> None:
    """One changed parameter of one notebook, from a cold start, and where the time goes."""
    path = suite.find("reach")
    ours, cpu = _time([*LAC, "run", "reach", "-p", "window_start=2005", "--out", work / "one"])
    imports, cells = (
        _imports(),
        _cells(work / "one" / f"{path.stem}@window_start=2005" / path.name),
    )
    floor = imports + cells
    say("one changed parameter of one notebook", ours, cpu, f"{ours / floor:.2f} times the next")
    say("  importing the libraries, and what a kernel is made of", imports)
    say("  the cells' own computing", cells)
    say("  the rest: plan and hashes, papermill, the kernel's start and end", ours - floor)


def sweeps(sizes: list[int], work: Path) -> None:
    """Sweeps of growing size: time a run, and the most memory that all processes together held;
    against papermill.
    """
    source, some = suite.find("reach"), 5
    loop = [
        _papermill(source, work / "loop" / str(seed), "-p", "seed", str(seed))
        for seed in range(1, some + 1)
    ]
    theirs = sum(wall for wall, _ in loop) / some
    for size in sizes:
        file = work / f"sweep_{size}.yml"
        file.write_text(
            json.dumps({"notebooks": ["reach"], "grid": {"seed": list(range(1, size + 1))}})
        )
        with Peak() as peak:
            ours, cpu = _time(
                [*LAC, "run", "--sweep", file, "--out", work / f"sweep_{size}", "-j", str(WORKERS)]
            )
        note = f"{ours / size:.2f} s a run, papermill {theirs:.2f} (of {some}): {theirs * size / ours:.1f} times"
        say(f"sweep of {size} runs", ours, cpu, f"{note}; at most {peak.megabytes:,.0f} MB")


class Peak:
    """The most proportional memory (MB) that the processes below this one held together while the
    context was open.
    """

    megabytes = 0.0

    def __enter__(self) -> "Peak":
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look)
        self._thread.start()
        return self

    def __exit__(self, *_) -> None:
        self._over.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._over.wait(0.5):
            held = 0
            for process in psutil.Process().children(recursive=True):
                try:
                    held += process.memory_full_info().pss
                except psutil.Error:  # it has just ended
                    continue
            self.megabytes = max(self.megabytes, held / 1e6)


def names(sources: list[Path]) -> list[str]:
    return [path.stem for path in sources]


def say(task: str, wall: float, cpu: float | None = None, note: str = "") -> None:
    processor = "" if cpu is None else f"{cpu:.1f}"
    print(f"{task:<66} {wall:8.2f} s  {processor:>7} cpu s  {note}", flush=True)


def _imports() -> float:
    """Seconds to import all that the notebooks import."""
    return _import("import lac_analysis.batch.preload")


def _import(text: str) -> float:
    return min(_time([sys.executable, "-c", text])[0] for _ in range(3))


def _cells(executed: Path) -> float:
    """Seconds that the cells of an executed notebook took, as papermill counted them."""
    cells = json.loads(executed.read_text(encoding="utf-8"))["cells"]
    return sum(cell["metadata"].get("papermill", {}).get("duration") or 0 for cell in cells)


def _papermill(source: Path, out: Path, *options: str) -> tuple[float, float]:
    """`_time` of one notebook run by papermill alone."""
    out.mkdir(parents=True)
    return _time(
        [*PAPERMILL, source, out / source.name, "-p", "output", out, *options, "--no-progress-bar"]
    )


def _time(command: list) -> tuple[float, float]:
    """Wall-clock and processor seconds of a command and all it starts. Ends the benchmark if it
    fails.
    """
    started = time.perf_counter()
    process = subprocess.Popen(
        [str(part) for part in command],
        cwd=config.ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"{' '.join(map(str, command))} ended with code {process.returncode}")
    return wall, usage.ru_utime + usage.ru_stime


if __name__ == "__main__":
    main()
