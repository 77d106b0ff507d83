import pandas as pd
import pytest

from lac_analysis import claims, config, panel, tables
from lac_analysis.claims import NotTestable, plan, reach, reach_figures
from lac_analysis.errors import InputError
from lac_analysis.panel import Selection

OPTIONS = {"undated": "exclude", "at_least": 1}
NESTED = ("country_queries", "protocol", "all")  # samples, each within the next
SMALL = ["ATG", "BHS", "BLZ", "BRB", "DMA", "GRD", "GUY", "KNA", "LCA", "SUR", "TTO", "VCT"]


@pytest.fixture(scope="module")
def real():
    return tables.load()


@pytest.fixture(scope="module")
def made(real):
    """Tables with the engagements given as (country, start, end, changes); a blank date is unknown."""

    def make(*rows):
        table = real.engagements.head(len(rows)).reset_index(drop=True)
        start, end = (
            pd.to_datetime(pd.Series([row[i] or None for row in rows]), format="%Y-%m-%d")
            for i in (1, 2)
        )
        changes = pd.DataFrame([{"level": "municipal", "planned": False} | row[3] for row in rows])
        table = table.assign(
            country=[row[0] for row in rows],
            date_start=start.astype("datetime64[us]"),
            date_end=end.astype("datetime64[us]"),
            year=start.dt.year.astype("Int64"),
            level=pd.Categorical(changes["level"], dtype=table["level"].dtype),
            planned=changes["planned"].astype(bool),
            confidence=pd.Categorical(["high"] * len(rows), dtype=table["confidence"].dtype),
            in_country_queries=True,
            query_ids="none",
        )
        return real.replace(engagements=table)

    return make


def dated(country, day="2010-05-01", **changes):
    return (country, day, day, changes)


def run(data, selection=None, **options):
    return reach.test(data, selection or Selection(), seed=1, **OPTIONS | options)


def test_countries_with_a_local_engagement_in_the_window_count(made):
    data = made(
        dated("BRA"), dated("BRA"), dated("KNA"), dated("ARG", level="national"), dated("CHL", planned=True),
        dated("PER", "2021-01-01"), ("MEX", "", "", {}), ("COL", "2020-01-01", "2021-12-31", {}),
    )  # fmt: skip
    assert reach.estimate(data, Selection(), **OPTIONS) == 2 / 33
    assert reach.estimate(data, Selection(), undated="include", at_least=1) == 4 / 33
    assert reach.estimate(data, Selection(), undated="exclude", at_least=2) == 1 / 33
    finding = run(data)
    assert (finding.estimate, finding.n_engagements, finding.n_countries) == (2 / 33, 3, 33)
    bounds = next(r for r in finding.secondary if r.name.startswith("share reached, bounds"))
    assert (bounds.low, bounds.high) == (2 / 33, 4 / 33)


def test_every_country_reached(made):
    finding = run(made(*map(dated, config.CELAC)))
    assert finding.estimate == finding.high == 1
    assert finding.low == pytest.approx(0.025 ** (1 / 33))
    assert finding.p == pytest.approx(2 * 0.5**33)
    assert "not estimable" in next(r for r in finding.secondary if "Fisher" in r.name).note


@pytest.mark.parametrize(("small_reached", "holds"), [(10, True), (9, False)])
def test_small_states_must_be_reached_as_often_as_the_smallest_effect_asks(
    made, small_reached, holds
):
    larger = sorted(set(config.CELAC) - set(SMALL))
    finding = run(made(*map(dated, larger), *map(dated, SMALL[:small_reached])))
    assert finding.conditions == {"small_states_reached": holds}
    assert finding.conditions.keys() == plan.load()["reach"].must_also_hold.keys()


@pytest.mark.parametrize("window", [(1970, 1999), (2000, 2020), (2021, 2025)])
def test_small_states_are_those_of_the_country_table(real, window):
    table = run(real, Selection(*window, collection="all")).detail["table"]
    assert sorted(table.index[table["small"]]) == SMALL
    assert (table["small"] == (table["small_state"] == 1)).all()


def test_a_find_of_another_countrys_query_counts_but_is_not_its_own(made, real):
    queries = real.search_log[real.search_log["template"] == "T1"].set_index("target")["query_id"]
    data = made(dated("PER"), dated("CHL"))
    query_ids = [f"{queries['PER']}; {queries['BOL']}", queries["BOL"]]
    data = data.replace(engagements=data.engagements.assign(query_ids=query_ids))
    table = run(data).detail["table"]
    assert table.loc[["CHL", "PER"], ["engagements", "own"]].to_numpy().tolist() == [[1, 0], [1, 1]]


def test_the_order_of_the_engagements_does_not_matter(real):
    shuffled = real.replace(engagements=real.engagements.sample(frac=1, random_state=3))
    assert run(real).to_dict() == run(shuffled).to_dict()


def test_dropping_a_country_without_engagements_leaves_the_number_reached(real):
    table = run(real).detail["table"]
    unreached = table.index[~table["reached"]][0]
    rest = run(real, Selection(drop_countries=(unreached,)))
    assert rest.estimate == pytest.approx(table["reached"].sum() / (len(table) - 1))
    assert rest.n_engagements == table["engagements"].sum()


def test_more_is_asked_less_is_reached(real):
    shares = [reach.estimate(real, Selection(), undated="exclude", at_least=n) for n in (1, 2, 3)]
    assert shares == sorted(shares, reverse=True)
    wider = [reach.estimate(real, Selection(collection=c), **OPTIONS) for c in NESTED]
    assert wider == sorted(wider)


def test_nothing_in_the_window_is_not_testable(real):
    finding = claims.test("reach", real, Selection(1970, 1971), **OPTIONS)
    assert finding.verdict == "not testable" and "no local engagement" in finding.not_testable
    assert set(claims.pictures(finding)) == {*reach_figures.PICTURES, *claims.PICTURES}


def test_without_small_states_it_is_not_testable(real):
    with pytest.raises(NotTestable, match="no state of fewer than"):
        run(real, Selection(drop_countries=tuple(SMALL)))


@pytest.mark.parametrize("options", [{"undated": "maybe"}, {"at_least": 0}])
def test_unknown_options_are_refused(real, options):
    with pytest.raises(InputError):
        run(real, **options)


@pytest.mark.parametrize(
    "selection",
    [
        Selection(),
        Selection(1970, 1999, collection="all"),
        Selection(
            collection="protocol", drop_countries=tuple(sorted(set(config.CELAC) - set(SMALL)))
        ),
    ],
)
def test_pictures_say_what_was_found(real, selection):
    finding = claims.test("reach", real, selection, **OPTIONS)
    pictures = claims.pictures(finding)
    assert tuple(pictures) == reach_figures.PICTURES + claims.PICTURES
    title = pictures["countries"].figure.texts[0].get_text()
    assert title.startswith(
        f"{round(finding.estimate * finding.n_countries)} of {finding.n_countries} countries"
    )
    assert not pictures["shares"].data.empty
