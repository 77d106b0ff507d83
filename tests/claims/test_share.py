import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
import statsmodels.formula.api as smf
from matplotlib.text import Text
from scipy import stats

from lac_analysis import claims
from lac_analysis.claims import authority, plan, self_rule, share, share_charts, strained
from lac_analysis.errors import InputError

AUTHORITY = {"definition": "federal", "excerpts": "all"}


@pytest.fixture(scope="module")
def data(counted):
    return counted(ratio=3.0, seed=3)


def test_table_counts_the_excerpts_of_the_second_search(data):
    table = authority.table(data, plan.load()["authority"].selection(), **AUTHORITY)
    log = data.search_log
    brazil = log[(log["target"] == "BRA") & log["template"].str.startswith("N")]
    assert table.loc["BRA", "local"] == brazil["n_local"].sum()
    assert table.loc["BRA", "national"] == brazil["n_national"].sum()
    assert len(table) == 33 and table["third"].value_counts().tolist() == [11, 11, 11]
    less = authority.table(
        data, plan.load()["authority"].selection(), definition="federal", excerpts="without_N4"
    )
    assert (
        less[["local", "national"]].sum().sum() == table[["local", "national"]].sum().sum() * 4 / 5
    )


def test_the_test_of_the_notebook_is_a_binomial_regression_with_all_assignments(data):
    countries = authority.table(data, plan.load()["authority"].selection(), **AUTHORITY)
    model = smf.glm(
        "local + national ~ label + log_population", countries, family=sm.families.Binomial()
    ).fit()
    test = share.permute(model, countries["third"], seed=1)
    assert test.estimate == pytest.approx(np.exp(model.params["label"]), rel=1e-6)
    assert share.estimate(countries, "log_population") == pytest.approx(test.estimate, rel=1e-6)
    assert test.exact and test.assignments == 3630  # C(11,4) x C(11,1)
    assert test.interval[0] < test.estimate < test.interval[1] and test.p < 0.05


def test_known_truth_is_recovered_in_the_middle(counted):
    estimates = [
        authority.estimate(
            counted(ratio=3.0, seed=seed, each=8),
            plan.load()["authority"].selection(),
            controls="log_population",
            **AUTHORITY,
        )
        for seed in range(15)
    ]
    assert 2.2 < np.median(estimates) < 4.0


def test_design_holds_its_size_and_gains_power(data):
    planned = plan.load()["authority"]
    countries = authority.table(data, planned.selection(), **AUTHORITY)
    power = share.design(countries, planned, "log_population", seed=1)
    assert power["truth"].tolist() == [1.0, 1.5, 2.25, 5.0625]
    assert power["rejected"].iloc[0] <= 0.1
    assert power["rejected"].is_monotonic_increasing and power["rejected"].iloc[-1] > 0.5
    verdicts = power.drop(columns=["truth", "rejected"])
    assert np.allclose(verdicts.sum(axis=1), 1)


def test_countries_without_a_score_or_not_recognising_beijing_are_left_out(data):
    selection = plan.load()["self_rule"].selection()
    missing = self_rule.table(data, selection, definition="rai_known", excerpts="all")
    counted_as_none = self_rule.table(data, selection, definition="rai", excerpts="all")
    assert len(missing) < len(counted_as_none) == 33
    assert counted_as_none["label"].max() == 1
    prc = strained.table(
        data, selection, definition="gap", recognition="throughout", excerpts="all"
    )
    at_end = strained.table(data, selection, definition="gap", recognition="at_end", excerpts="all")
    assert "PRY" not in prc.index and len(prc) < len(at_end)
    quarter, three_quarters = prc["label"].quantile([0.25, 0.75])
    assert three_quarters - quarter == pytest.approx(1, abs=0.35)  # of the countries with excerpts


def test_a_table_of_ones_own_has_no_excerpts(tables):
    log = tables.search_log
    without = tables.replace(search_log=log[~log["template"].str.startswith("N")])
    finding = claims.analyse("authority", without, plan.load()["authority"].selection())
    assert finding.verdict == "not testable" and "search log" in finding.not_testable


