import re
import tomllib

import yaml

from lac_analysis import config

MISSION = {"jupyterlab", "pandas", "matplotlib", "seaborn", "statsmodels", "papermill", "pytest"}


def _split(requirement):
    name, rest = re.match(r"([A-Za-z0-9._-]+)(?:\[[a-z,]+\])?(.*)", requirement).groups()
    return name.lower().replace("_", "-"), rest.replace(" ", "")


def _pyproject():
    project = tomllib.loads((config.ROOT / "pyproject.toml").read_text())
    wanted = [*project["project"]["dependencies"], *project["dependency-groups"]["dev"]]
    return dict(map(_split, wanted)) | {"python": project["project"]["requires-python"]}


def test_conda_and_pip_users_get_the_same_packages():
    conda = yaml.safe_load((config.ROOT / "environment.yml").read_text())["dependencies"]
    names = dict(_split(line.removeprefix("python-")) for line in conda if isinstance(line, str))
    assert names.pop("pip") == ""
    assert names == _pyproject()


def test_the_packages_of_the_mission_are_there():
    assert set(_pyproject()) >= MISSION


def test_the_lock_covers_the_project():
    lock = tomllib.loads((config.ROOT / "uv.lock").read_text())
    locked = {package["name"] for package in lock["package"]}
    assert {name for name in _pyproject() if name != "python"} <= locked
    assert all(
        "hash" in wheel for package in lock["package"] for wheel in package.get("wheels", [])
    )
