"""What notebooks that run together share is what each would have computed for itself."""

import pytest

from lac_analysis import claims, config, tables
from lac_analysis.claims import plan, reach


@pytest.fixture
def computed(monkeypatch):
    """How often the claim was tested."""
    times, test = [], reach.test
    monkeypatch.setattr(
        reach, "test", lambda *args, **options: times.append(1) or test(*args, **options)
    )
    return times


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv(config.SHARED, str(tmp_path))
    return tmp_path


def _finding(data, **changes):
    return claims.test("reach", data, plan.load()["reach"].selection(**changes), seed=1)


def test_a_finding_is_computed_once_and_read_by_the_others(folder, computed):
    first = _finding(tables.load())
    second = _finding(tables.load())  # loaded again, as another notebook does
    assert len(computed) == 1
    assert first.to_dict() == second.to_dict()
    for name, picture in claims.pictures(first).items():
        assert picture.data.equals(claims.pictures(second)[name].data)


def test_other_choices_or_other_data_are_computed_anew(folder, computed):
    data = tables.load()
    whole = _finding(data)
    assert _finding(data, window_start=2010).n_engagements < whole.n_engagements
    fewer = data.replace(
        engagements=data.engagements[data.engagements["country"] != "ARG"]
    )  # the same input hash
    assert _finding(fewer).n_engagements < whole.n_engagements
    assert len(computed) == 3


def test_nothing_is_shared_outside_a_run_or_where_nothing_can_be_kept(
    computed, monkeypatch, tmp_path
):
    data = tables.load()
    for _ in range(2):
        _finding(data)
    full = tmp_path / "a file"
    full.write_text("")
    monkeypatch.setenv(config.SHARED, str(full))
    assert _finding(data).estimate is not None
    assert len(computed) == 3


def test_runs_that_differ_in_what_the_plan_varies_share_its_curve(folder, monkeypatch):
    times, estimate = [], reach.estimate
    monkeypatch.setattr(
        reach, "estimate", lambda *args, **options: times.append(1) or estimate(*args, **options)
    )
    data, selection = tables.load(), plan.load()["reach"].selection()
    one = claims.test("reach", data, selection, seed=1, at_least=1)
    specifications = len(times)
    two = claims.test("reach", data, selection, seed=1, at_least=2)
    assert specifications > 100 > len(times) - specifications
    assert one.estimate > two.estimate
    assert one.detail["specifications"].equals(two.detail["specifications"])
