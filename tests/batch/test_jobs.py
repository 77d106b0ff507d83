import pytest

from lac_analysis.batch import jobs
from lac_analysis.claims import plan
from lac_analysis.errors import InputError


def test_a_default_written_out_is_the_same_job(small):
    notebook = small()
    assert jobs.make(notebook, {"x": "1"}) == jobs.make(notebook, {})
    assert jobs.make(notebook, {}).name == "01_small"


def test_other_values_have_a_folder_of_their_own(write_notebook):
    notebook = write_notebook(
        "02_n", "a: list[str] = []  # codes\nb: str = 'k'  # text\nc: bool = False  # switch"
    )
    assert jobs.make(notebook, {"a": "BRA,ARG"}).name == "02_n@a=BRA+ARG"
    assert jobs.make(notebook, {"c": "true", "b": "z"}).name == "02_n@b=z,c=True"
    lists = ["[a+b]", "[a, b]", "[none]", "[]", "[a, +b]"]
    assert len({jobs.make(notebook, {"a": items}).name for items in lists}) == len(lists)
    names = {
        jobs.make(notebook, {"b": text}).name
        for text in ("../../x", "a/b", "a b", "é", "", "x" * 200, "y" * 200)
    }
    assert len(names) == 7 and all("/" not in name and len(name) < 130 for name in names)


def test_a_parameter_that_no_notebook_declares_is_refused_and_others_go_where_they_belong(
    small, write_notebook
):
    first, second = small(), write_notebook("02_n", "y: int = 2  # other")
    assert [job.name for job in jobs.plan([first, second], {"y": "5"})] == ["01_small", "02_n@y=5"]
    with pytest.raises(InputError, match="unknown parameter: 'z'"):
        jobs.plan([first, second], {"z": "5"})


def test_ones_own_table_must_exist(write_notebook, tmp_path):
    notebook = write_notebook("02_n", "engagements: str = ''  # table")
    with pytest.raises(InputError, match=r"absent\.csv: no such file"):
        jobs.make(notebook, {"engagements": "absent.csv"})


@pytest.mark.parametrize("content", ["", "claims: {}", "windows: {report: 2000}\nclaims: {}"])
def test_a_plan_that_lacks_something_is_one_message(tmp_path, content):
    path = tmp_path / "claims.yml"
    path.write_text(content)
    for read in (jobs._plan, plan.load):
        with pytest.raises(InputError, match=r"claims\.yml: a name or a value is missing"):
            read(path)
