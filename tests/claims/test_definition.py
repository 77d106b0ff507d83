"""A user's own label or score in the stead of the plan's definitions."""

import json

import pandas as pd
import pytest
from matplotlib.text import Text

import lac_analysis as lac
from lac_analysis import claims, files
from lac_analysis.claims import authority, plan, self_rule, share, share_charts, strained
from lac_analysis.errors import InputError

SELECTION = plan.of("authority").selection()


@pytest.fixture(scope="module")
def data(counted):
    return counted(ratio=3.0, seed=3)


@pytest.fixture(autouse=True)
def few_simulations(monkeypatch):
    monkeypatch.setattr(share, "SIMULATIONS", 5)


def test_authority_as_the_top_third_of_regional_self_rule(data):
    countries = lac.countries(data, SELECTION)
    top = countries["rai_self_rule"] >= countries["rai_self_rule"].quantile(2 / 3)
    finding = lac.analyse("authority", data, SELECTION, definition=top)

    table = authority.table(data, SELECTION, definition=top, excerpts="all")
    assert table["label"].to_dict() == top.astype(float).loc[table.index].to_dict()
    assert finding.estimate == pytest.approx(share.estimate(table, "log_population"), rel=1e-6)
    assert "definition" not in finding.specifications  # all of them have the user's own
    assert finding.specifications["primary"].sum() == 1
    primary = finding.specifications.loc[finding.specifications["primary"], "estimate"].item()
    assert primary == pytest.approx(finding.estimate, rel=1e-6)
    kept = json.loads(json.dumps(files.to_json_values(finding.to_dict())))
    assert kept["parameters"]["definition"] == top.to_dict()
    picture = share_charts.draw_shares(finding, "top third")
    assert "states with top third are local" in picture.alt
    told = [" ".join(t.get_text().split()) for t in picture.figure.findobj(Text)]
    assert any("definition = one's own." in text for text in told)


def test_a_score_whose_upper_half_is_alike_has_no_share_above_its_median(data):
    score = pd.Series({iso3: min(1.0, at / 15) for at, iso3 in enumerate(lac.config.CELAC)})
    finding = lac.analyse("self_rule", data, definition=score)
    picture = share_charts.draw_shares(finding, "own score")
    assert "half of the states or more have the highest score" in picture.alt
    assert not any("nan" in t.get_text() for t in picture.figure.findobj(Text))


def test_choices_that_are_not_planned_are_told_in_what_is_said_of_the_finding():
    finding = claims.Finding(claim="web", window=(2000, 2020), parameters=plan.of("web").primary)
    assert finding.otherwise() == ""
    own = {"drop_countries": ("BRA",), "collection": "all", "min_confidence": "high"}
    told = finding.replace(claim="reach", parameters=plan.of("reach").primary | own).otherwise()
    assert told == "Not as planned: collection = all, min_confidence = high."
    planned = plan.of("tiers").primary | {"drop_countries": ()}
    assert finding.replace(claim="tiers", parameters=planned).otherwise() == ""
    changed = finding.replace(parameters=finding.parameters | {"drawn": 5, "undated": "exclude"})
    assert "Not as planned: drawn = 5, undated = exclude." in " ".join(changed.about().split())
    later = finding.replace(window=(2021, 2025), parameters=changed.parameters | {"drawn": 3})
    assert later.otherwise() == ""  # the plan leaves undated ones out there


def test_a_finding_that_was_not_simulated_tells_no_power():
    assert claims.Finding(claim="reach", not_testable="no row").power() == ""


def test_a_score_of_ones_own_is_that_of_the_plan_where_it_is_the_same(data):
    rai = lac.countries(data, SELECTION)["rai_self_rule"]
    choices = {"excerpts": "all"}
    own = self_rule.table(data, SELECTION, definition=rai.fillna(0), **choices)
    pd.testing.assert_frame_equal(
        own, self_rule.table(data, SELECTION, definition="rai", **choices)
    )
    known = self_rule.table(data, SELECTION, definition=rai, **choices)
    assert len(known) == rai.notna().sum()  # a missing score leaves its country out

    choices |= {"recognition": "throughout"}
    gap = strained.label(data, SELECTION, "gap")
    own = strained.table(data, SELECTION, definition=gap, **choices)
    pd.testing.assert_frame_equal(own, strained.table(data, SELECTION, definition="gap", **choices))
    few = (gap > gap.quantile(0.9)).astype(int)  # alike for more than half: per its range
    assert set(strained.table(data, SELECTION, definition=few, **choices)["label"]) == {0.0, 1.0}


def federal(data):
    return data.countries.set_index("iso3")["federal"] == 1


@pytest.mark.parametrize(
    ("claim", "change", "said"),
    [
        ("authority", lambda label: list(label), "a pandas Series of true and false by ISO3"),
        ("authority", lambda label: label.map({True: "yes", False: "no"}), "true and false"),
        ("authority", lambda label: label * 2.0, "true and false"),
        ("authority", lambda label: label.rename({"BRA": "USA"}), "unknown country.*'USA'"),
        ("authority", lambda label: pd.concat([label, label.loc[["BRA"]]]), "twice.*'BRA'"),
        ("authority", lambda label: label.drop(["CHL", "BRA"]), "lacks countries.*BRA.*CHL"),
        ("authority", lambda label: label & False, "alike for all"),
        ("self_rule", lambda label: label.astype(float).replace(1, float("inf")), "finite numbers"),
        ("self_rule", lambda label: label.map({True: 1e308, False: -1e308}), "finite numbers"),
        ("strained", lambda label: label.astype(str), "finite numbers"),
        (
            "reach",
            lambda label: label,
            "takes no definition. Expected: one of the claims authority, self_rule, strained",
        ),
    ],
)
def test_what_is_no_definition_is_refused(data, claim, change, said):
    with pytest.raises(InputError, match=said):
        lac.analyse(claim, data, SELECTION, definition=change(federal(data)))


