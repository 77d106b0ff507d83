"""Each function of `import lac_analysis as lac` shows an example that does what it says."""

import doctest
import inspect

import pytest

import lac_analysis as lac

FUNCTIONS = sorted(name for name in lac.__all__ if inspect.isfunction(getattr(lac, name)))


@pytest.mark.parametrize("name", FUNCTIONS)
def test_the_example_runs(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    function = inspect.unwrap(getattr(lac, name))
    [found] = doctest.DocTestFinder(recurse=False).find(function, name, globs={})
    assert found.examples, "no example"
    assert doctest.DocTestRunner(optionflags=doctest.ELLIPSIS).run(found).failed == 0
    assert "Parameters\n" in function.__doc__
