"""The corpus, sweeps and parameters: refused before anything runs, and without a folder of output."""

import pytest

from lac_analysis import cli

SUITE = "notebooks: [authority]\n"


def bomb(levels: int = 10) -> str:
    """A list of lists of lists ..: ten lines that stand for 9 ** 10 values."""
    text = "&a [x,x,x,x,x,x,x,x,x]"
    for i in range(1, levels):
        text = f"&{chr(97 + i)} [{text}{f',*{chr(96 + i)}' * 8}]"
    return text


NO_YAML, NO_SWEEP = "not a YAML file", "not a sweep"
SWEEPS = {
    # what is no sweep
    "empty": ("", NO_SWEEP),
    "a list": ("[authority]", NO_SWEEP),
    "a number": ("42", NO_SWEEP),
    "an unknown key": ("notebook: [authority]", "'notebook'"),
    "a table": ("record_id,lac_iso3\nX-1,ARG\n", NO_SWEEP),
    "not UTF-8": (b"\xff\xfe\x00", NO_YAML),
    "a second row that is not UTF-8": (b"grid:\n {a: [\xe9]}", f"row 2: {NO_YAML}"),
    "a NUL byte": ("grid: {a\0: [1]}", NO_YAML),
    "a tab": ("grid:\n\twindow_start: [2000]", NO_YAML),
    "a bracket left open": ("grid:\n {window_start: [2000", f"row 3: {NO_YAML}"),
    "a list as a key": ("? [a, b]\n: 1", "unhashable key"),
    "half a million names": ("notebooks: [" + "a," * 499_000 + "A]", "unknown notebook"),
    "two documents": ("grid: {}\n---\ngrid: {}", NO_YAML),
    "an alias of nothing": ("grid: *x", NO_YAML),
    "an impossible day": (SUITE + "grid: {window_start: [2000-02-30]}", "Expected: int"),
    "a number of 5,000 digits": (SUITE + f"grid: {{seed: [{'9' * 5000}]}}", "Expected: int"),
    "a list for a name": (SUITE + "grid: {[1]: [2]}", NO_YAML),
    "no notebooks": ("notebooks: []", "`notebooks`: empty"),
    "blank notebooks": ("notebooks:", "`notebooks`: empty"),
    "a key twice": ("grid: {window_start: [2000]}\ngrid: {window_end: [2020]}", "stands twice"),
    "a parameter twice": (SUITE + "grid: {window_start: [2000], window_start: [2001]}", "stands twice"),
    "a group twice": ("groups: {a: {}, a: {}}", "stands twice"),
    "2 MB": ("#" + "x" * 2_000_000, "too large for a sweep"),
    # what would run or reach further
    "a tag that runs a command": ('grid: !!python/object/apply:os.system ["exit 1"]', NO_YAML),
    "a tag that makes an object": ("grid: !!python/object/new:type [x]", NO_YAML),
    "a tag that names a function": ("grid: !!python/name:os.system", NO_YAML),
    "a tag that imports": ("grid: !!python/module:antigravity", NO_YAML),
    "a tag of one's own": ("grid: !mine {a: [1]}", NO_YAML),
    "a file to include": ("grid: !include /etc/passwd", NO_YAML),
    "bytes": (SUITE + "grid: {window_start: [!!binary aGk=]}", NO_YAML),
    "a set": (SUITE + "grid: {window_start: [!!set {a, b}]}", NO_YAML),
    "a bomb for all": (bomb(), NO_SWEEP),
    "a bomb for the notebooks": (f"notebooks: {bomb()}", "`notebooks`"),
    "a bomb for one notebook": (f"notebooks: [{bomb()}]", "`notebooks`"),
    "a bomb for the grid": (f"grid: {bomb()}", "`grid`"),
    "a bomb in the grid": (SUITE + f"grid: {{window_start: {bomb()}}}", "`grid`, window_start"),
    "a bomb in a parameter": (SUITE + f"parameters: {{drop_countries: {bomb()}}}", "`parameters`, drop_countries"),
    "a bomb in a group": (f"groups: {{a: {{b: {bomb()}}}}}", "`groups`, a"),
    "a bomb in the zip": (f"zip: {{a: {bomb()}}}", "`zip`, a"),
    "a bomb for a key": (f"{bomb()}: 1", NO_YAML),
    "a list within itself": ("notebooks: &n [*n]", NO_YAML),
    "a map within itself": ("grid: &g\n  window_start: *g", NO_YAML),
    "50,000 brackets": ("grid: " + "[" * 50_000, "maximum nesting depth"),
    "20,000 braces": ("{a: " * 20_000, "maximum nesting depth"),
    # lists and names
    "a value for a list": (SUITE + "grid: {window_start: 2000}", "`grid`, window_start"),
    "an empty list": (SUITE + "grid: {window_start: []}", "a list of values"),
    "a list for the grid": ("grid: [1]", "parameter: value"),
    "a list for the parameters": ("parameters: [1]", "parameter: value"),
    "a list for the groups": ("groups: [a]", "parameter: value"),
    "an empty list for the groups": ("groups: []", "parameter: value"),
    "an empty list for the grid": ("grid: []", "parameter: value"),
    "a group that is a number": ("groups: {a: 1}", "`groups`, a"),
    "a number for a name": (SUITE + "grid: {1: [2]}", "unknown parameter: '1'"),
    "nothing for a name": (SUITE + "grid: {null: [2]}", "unknown parameter: 'null'"),
    "true for a name": (SUITE + "parameters: {yes: 2}", "unknown parameter: 'yes'"),
    "lists of two lengths": ("zip: {window_start: [2000, 2001], window_end: [2020]}", "differ in length"),
    "a parameter varied twice": (SUITE + "groups: {a: {seed: 1}}\ngrid: {seed: [2]}", "varied twice: 'seed'"),
    "35,000 runs": (
        SUITE + f"grid: {{window_start: {[*range(1970, 2020)]}, window_end: {[*range(2020, 2027)]}, "
        f"seed: {[*range(100)]}}}", "too many runs: 35000"),
    "10 ** 40 runs": (
        SUITE + "grid: {" + ", ".join(f"p{i}: {[*range(1000)]}" for i in range(14)) + "}", "too many runs"),
    "a long list behind 90,000 aliases": (
        SUITE + f"grid: {{seed: [&a [{'1, ' * 90_000}1]{', *a' * 90_000}]}}", "`grid`, seed: too many values"),
    "a long list in each of many runs": (
        SUITE + f"parameters: {{drop_countries: [{'BRA, ' * 10_000}PER]}}\ngrid: {{seed: {[*range(9000)]}}}",
        "too many values of all runs: 9001"),
    # notebooks
    "a text for the notebooks": ("notebooks: authority", "a list of names"),
    "an unknown notebook": ("notebooks: [autority]", ".yml: unknown notebook: 'autority'. Expected: authority"),
    "a number for a notebook": ("notebooks: [8]", "unknown notebook"),
    "a notebook elsewhere": ("notebooks: [../../etc/passwd]", "unknown notebook"),
    "a notebook that is none": ("notebooks: [/etc/hostname.ipynb]", "no such file"),
    "half a surrogate pair": ('notebooks: ["\\ud800"]', "invalid Unicode character"),
    # values
    "an unknown parameter": (SUITE + "grid: {window_strat: [2000]}", "did you mean window_start"),
    "a word for a year": (SUITE + "grid: {window_start: [soon]}", "Expected: int"),
    "a window the wrong way round": (SUITE + "grid: {window_start: [2021]}", "wrong way round"),
    "true for a year": (SUITE + "grid: {window_start: [true]}", "Expected: int"),
    "half a year": (SUITE + "grid: {window_start: [2000.5]}", "Expected: int"),
    "NaN for a year": (SUITE + "grid: {window_start: [.nan]}", "Expected: int"),
    "a map for a year": (SUITE + "grid: {window_start: [{a: 1}]}", "plain values"),
    "lists of lists of countries": (SUITE + "grid: {drop_countries: [[[BRA]]]}", "plain values"),
    "Norway for a country": (SUITE + "grid: {drop_countries: [[NO]]}", "'NO'. Expected: ISO3 codes"),
    "a collection that is none": (SUITE + "parameters: {collection: most}", "country_queries"),
}  # fmt: skip


