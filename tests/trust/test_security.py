"""Hostile input: nothing leaves the output folder, nothing runs, nothing is injected, nothing is
fetched.
"""

import ast
import csv
import json
import os
import re
import shutil
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import example
import matplotlib.pyplot as plt
import nbformat
import pandas as pd
import pytest
from harness import cell, files, notebook

from lac_analysis import cli, config
from lac_analysis import files as writing
from lac_analysis.batch import jobs, run
from lac_analysis.charts import Picture, theme
from lac_analysis.errors import InputError
from lac_analysis.report import executed, reference
from lac_analysis.report.site import pages

TEXT = "text: str = 'plain'  # a text\noutput: str = ''  # folder"
LEAVES = "import json, pathlib\npathlib.Path(output, 'finding.json').write_text(json.dumps({'claim': 'c', 'text': text}))"


def written_by(tmp_path, name, content):
    path = tmp_path / "in" / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(content))
    return path


@pytest.fixture
def taking_text(tmp_path):
    """A notebook that leaves its parameter `text` in its finding."""
    content = notebook(cell(LEAVES))
    content["cells"][0]["source"] = TEXT
    return written_by(tmp_path, "01_text.ipynb", content)


# -- paths
# -----------------------------------------------------------------------------------------------------------

VALUES = [
    "../../outside", "/outside", "..", "a/../../../outside", "..\\..\\outside", "C:\\outside", "~/outside", "a\nb",
    "'; open('outside', 'w'); '", '"""\nopen("outside", "w")\n"""', "\\'; import os; os._exit(3) #", "{output}",
    "{0.__class__}", "${HOME}", "$(touch outside)", "`touch outside`", "%(x)s", "\u202e", "é" * 300, "=1+1", "{{7*7}}",
]  # fmt: skip


def test_a_text_of_any_kind_reaches_the_notebook_as_it_is_and_writes_nowhere_else(
    taking_text, tmp_path
):
    """All in one run: a job for each value, each in a folder of its own within the output folder."""
    out = tmp_path / "place" / "runs"
    planned = [jobs.make(taking_text, {"text": value}) for value in VALUES]
    assert len({job.name for job in planned}) == len(VALUES)
    for job in planned:
        assert (out / job.name).resolve().parent == out.resolve() and "/" not in job.name
    few = [job for job in planned if len(job.name) < 80][:12:2]
    assert run.run_all(few, out, workers=2) == 0
    for job in few:
        assert (
            json.loads((out / job.name / "finding.json").read_text())["text"] == job.values["text"]
        )
    assert {path.name for path in tmp_path.iterdir()} == {"in", "place"}
    assert {path.name for path in (tmp_path / "place").iterdir()} == {"runs"}
    assert {path.name for path in out.iterdir()} == {
        *(job.name for job in few),
    }


def test_braces_in_a_path_are_no_place_for_a_parameter(taking_text, tmp_path):
    """Papermill formats its paths with the parameters: a value could choose where the notebook is
    written.
    """
    out = tmp_path / "{text}" / "runs"
    assert cli.main(["run", str(taking_text), "--out", str(out), "-p", "text=../../elsewhere"]) == 0
    assert len(list(out.glob("*/01_text.ipynb"))) == 1
    assert {path.name for path in tmp_path.iterdir()} == {"in", "{text}"}


def test_the_folder_of_a_run_cannot_be_chosen(taking_text, tmp_path, refused):
    elsewhere = f"output={tmp_path / 'elsewhere'}"
    options = ("--out", tmp_path / "runs", "-p", elsewhere)
    refused("run", taking_text, *options, says="--out", folder=tmp_path)
    assert not (tmp_path / "elsewhere").exists()


@pytest.mark.parametrize("name", ["...ipynb", "..ipynb", ".lock.ipynb", ".work.ipynb", "sweeps.ipynb", "=1+1.ipynb",
                                  "-p.ipynb", "a\nb.ipynb", "\x1bb.ipynb", " .ipynb", "a@seed=2.ipynb"], ids=repr)  # fmt: skip
def test_a_notebook_whose_name_would_be_another_folder_is_refused(refused, tmp_path, name):
    """A notebook called `...ipynb` would have the run folder `..`, and clearing it would clear the
    output folder.
    """
    path = written_by(tmp_path, name, notebook(cell(LEAVES)))
    out = tmp_path / "runs"
    out.mkdir()
    (out / "mine.txt").write_text("kept")
    refused("run", path, "--out", out, says="cannot have this name", folder=tmp_path)


