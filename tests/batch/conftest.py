import json

import pytest

FINDING = (
    "import json, pathlib\n"
    "finding = {'claim': 'c', 'unit': 'ratio', 'estimate': x, 'verdict': 'supported'}\n"
    "pathlib.Path(output, 'finding.json').write_text(json.dumps(finding))"
)


@pytest.fixture
def write_notebook(tmp_path):
    """Write a notebook of code cells; the first is the parameters cell. Returns its path."""

    def write(name, parameters, *cells, folder=tmp_path / "notebooks", **metadata):
        sources = [({"tags": ["parameters"]}, parameters)] if parameters is not None else []
        sources += [({}, cell) for cell in cells]
        content = {
            "cells": [
                {
                    "cell_type": "code", "id": f"c{i}", "metadata": tags, "source": source, "outputs": [],
                    "execution_count": None,
                }
                for i, (tags, source) in enumerate(sources)
            ],
            "metadata": {"kernelspec": {"name": "python3", "display_name": "P", "language": "python"}} | metadata,
            "nbformat": 4,
            "nbformat_minor": 5,
        }  # fmt: skip
        folder.mkdir(exist_ok=True)
        path = folder / f"{name}.ipynb"
        path.write_text(json.dumps(content))
        return path

    return write


@pytest.fixture
def small(write_notebook):
    """A notebook that leaves the finding of its parameter x; `cells` run before."""

    def write(name="01_small", *cells, **metadata):
        parameters = "x: int = 1  # a number\noutput: str = ''  # folder"
        return write_notebook(name, parameters, *cells, FINDING, **metadata)

    return write
