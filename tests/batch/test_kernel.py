"""Papermill's own kinds of notebook, through our engine and through papermill's: the executed
copies are the same.
"""

import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path

import papermill
import pytest

from lac_analysis.batch import cache, jobs, kernel, run, suite
from lac_analysis.batch.execute import execute

# after papermill's documentation: parameters of several types, and code that uses them
PARAMETERS = "msg = 'Ran from Papermill!'\na = 5\nb = 3.5\nc = None\nd = [1, 'two']\ne: bool = True  # a switch"
CASES = {
    "parameters": ((PARAMETERS, "print(a, b, c, d, e)", "msg.upper()"), {"a": -1, "d": [2, 'q"d', "日本"], "e": False}),
    "no parameters cell": ((None, "print('alone')", "%precision 3\n1 / 3"), {"a": 3}),
    "an error in a cell": ((PARAMETERS, "print('before')", "{}['absent']", "print('never')"), {}),
    "a long output": ((PARAMETERS, "for i in range(20_000): print(i, 'x' * 50)", "raise SystemExit"), {}),
    "rich output": (
        (
            PARAMETERS,
            "import matplotlib.pyplot as plt, pandas as pd\nplt.plot([1, 2]); plt.title('t')",
            "pd.DataFrame({'a': [1]})",
            "handle = display('one', display_id=True); handle.update('two')",
            "import sys, os, __main__; print(sys.path[0], sys.argv[0][-20:], __main__.a, __name__, os.getcwd())",
            "input_ = In[1]; Out.keys(), get_ipython().__class__.__name__",
            "%matplotlib inline\nimport seaborn as sns; sns.lineplot(x=[1, 2], y=[3, 4]);",
            "import warnings; warnings.warn('careful')",
            "import logging; logging.getLogger().warning('said')",
            "!echo shell; exit 0",
            "import sys; sys.stderr.write('e')",
        ),
        {},
    ),
}  # fmt: skip


def content(path):
    """Cells of an executed notebook, and its metadata but for times and paths."""
    executed = json.loads(path.read_text())
    for name in ("start_time", "end_time", "duration", "output_path"):
        del executed["metadata"]["papermill"][name]
    for cell in executed["cells"]:
        if set(cell["metadata"].get("tags", [])) & {
            "injected-parameters",
            "papermill-error-cell-tag",
        }:
            del cell["id"]  # drawn at random
        times = cell["metadata"].get("papermill", {})
        kept = {name: times[name] for name in ("exception", "status") if name in times}
        cell["metadata"] = {"tags": cell["metadata"].get("tags"), "papermill": kept}
        cell["outputs"] = _whole_streams(cell.get("outputs", []))
    return executed


def _whole_streams(outputs):
    """How a stream is cut into pieces is a matter of time: neighbours are joined."""
    joined = []
    for output in outputs:
        if output["output_type"] == "stream":
            text = re.sub(r"ipykernel_\d+", "ipykernel_PID", "".join(output["text"]))
            output = output | {"text": text}
        if (
            joined
            and output["output_type"] == "stream"
            and joined[-1].get("name") == output["name"]
        ):
            joined[-1]["text"] += output["text"]
        else:
            joined.append(output)
    return joined


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES)
def test_an_executed_notebook_is_papermills_cell_by_cell(write_notebook, tmp_path, case):
    cells, values = CASES[case]
    source = write_notebook("01_case", *cells)
    folder = tmp_path / "here"
    folder.mkdir()
    ours = folder / "ours.ipynb"
    result = execute(source, ours, values, folder=kernel.start())
    error = None
    try:
        papermill.execute_notebook(
            str(source), str(tmp_path / "theirs.ipynb"), values, cwd=str(folder), progress_bar=False
        )
    except papermill.PapermillExecutionError as raised:
        error = raised
    assert content(ours) == content(tmp_path / "theirs.ipynb")
    expected = (error.exec_count, error.ename, error.evalue) if error else (0, "", "")
    assert (result.cell, result.error, result.message) == expected


