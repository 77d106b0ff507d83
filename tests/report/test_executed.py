"""An executed notebook as Markdown: links and pictures lead somewhere, records stay data."""

import re

import nbformat
import pandas as pd
import pytest

from lac_analysis import charts
from lac_analysis.charts import Picture
from lac_analysis.report import executed

PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
HARM = "<script>attack()</script><style>a{}</style>"


@pytest.fixture
def run(tmp_path):
    """A folder of a run: one picture that it saved, one that it only showed, a hostile table."""
    table = pd.DataFrame({"country": ["Peru"], "n": [3]})
    words = {"title": "A title", "subtitle": "n", "caption": "Source: made up."}
    figure = charts.dot_plot(table, "country", "n", **words)
    Picture("dots", figure, table, "Dots of  n [Peru]: 3.", {}).save(tmp_path)
    output = nbformat.v4.new_output
    shown = [
        output(
            "display_data",
            {"image/png": PNG},
            metadata={"image/png": {"alt": "Dots of  n [Peru]: 3."}},
        ),
        output("display_data", {"image/png": PNG}),
        output("display_data", {"text/html": f"<table>\n\n<tr><td>    1</td>{HARM}</tr></table>"}),
        output("display_data", {"text/markdown": f"**b**{HARM}", "text/plain": "<Markdown>"}),
        output("stream", name="stdout", text="said"),
        output("stream", name="stderr", text="/home/somebody/x.py: a warning"),
    ]
    cells = [
        nbformat.v4.new_markdown_cell("# Q\n\n[a](../docs/glossary.md#x) [b](99_verdicts.ipynb) [c](../claims.yml)"),
        nbformat.v4.new_code_cell("output = '/home/somebody'", metadata={"tags": ["injected-parameters"]}),
        nbformat.v4.new_code_cell("x = 1", outputs=shown),
    ]  # fmt: skip
    for cell in cells:
        cell.pop("id")
    nbformat.write(nbformat.v4.new_notebook(cells=cells, nbformat_minor=4), tmp_path / "01_q.ipynb")
    return tmp_path


def test_links_lead_where_they_led(run):
    text, _ = executed.markdown(run)
    assert re.findall(r"(?<!!)\[.\]\(([^)]*)\)", text) == [
        "../glossary.md#x", "99_verdicts.md", "../../claims.yml",
    ]  # fmt: skip


def test_saved_pictures_are_those_of_figures_and_others_come_with_the_text(run):
    text, others = executed.markdown(run)
    pictures = re.findall(r"!\[(.*)\]\((.*)\)", text)
    assert pictures[0] == (r"Dots of n \[Peru\]: 3.", "../../figures/01_q/dots.png")
    assert pictures[1][0] == executed.UNNAMED
    (name,) = others
    assert pictures[1][1] == f"../../figures/01_q/{name}" and others[name].startswith(b"\x89PNG")


def test_records_are_data_and_the_machine_is_not_named(run):
    text, _ = executed.markdown(run)
    assert "<script" not in text and "<style" not in text and "somebody" not in text
    assert "**b**" in text and "    said" in text
    table = text[text.index("<table") : text.index("</table>")]
    assert "\n\n" not in table and "\n " not in table
