"""What is published, stopped at every step: the next publication leaves what an undisturbed one
leaves.
"""

import json
from pathlib import Path

from lac_analysis import files
from lac_analysis.report import reference

RUNS = {  # of the second publication, which no longer makes b.png and the pictures of 02_gone
    "01_kept": {
        "a.png": "new",
        "a.csv": "x\n2\n",
        "t_table.csv": "y\n3\n",
        "finding.json": "{}",
        "notes.txt": "-",
    },
    "03_new": {"c.png": "c", "finding.json": "{}"},
}
BEFORE = {
    "01_kept": {"a.png": "old", "b.png": "b", "a.csv": "x\n1\n", "finding.json": "{}"},
    "02_gone": {"d.svg": "d", "u_table.csv": "z\n1\n", "finding.json": "{}"},
}


class Stop(Exception):
    """Power off."""


def runs(folder: Path, content: dict) -> Path:
    for name, made in content.items():
        for file, text in (
            made | {"manifest.json": json.dumps({"inputs": {"notebook": name}})}
        ).items():
            files.write_text(folder / name / file, text)
    return folder


def left(out: Path) -> dict:
    return {
        path.relative_to(out).as_posix(): path.read_bytes()
        for path in out.rglob("*")
        if path.is_file()
    }


def test_a_publication_stopped_at_any_step_is_completed_by_the_next(tmp_path, monkeypatch):
    old, new = runs(tmp_path / "old", BEFORE), runs(tmp_path / "new", RUNS)
    steps, limit = 0, 0

    def counted(function):
        def step(*args, **kwargs):
            nonlocal steps
            steps += 1
            if steps > limit:
                raise Stop
            return function(*args, **kwargs)

        return step

    write, unlink = files.write_bytes, Path.unlink
    results = []
    while True:
        out = tmp_path / f"out{limit}"
        reference.publish(old, list(BEFORE), out)
        files.write_text(out / "figures" / "mine.png", "of somebody else")
        steps = 0
        with monkeypatch.context() as patch:
            patch.setattr(files, "write_bytes", counted(write))
            patch.setattr(Path, "unlink", counted(unlink))
            try:
                reference.publish(new, list(RUNS), out)
                stopped = False
            except Stop:
                stopped = True
        reference.publish(new, list(RUNS), out)
        results.append(left(out))
        if not stopped:
            break
        limit += 1
    assert limit > 8 and all(result == results[-1] for result in results)
    assert set(results[-1]) == {
        "figures/01_kept/a.png", "figures/01_kept/a.csv", "figures/03_new/c.png", "figures/mine.png",
        "data/reference/01_kept.json", "data/reference/03_new.json", "data/reference/t.csv",
        "data/reference/manifest.json",
    }  # fmt: skip