@pytest.mark.slow
def test_findings_and_pictures_are_the_same_bytes_however_they_are_run(tmp_path, monkeypatch):
    sources = [suite.find(name) for name in ("platforms", "tiers")]
    planned = jobs.plan(sources, {})
    for workers in (1, 2):
        assert run.run_all(planned, tmp_path / f"{workers} forked", workers=workers) == 0
    monkeypatch.setattr(kernel, "CAN_FORK", False)
    assert run.run_all(planned, tmp_path / "ordinary", workers=2) == 0
    for source in sources:
        folder = tmp_path / "papermill" / source.stem
        folder.mkdir(parents=True)
        command = [
            Path(sys.executable).with_name("papermill"),
            source,
            folder / source.name,
            "-p",
            "output",
            folder,
        ]
        subprocess.run(command, check=True, capture_output=True)
    found = {folder.name: _left(folder) for folder in tmp_path.iterdir()}
    pictures = [cache.finding(tmp_path / "papermill" / s.stem)["pictures"] for s in sources]
    # of each: the finding, its specifications, and every picture in three files
    assert len(found["papermill"]) == 2 * 2 + 3 * sum(map(len, pictures))
    assert all(files == found["papermill"] for files in found.values()) and len(found) == 4


def _left(folder):
    paths = [
        path for path in folder.glob("*/*") if path.suffix in (".json", ".png", ".svg", ".csv")
    ]
    return {
        path.relative_to(folder): path.read_bytes()
        for path in paths
        if path.name != "manifest.json"
    }


def test_a_forked_kernel_shows_what_pyplot_draws(write_notebook, tmp_path):
    source = write_notebook(
        "01_plot", "x: int = 1", "import matplotlib.pyplot as plt\nplt.plot([x, 2]);"
    )
    executed = tmp_path / "out.ipynb"
    assert not execute(source, executed, {}, folder=kernel.start()).error
    outputs = json.loads(executed.read_text())["cells"][1]["outputs"]
    assert any("image/png" in output.get("data", {}) for output in outputs)


@pytest.mark.parametrize("by_link", [False, True])
def test_the_folder_of_sockets_goes_with_its_process_wherever_that_puts_temporary_files(
    tmp_path, by_link
):
    long = tmp_path / ("x" * 150)  # too long for the path of a socket
    long.mkdir()
    (tmp_path / "s").symlink_to(long)
    code = "from lac_analysis.batch import kernel; print(kernel.start())"
    done = subprocess.run(
        [sys.executable, "-P", "-c", code], env=os.environ | {"TMPDIR": str(tmp_path / "s" if by_link else long)},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    folder = Path(done.stdout.strip())
    assert len(str(folder)) < 80 and list(long.iterdir()) == [] and done.stderr == ""
    deadline = time.monotonic() + 20
    while folder.exists():
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.mark.parametrize(
    ("name", "value"),
    [("MPLCONFIGDIR", "notes.txt/below"), ("XDG_CONFIG_HOME", "notes.txt"), ("HOME", "notes.txt")],
)
def test_matplotlib_makes_no_folder_of_its_own_where_its_own_cannot_be(tmp_path, name, value):
    (tmp_path / "notes.txt").write_text("mine")
    program = (
        "import os\nfrom multiprocessing import forkserver\nfrom lac_analysis.batch import kernel\n"
        "forkserver.ensure_running = lambda: None  # which would list the fonts\n"
        "print(kernel.start() == os.environ.get('MPLCONFIGDIR'))"
    )
    env = {key: text for key, text in os.environ.items() if not key.startswith(("XDG", "MPL"))}
    for given, wanted in (
        ({name: str(tmp_path / value)}, b"True"),
        ({"HOME": str(tmp_path)}, b"False"),
    ):
        done = subprocess.run([sys.executable, "-c", program], env=env | given, capture_output=True)
        assert done.stdout.strip() == wanted, done.stderr