@pytest.mark.parametrize("name", ["...yml", "..yml", ".yml", "a\nb.yml", "=1.yml"], ids=repr)
def test_a_sweep_whose_name_would_be_another_folder_is_refused(refused, tmp_path, name):
    (tmp_path / name).write_text("notebooks: [authority]\n")
    refused(
        "run", "--sweep", tmp_path / name, "--out", tmp_path / "runs", says="cannot have this name"
    )
    assert not (tmp_path / "runs").exists()


@pytest.mark.parametrize(
    "name", ["../x", "/x", "a/b", "", ".", "..", "a\0", "x" * 300, "a.b"], ids=repr
)
def test_a_figure_stays_in_its_folder(tmp_path, name):
    with pytest.raises((InputError, OSError)):
        Picture(name, plt.figure(), pd.DataFrame({"a": [1]}), "a", {}).save(tmp_path / "here")
    assert not list(tmp_path.rglob("*.*"))


def test_publishing_removes_only_what_it_wrote_before(tmp_path):
    """`lac reproduce --out` a folder that holds pictures of one's own: they stay."""
    run = tmp_path / "runs" / "01_n"
    run.mkdir(parents=True)
    (run / "finding.json").write_text("{}")
    for name in ("a.png", "b.png"):
        (run / name).write_bytes(b"x")
    out = tmp_path / "out"
    mine = out / "figures" / "mine" / "photo.png"
    mine.parent.mkdir(parents=True)
    mine.write_bytes(b"kept")
    reference.publish(tmp_path / "runs", ["01_n"], out)
    (run / "b.png").unlink()
    (out / "figures" / "01_n" / ".a.png.x8d0_2ks").write_bytes(b"half")  # of a run that was killed
    reference.publish(tmp_path / "runs", ["01_n"], out)
    assert {path.relative_to(out / "figures").as_posix() for path in files(out / "figures")} == {
        "01_n/a.png", "01_n/.a.png.x8d0_2ks", "mine/photo.png"}  # fmt: skip


# -- nothing is evaluated
# --------------------------------------------------------------------------------------------

FORBIDDEN = {
    "pickle",
    "cPickle",
    "dill",
    "cloudpickle",
    "marshal",
    "shelve",
    "joblib",
    "codeop",
    "pty",
}
CALLS = {"eval", "exec", "compile", "__import__", "breakpoint", "input"}
METHODS = {
    "read_pickle",
    "to_pickle",
    "system",
    "popen",
    "unsafe_load",
    "full_load",
    "load_all",
    "query",
}
NETWORK = {
    "requests",
    "httpx",
    "urllib3",
    "ftplib",
    "smtplib",
    "telnetlib",
    "aiohttp",
    "http.client",
    "urllib.request",
}


