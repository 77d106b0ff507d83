"""Papermill's own kinds of notebook, through our engine and through papermill's: the executed copies are the same."""

import json

import papermill
import pytest

from lac_analysis.batch import code, engine, notebook
from lac_analysis.batch.forks import Preloaded

# after papermill's documentation: parameters of several types, and code that uses them
PARAMETERS = "msg = 'Ran from Papermill!'\na = 5\nb = 3.5\nc = None\nd = [1, 'two']\ne: bool = True  # a switch"
CASES = {
    "parameters": ((PARAMETERS, "print(a, b, c, d, e)", "msg.upper()"), {"a": -1, "d": [2, 'q"d', "日本"], "e": False}),
    "no parameters cell": ((None, "print('alone')", "%time 1"), {"a": 3}),
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
        times = cell["metadata"].get("papermill", {})
        kept = {name: times[name] for name in ("exception", "status") if name in times}
        cell["metadata"] = {"tags": cell["metadata"].get("tags"), "papermill": kept}
        cell["outputs"] = _whole_streams(cell.get("outputs", []))
    return executed


def _whole_streams(outputs):
    """How a stream is cut into pieces is a matter of time: neighbours are joined."""
    joined = []
    for output in outputs:
        output = output | {"text": "".join(output["text"])} if output["output_type"] == "stream" else output
        if joined and output["output_type"] == "stream" and joined[-1].get("name") == output["name"]:
            joined[-1]["text"] += output["text"]
        else:
            joined.append(output)
    return joined


@pytest.fixture(scope="module")
def preloaded():
    process = Preloaded(("pandas", "matplotlib.pyplot", "seaborn"))
    yield process
    process.close()


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES)
def test_an_executed_notebook_is_papermills_cell_by_cell(write_notebook, tmp_path, preloaded, case):
    cells, values = CASES[case]
    source = write_notebook("01_case", *cells)
    folder = tmp_path / "here"
    folder.mkdir()
    failure = engine.execute(source, tmp_path / "ours.ipynb", values, folder, preloaded=preloaded)
    error = None
    try:
        papermill.execute_notebook(
            str(source), str(tmp_path / "theirs.ipynb"), values, cwd=str(folder), progress_bar=False
        )
    except papermill.PapermillExecutionError as raised:
        error = raised
    assert content(tmp_path / "ours.ipynb") == content(tmp_path / "theirs.ipynb")
    assert (failure is None) == (error is None)
    if error:
        assert (failure.cell, failure.error, failure.message) == (error.exec_count, error.ename, error.evalue)


@pytest.mark.slow
def test_a_claims_finding_and_pictures_are_the_same_bytes_with_every_kind_of_kernel(tmp_path):
    source = notebook.find("authority")
    warm = Preloaded(code.reach(source).modules)
    for name, process in (("forked", warm), ("ordinary", None)):
        (tmp_path / name).mkdir()
        assert (
            engine.execute(source, tmp_path / f"{name}.ipynb", {"output": "."}, tmp_path / name, preloaded=process)
            is None
        )
    warm.close()
    papermill_folder = tmp_path / "papermill"
    papermill_folder.mkdir()
    papermill.execute_notebook(
        str(source), str(tmp_path / "p.ipynb"), {"output": "."}, cwd=str(papermill_folder), progress_bar=False
    )
    written = {path.name: path.read_bytes() for path in sorted((tmp_path / "forked").iterdir())}
    assert len(written) == 10
    for other in ("ordinary", "papermill"):
        assert {path.name: path.read_bytes() for path in sorted((tmp_path / other).iterdir())} == written


def test_the_preloaded_process_ends_with_its_kernels_when_its_owner_closes_it():
    process = Preloaded(("json",))
    process.close()
    with pytest.raises(ChildProcessError, match="has ended"):
        process.fork([], "/", {})