def test_a_label_of_ones_own_is_a_label_and_no_score(tables):
    """However many countries have it, the odds ratio is of those against the others."""
    selection = plan.load()["strained"].selection()
    named = strained.label(tables, selection, "no_bri")
    options = {"recognition": "throughout", "excerpts": "all"}
    ours = strained.table(tables, selection, definition="no_bri", **options)
    for own in (named, named.astype(bool)):
        mine = strained.table(tables, selection, definition=own, **options)
        assert mine["label"].equals(ours["label"])


def test_own_choices_are_checked(data):
    with pytest.raises(InputError, match="one of federal"):
        claims.analyse("authority", data, plan.load()["authority"].selection(), definition="x")
    with pytest.raises(InputError, match="tiers compares no groups of countries"):
        claims.analyse("tiers", data, plan.load()["tiers"].selection(), definition="federal")
    with pytest.raises(InputError, match="unknown option"):
        claims.analyse("tiers", data, plan.load()["tiers"].selection(), excerpts="all")
    with pytest.raises(InputError, match="unknown claim"):
        plan.of("autority")


@pytest.mark.slow
def test_whole_findings_of_the_three_claims(data):
    for name in ("authority", "self_rule", "strained"):
        planned = plan.load()[name]
        finding = claims.analyse(name, data, planned.selection())
        assert finding.n_specifications > 100 and finding.verdict
        assert claims.Finding.from_dict(finding.to_dict()).to_dict() == finding.to_dict()
        assert isinstance(finding.secondary_table(), pd.DataFrame)


def test_an_episode_holds_its_first_and_its_last_day(made, tables):
    episode = tables.strain_episodes.head(1)
    assert episode[["iso3", "start", "end"]].iloc[0].tolist() == ["BRA", "2018-02", "2018-10"]
    days = ["2017-01-31", "2017-02-01", "2018-01-31", "2018-02-01", "2018-10-31", "2018-11-01"]
    days += ["2019-10-31", "2019-11-01"]
    told = made([{"country": "BRA", "date": day} for day in days], strain_episodes=episode)
    (row,) = strained.episodes(told, plan.load()["strained"].selection()).itertuples()
    assert (row.before, row.during, row.after) == (2, 2, 2)
    without = plan.load()["strained"].selection(drop_countries=["BRA"])
    assert strained.episodes(told, without).empty  # and no row of zeros


def test_countries_that_are_left_out_are_named_though_the_excerpts_have_no_other_choice(data):
    planned = plan.load()["authority"]
    finding = claims.analyse("authority", data, planned.selection(drop_countries=["BRA", "PER"]))
    assert "all years, without BRA, PER, 31 countries" in finding.about()
    for draw in (share_charts.draw_shares, share_charts.draw_chance):
        texts = draw(finding, "federal").figure.findobj(Text)
        assert any("without BRA, PER" in " ".join(t.get_text().split()) for t in texts)


def test_rates_around_a_switch_have_garwoods_intervals(tables):
    """Each limit leaves 2.5 % to its side: chi-squared quantiles (Garwood 1936)."""
    table = strained.switches(tables, plan.load()["strained"].selection())
    known = table[table["country_years"] > 0]
    k, years = known["engagements"], known["country_years"]
    low = stats.chi2.ppf(0.025, 2 * k).clip(0) / 2 / years
    high = stats.chi2.ppf(0.975, 2 * k + 2) / 2 / years
    assert len(known) > 5
    np.testing.assert_allclose(known["low"], np.where(k > 0, low, 0))
    np.testing.assert_allclose(known["high"], high)


def test_pictures_say_which_label_and_which_excerpts(tables):
    """They take them from the finding, not from the plan."""
    selection = plan.load()["strained"].selection()
    options = {"definition": "no_bri", "excerpts": "without_N3"}
    finding = claims.analyse("strained", tables, selection, **options)
    name = strained.DEFINITIONS["no_bri"]
    shares = share_charts.draw_shares(finding, name)
    assert "states with no Belt and Road memorandum are local" in shares.alt  # a label, no score
    told = {text.get_text() for text in shares.figure.findobj(Text)}
    assert any("excerpts of N1–N5 without N3" in " ".join(text.split()) for text in told)
    assert any(
        "sizes of 2000–2020, or the last years known" in " ".join(text.split()) for text in told
    )