def test_only_countries_of_the_selection_need_one(data):
    selection = SELECTION.replace(drop_countries=("BRA", "CHL"))
    label = federal(data).drop("CHL")
    assert authority.label(data, selection, label).index.isin(["BRA", "CHL"]).sum() == 0
    with pytest.raises(InputError, match="alike"):  # only Brazil was labelled
        authority.label(data, selection, label & (label.index == "BRA"))


@pytest.mark.parametrize("claim", ["authority", "self_rule", "strained"])
def test_own_covariates_are_terms_of_every_regression(data, claim):
    module, choices = claims.CLAIMS[claim], plan.of(claim).options
    controls = f"{choices.pop('controls')} + hdi"
    hdi = pd.Series(range(33), index=sorted(federal(data).index), name="hdi") / 33
    hdi["CHL"] = float("nan")  # unknown: Chile is left out
    finding = lac.analyse(claim, data, SELECTION, covariates=hdi)

    countries = module.table(data, SELECTION, **choices).join(hdi).dropna(subset="hdi")
    assert "CHL" not in countries.index and finding.n_countries == len(countries)
    assert finding.estimate == pytest.approx(share.estimate(countries, controls), rel=1e-6)
    curve = finding.specifications
    primary = curve.loc[curve["primary"], "estimate"].item()
    assert primary == pytest.approx(finding.estimate, rel=1e-6)
    plain = lac.analyse(claim, data, SELECTION.replace(drop_countries=("CHL",)))
    assert primary != pytest.approx(plain.estimate, rel=1e-3)
    kept = json.loads(json.dumps(files.to_json_values(finding.to_dict())))
    assert kept["parameters"]["covariates"]["hdi"]["BRA"] == pytest.approx(hdi["BRA"])


def test_a_covariate_that_is_the_label_is_the_reason(data):
    label = lac.countries(data)["federal"]
    finding = lac.analyse("authority", data, SELECTION, covariates=label)
    assert "repeat each other" in finding.not_testable


@pytest.mark.parametrize(
    ("claim", "change", "said"),
    [
        ("authority", lambda table: table.rename(columns={"hdi": "my hdi"}), "Python name.*hdi"),
        ("authority", lambda table: table.rename(columns={"hdi": "log_gdp"}), "none of.*log_gdp"),
        ("self_rule", lambda table: table.drop("BRA"), "covariate hdi lacks countries.*BRA"),
        ("self_rule", lambda table: table.astype(str), "values of the covariate hdi"),
        ("strained", lambda table: table * 0, "covariate hdi is alike"),
        ("strained", lambda table: table * 1j, "values of the covariate hdi"),
        *(
            (
                "self_rule",
                lambda table, n=name: table.rename(columns={"hdi": n}),
                "name of a covariate",
            )
            for name in (
                "lambda",
                "Intercept",
                "C",
                "INF",
                "nan",
                "i\u0301ndice",
                "\u00b5",
                "\ufb01",
            )
        ),
        ("authority", lambda table: pd.concat([table] * 11, axis=1), "covariates: 11. Expected"),
        ("authority", lambda table: table.filter(like="gdp"), "covariates: 0. Expected: 1 to 10"),
        ("strained", lambda table: 3, "a pandas Series or DataFrame"),
        (
            "reach",
            lambda table: table,
            "reach compares no groups of countries, and takes no covariates",
        ),
    ],
)
def test_what_is_no_covariate_is_refused(data, claim, change, said):
    hdi = pd.DataFrame({"hdi": range(33)}, index=sorted(federal(data).index))
    with pytest.raises(InputError, match=said):
        lac.analyse(claim, data, SELECTION, covariates=change(hdi))


@pytest.mark.parametrize("claim", ["authority", "strained"])
def test_every_column_of_lac_countries_can_be_a_covariate(data, claim):
    table = lac.countries(data)
    numbers = table.select_dtypes("number").columns
    taken = set(share.COLUMNS)
    assert {"gdp", "federal", "n_admin1", "area_km2", "china_trade"} <= set(numbers) - taken
    for name in numbers:
        if name in taken or table[name].nunique() < 2:
            with pytest.raises(InputError, match="covariate"):
                share.table(data, SELECTION, federal(data), excerpts="all", covariates=table[name])
            continue
        found = share.table(data, SELECTION, federal(data), excerpts="all", covariates=table[name])
        pd.testing.assert_series_equal(
            found[name].sort_index(), table[name].dropna().loc[found[name].sort_index().index],
            check_dtype=False, check_names=False,
        )  # fmt: skip


def test_a_label_may_be_unknown_as_pandas_writes_it(data):
    rai = lac.countries(data)["rai_self_rule"]
    mine = (rai > rai.quantile(2 / 3)).where(rai.notna())
    assert mine.dtype == object
    finding = lac.analyse("authority", data, definition=mine)
    assert finding.n_countries == rai.notna().sum() == 27
    assert (
        "27 countries" in repr(finding) and len(repr(finding)) < 500 and "\n" not in repr(finding)
    )
    assert "no test" in finding._repr_markdown_()


def test_a_fault_of_ours_is_no_verdict(data, monkeypatch):
    def fault(*_, **__):
        raise ValueError("columns overlap")

    monkeypatch.setattr(authority, "analyse", fault)
    with pytest.raises(ValueError, match="overlap"):
        lac.analyse("authority", data)