@pytest.mark.parametrize("case", SWEEPS)
def test_a_sweep_that_cannot_be_used(refused, tmp_path, case):
    content, says = SWEEPS[case]
    path = tmp_path / "mine.yml"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    refused("run", "--sweep", path, "--out", tmp_path / "runs", says=says, folder=tmp_path)
    assert not (tmp_path / "runs").exists()


def test_a_sweep_of_a_folder_of_nothing_and_beside_a_notebook(refused, tmp_path):
    refused("run", "--sweep", tmp_path, says="not a regular file")
    refused("run", "--sweep", tmp_path / "absent.yml", says="absent.yml")
    refused(
        "run", "authority", "--sweep", tmp_path / "absent.yml", says="names its notebooks itself"
    )


PARAMETERS = {
    "window_start=": "Expected: int",
    "window_start=soon": "'soon'. Expected: int",
    "window_start=2000.5": "Expected: int",
    "window_start=33:25": "'33:25'. Expected: int",
    "window_start=0x7d0": "Expected: int",
    "window_start=true": "Expected: int",
    "window_start=null": "Expected: int",
    "window_start=[2000]": "Expected: int",
    "window_start={a: 1}": "Expected: int",
    "window_start=２０００ 年": "Expected: int",
    "window_start=2000-02-30": "Expected: int",
    "window_start=2000-01-01": "Expected: int",
    "window_start=1e3": "Expected: int",
    "window_start=__import__('os').getcwd()": "Expected: int",
    "window_start=!!python/object/apply:os.getcwd []": "Expected: int",
    "window_start=!!int [": "Expected: int",
    "window_start=*a": "Expected: int",
    "window_start=2021": "wrong way round",
    "window_end=1999": "wrong way round",
    "Window_start=2000": "did you mean window_start",
    "window start=2000": "did you mean window_start",
    " =2000": "unknown parameter: ' '",
    "=2000": "KEY=VALUE",
    "2000": "KEY=VALUE",
    "": "KEY=VALUE",
    "collection=": "one of neutral, neutral_t, neutral_n, country_queries, protocol, all",
    "collection=ALL": "one of neutral, neutral_t, neutral_n, country_queries, protocol, all",
    "collection=all ": "one of neutral, neutral_t, neutral_n, country_queries, protocol, all",
    "min_confidence=certain": "one of low, medium, high",
    "include_other_local=maybe": "Expected: bool",
    "include_other_local=1": "Expected: bool",
    "drop_countries=[1, 2]": "ISO3 codes of CELAC members",
    "drop_countries=[[BRA]]": "ISO3 codes of CELAC members",
    "drop_countries={BRA: 1}": "ISO3 codes of CELAC members",
    "drop_countries=BRZ": "'BRZ'. Expected: ISO3 codes of CELAC members",
    "drop_countries=bra": "'bra'. Expected: ISO3 codes of CELAC members",
    "window_start=1969": "a year from 1970 to 2026",
    "window_end=2027": "a year from 1970 to 2026",
    "window_start=-5": "a year from 1970 to 2026",
    f"drop_countries={bomb()}": "ISO3 codes of CELAC members",
    f"window_start={'[' * 5000}": "Expected: int",
    f"window_start={'9' * 5000}": "Expected: int",
    "engagements=absent.csv": "absent.csv: the file cannot be read (No such file",
    "engagements=https://example.org/a.csv": "No such file",
    "seed=x": "Expected: int",
    "seed=-1": "0 or more",
    "engagements=": "the name of a file",
    "__class__=1": "unknown parameter",
    "output = /tmp=1": "unknown parameter",
}