@pytest.mark.parametrize("path", sorted(config.PACKAGE.rglob("*.py")), ids=lambda path: path.name)
def test_no_module_evaluates_text_loads_pickles_or_calls_the_web(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        where = f"{path.name}:{getattr(node, 'lineno', 0)}"
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            module = getattr(node, "module", None) or ""
            names = (
                {alias.name for alias in node.names}
                | {module}
                | {f"{module}.{a.name}" for a in node.names}
            )
            found = {name.split(".")[0] for name in names} & FORBIDDEN
            if path.parent.name == "coder" and path.name == "model.py":
                found -= {"pickle"}  # its own file alone, and only where the hash inside agrees
            assert not found and not names & NETWORK, where
        if isinstance(node, ast.Call):
            name = (
                node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
            )
            assert not (isinstance(node.func, ast.Name) and name in CALLS), where
            assert name not in METHODS, where
            assert not any(k.arg in ("shell", "allow_pickle") for k in node.keywords), where
            if name == "load" and getattr(getattr(node.func, "value", None), "id", "") == "yaml":
                assert getattr(node.args[1], "id", "") == "_Loader", (
                    where
                )  # a SafeLoader: see test_bad_sweeps


# -- what people open
# ------------------------------------------------------------------------------------------------

ATTACKS = [
    "<script>attack()</script>", "<img src=x onerror=attack()>", "<svg onload=attack()>", "<iframe src=//x></iframe>",
    "<a href='javascript:attack()'>x</a>", "[x](javascript:attack())", "[x](<javascript:attack()>)",
    "[x](data:text/html;base64,PHNjcmlwdD4=)", "![x](https://x/a.png)", "![x\" onerror=attack()](y)",
    "[x](https://x \"\\\" onmouseover=attack()\")", "<style>@import '//x'</style>", "<link rel=stylesheet href=//x>",
    "<base href=//x>", "<form action=//x><input name=a></form>", "<meta http-equiv=refresh content='0;//x'>",
    "<math><mtext><script>attack()</script></mtext></math>",
    "<table background=//x><td onclick=attack()>a</td></table>",
    "<div style='background:url(//x)'>a</div>", "<object data=//x></object>", "<embed src=//x>", "<video src=//x>",
    "</textarea></script><script>attack()</script>", "<!--><script>attack()</script>-->", "<scr<script>ipt>attack()",
    "<p id=found name=body onfocus=attack() tabindex=0>a</p>", "<svg><animate onbegin=attack()>",
    "$<script>x</script>$",
    "$$\\href{javascript:attack()}{x}$$", "# <img src=x onerror=attack()>", "|a|\n|-|\n|<script>x</script>|",
    "```\n</code><script>attack()</script>\n```", "&lt;script&gt;attack()&lt;/script&gt;",
    "<http://x/\"onclick=attack()>",
]  # fmt: skip
SAFE = {
    "a", "b", "blockquote", "br", "caption", "code", "del", "details", "div", "em", "h1", "h2", "h3", "h4", "h5", "h6",
    "hr", "i", "li", "ol", "p", "path", "pre", "span", "strong", "sub", "summary", "sup", "svg", "table", "tbody", "td",
    "tfoot", "th", "thead", "tr", "ul",
}  # fmt: skip


class Inspector(HTMLParser):
    def handle_starttag(self, tag, attributes):
        assert tag in SAFE, tag
        for name, value in attributes:
            assert not name.startswith("on") and name not in (
                "src",
                "background",
                "srcset",
                "action",
                "formaction",
            )
            if name == "href":
                assert re.match(r"https?://|#|[a-z_]+\.html", value or ""), value
            if name == "style":
                assert tag == "svg" and "url" not in value

    def handle_comment(self, data):
        raise AssertionError("a comment")


@pytest.mark.parametrize("attack", ATTACKS)
def test_no_script_address_or_handler_gets_into_a_page(tmp_path, attack):
    texts = (
        attack,
        f"before {attack} after",
        f"| a |\n|---|\n| {attack} |",
        f"- {attack}\n\n{attack}",
    )
    shown = [nbformat.v4.new_output("stream", text=attack)] + [
        nbformat.v4.new_output("display_data", {kind: text})
        for text in texts
        for kind in ("text/html", "text/markdown", "text/plain", "text/latex")
    ]
    prose = [nbformat.v4.new_markdown_cell(text, id=f"c{i}") for i, text in enumerate(texts)]
    code = nbformat.v4.new_code_cell(attack, outputs=shown, id="code")
    nbformat.write(nbformat.v4.new_notebook(cells=[*prose, code]), tmp_path / "x.ipynb")
    page = Inspector(convert_charrefs=False)
    page.feed(pages.html(executed.markdown(tmp_path)[0], {"index.html"}))
    page.close()


@pytest.mark.parametrize("attack", ATTACKS)
def test_a_picture_with_hostile_words_holds_no_script(tmp_path, attack):
    with theme.page(1, title=attack, subtitle=attack, caption=attack) as axes:
        axes.set_title(attack)
    data = pd.DataFrame({"text": [attack]})
    Picture("f", axes.figure, data, attack, {"x": attack}).save(tmp_path)
    root = ElementTree.parse(tmp_path / "f.svg").getroot()
    for node in root.iter():
        assert node.tag.rpartition("}")[2] not in (
            "script",
            "foreignObject",
            "a",
            "iframe",
            "image",
            "animate",
        )
        for name, value in node.attrib.items():
            assert not name.lower().startswith("on")
            if name.endswith("href"):
                assert value.startswith("#")


FORMULAS = [
    "=1+1",
    "+1+1",
    "-1+cmd|'/c calc'!A1",
    "@SUM(1)",
    "\t=1",
    "\r=1",
    '=HYPERLINK("//x")',
    "=",
    "+",
    "-",
    "@",
]


def is_harmless(cell: str) -> bool:
    """Whether no spreadsheet would take the cell for a formula; a number is none."""
    return (
        not cell.startswith(("=", "+", "-", "@", "\t", "\r"))
        or re.fullmatch(r"-?[\d.]+(e-?\d+)?|-", cell) is not None
    )


def test_no_text_in_a_table_is_a_formula(tmp_path):
    table = pd.DataFrame({
        "text": FORMULAS, "category": pd.Categorical(FORMULAS), "object": pd.Series(FORMULAS, dtype="object"),
        "number": range(-5, 6), "mixed": [*FORMULAS[:-1], -1.5],
    })  # fmt: skip
    path = writing.write_csv(tmp_path / "t.csv", table)
    with path.open(newline="", encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    for row, formula in zip(rows, FORMULAS, strict=True):
        assert row["text"] == row["category"] == row["object"] == "'" + formula.replace("\r", "\n")
        assert all(
            is_harmless(value) for name, value in row.items() if name != "text" or value != "-"
        )
    assert [row["number"] for row in rows] == [str(n) for n in range(-5, 6)]


HOSTILE = {
    "description": '=HYPERLINK("https://x")', "lac_actor_text": "@SUM(1)",
    "china_actor_text": "<script>attack()</script>",
    "lac_place_text": "+1+1", "source_title": "<img src=x onerror=attack()>", "platform": "-1+1", "date_text": "=1",
}  # fmt: skip

NO_NETWORK = """
import os, socket, sys

def watch(event, arguments):
    if event in ("socket.connect", "socket.sendto", "socket.bind"):
        address = arguments[1]
        outside = isinstance(address, tuple) and not str(address[0]).startswith(("127.", "::1", "localhost"))
        if outside:
            with open(os.environ["LAC_TRESPASS"], "a") as log:
                log.write(f"{event} {address}\\n")
            raise PermissionError(f"{event} {address}")
    elif event == "socket.getaddrinfo" and arguments[0] not in (None, "127.0.0.1", "localhost", "::1"):
        with open(os.environ["LAC_TRESPASS"], "a") as log:
            log.write(f"{event} {arguments[0]}\\n")
        raise PermissionError(event)
    elif event == "pickle.find_class":
        with open(os.environ["LAC_PICKLES"], "a") as log:
            log.write(f"{arguments[0]}.{arguments[1]}\\n")

sys.addaudithook(watch)
"""


@pytest.mark.slow
def test_a_run_on_a_hostile_table_reaches_no_network_and_leaves_no_formula(tmp_path):
    """Every process of the run is watched by an audit hook; every CSV file that it leaves is read."""
    (tmp_path / "hook").mkdir()
    (tmp_path / "hook" / "sitecustomize.py").write_text(NO_NETWORK)
    ours = pd.read_csv(config.RAW / "engagements.csv", dtype=str, keep_default_na=False)
    (tmp_path / "mine.csv").write_text(
        example.text([row | HOSTILE for row in ours.head(200).to_dict("records")])
    )
    out, trespass, pickles = tmp_path / "runs", tmp_path / "trespass", tmp_path / "pickles"
    env = {
        "PYTHONPATH": str(tmp_path / "hook"),
        "LAC_TRESPASS": str(trespass),
        "LAC_PICKLES": str(pickles),
    }
    check = "import socket\ntry: socket.create_connection(('192.0.2.1', 9), 1)\nexcept PermissionError: print('watched')"

    def python(*arguments):
        return subprocess.run(
            [sys.executable, *arguments], env=os.environ | env, capture_output=True, text=True
        )

    assert python("-c", check).stdout == "watched\n"
    trespass.unlink()
    command = [
        "run",
        "data",
        "atlas",
        "reach",
        "--data",
        str(tmp_path / "mine.csv"),
        "--out",
        str(out),
    ]
    done = python(
        "-c",
        "import sys; from lac_analysis.cli import main; sys.exit(main(sys.argv[1:]))",
        *command,
    )
    assert done.returncode == 0, done.stderr
    assert not trespass.exists(), trespass.read_text()
    # over the pipe on which multiprocessing starts a kernel, and nothing else
    ours = ("multiprocessing.", "lac_analysis.batch.kernel.")
    assert all(line.startswith(ours) for line in pickles.read_text().splitlines())
    tables = list(out.rglob("*.csv"))
    assert len(tables) > 5
    for path in tables:
        with path.open(newline="", encoding="utf-8") as stream:
            for row in csv.reader(stream):
                assert all(is_harmless(value) for value in row), (path.name, row)
    for path in out.rglob("*.ipynb"):
        for output in (
            o for c in json.loads(path.read_text())["cells"] for o in c.get("outputs", [])
        ):
            shown = "".join(output.get("data", {}).get("text/html", ""))
            assert "<script>attack" not in shown and "<img src=x" not in shown
    shutil.rmtree(out)


# -- the lock
# --------------------------------------------------------------------------------------------------------


def test_every_locked_package_is_pinned_by_hash_and_from_the_index():
    import tomllib

    lock = tomllib.loads((config.ROOT / "uv.lock").read_text(encoding="utf-8"))
    for package in lock["package"]:
        if package["name"] == "lac-analysis":
            continue
        assert set(package["source"]) == {"registry"}, package["name"]
        distributions = [
            *package.get("wheels", []),
            *([package["sdist"]] if "sdist" in package else []),
        ]
        assert distributions and all(d["hash"].startswith("sha256:") for d in distributions), (
            package["name"]
        )
        assert all(Path(d["url"]).name for d in distributions)
