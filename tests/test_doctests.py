"""What the documentation of `import lac_analysis as lac` shows does what it says."""

import doctest
import inspect
import re

import pytest

import lac_analysis as lac
from lac_analysis import config

FUNCTIONS = sorted(name for name in lac.__all__ if inspect.isfunction(getattr(lac, name)))


@pytest.mark.parametrize("name", FUNCTIONS)
def test_the_example_runs(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    function = inspect.unwrap(getattr(lac, name))
    [found] = doctest.DocTestFinder(recurse=False).find(function, name, globs={})
    assert found.examples, "no example"
    assert doctest.DocTestRunner(optionflags=doctest.ELLIPSIS).run(found).failed == 0
    assert "Parameters\n" in function.__doc__


def test_the_page_on_one_s_own_question_runs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    page = (config.ROOT / "docs" / "analysis.md").read_text(encoding="utf-8")
    code = "\n".join(re.findall(r"```python\n(.*?)```", page, re.DOTALL))
    code = code.replace(', formats=["csv", "xlsx", "dta", "parquet"]', ', formats="csv"')
    names = {}
    exec(code, names)
    assert names["selection"].collection == "all" and (tmp_path / "brazil").is_dir()