@pytest.mark.parametrize("case", PARAMETERS, ids=lambda case: repr(case[:40]))
def test_a_parameter_that_cannot_be_used(refused, tmp_path, case):
    refused("run", "authority", "-p", case, "--out", tmp_path / "runs", says=PARAMETERS[case])
    assert not (tmp_path / "runs").exists()


USAGE = {
    "a value given twice": (["run", "authority", "-p", "seed=1", "-p", "seed=2"], "sets seed twice"),
    "too few engagements": (["run", "reach", "-p", "at_least=0"], "1 or more"),
    "no month": (["run", "platforms", "-p", "months=0"], "1 or more"),
    "a year of no record": (["run", "not_new", "-p", "before=1"], "1970 or more"),
    "a year to come": (["run", "not_new", "-p", "before=10000"], "2027 or less"),
    "one engagement, of one kind": (["run", "web", "-p", "drawn=1"], "2 or more"),
    "longer than any tie": (["run", "twinning", "-p", "years_before=300000"], "100 or less"),
    "20,000 values": (["run", "authority", *["-p", "seed=1"] * 20_000], "at most 2,000"),
    "no name for one's own table": (["run", "authority", "--data", ""], "the name of a file"),
    "two tables of one's own": (
        ["run", "authority", "--data", "a.csv", "-p", "engagements=b.csv"], "named twice"),
    "no such option": (["run", "authority", "--sweeps", "a.yml"], "'--sweeps'. Expected: --sweep"),
    "a command misspelt": (["rum"], "unknown command: 'rum'. Expected: run"),
    "a notebook misspelt": (["run", "autority"], "unknown notebook: 'autority'. Expected: authority"),
}  # fmt: skip


@pytest.mark.parametrize("case", USAGE)
def test_what_has_two_values_or_none_and_what_is_misspelt(refused, case):
    arguments, says = USAGE[case]
    refused(*arguments, says=says)


@pytest.mark.parametrize(
    "arguments",
    [
        ["-j", "0"], ["-j", "-1"], ["-j", "many"], ["-j", "9999999999"], ["--timeout", "0"], ["--timeout", "-3"], ["--timeout", "soon"],
        ["--timeout", "nan"], ["--timeout", "1e400"], ["-p"],
    ],
    ids=" ".join,
)  # fmt: skip
def test_options_that_cannot_be_used(capsys, tmp_path, arguments):
    with pytest.raises(SystemExit) as stop:
        cli.main(["run", "authority", "--out", str(tmp_path / "runs"), *arguments])
    assert stop.value.code == 2 and "usage: lac" in capsys.readouterr().err
    assert not (tmp_path / "runs").exists()
