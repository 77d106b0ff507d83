import pandas as pd
import pytest

from lac_analysis import claims, config, panel
from lac_analysis.claims import NotTestable, plan, technology, technology_figures
from lac_analysis.errors import InputError
from lac_analysis.panel import Selection

PROTOCOL = Selection(collection="protocol")


@pytest.fixture(scope="module")
def made(tables):
    """Tables with engagements given as (country number, year, technology, templates, tier, level)."""

    def make(rows):
        table = tables.engagements.iloc[[0] * len(rows)].reset_index(drop=True)
        country, year, about, templates, tier, level = zip(*rows, strict=True)
        table = table.assign(
            engagement_id=[f"E{i}" for i in range(len(rows))],
            country=[config.CELAC[i] for i in country],
            date_start=pd.to_datetime([f"{y}-01-01" for y in year]),
            date_end=pd.to_datetime([f"{y}-12-31" for y in year]),
            year=pd.array(year, dtype="Int64"),
            level=pd.Categorical(level, dtype=table["level"].dtype),
            confidence=pd.Categorical(["high"] * len(rows), dtype=table["confidence"].dtype),
            planned=False,
            tier=list(tier),
            technology=[bool(x) for x in about],
            technology_kind=["telecom" if x else None for x in about],
            templates=list(templates),
            in_protocol=[bool(text) for text in templates],
            in_country_queries=["T" in text for text in templates],
        )
        return tables.replace(engagements=table)

    return make


def company(country, year, about, templates="T5", tier="company", level="municipal"):
    return country, year, about, templates, tier, level


def rising(templates="T5"):
    """Ten countries with an engagement in each of four years, technology in 0, 2, 5 and 9 of them."""
    return [
        company(country, year, country < about, templates)
        for year, about in ((2001, 0), (2007, 2), (2013, 5), (2019, 9))
        for country in range(10)
    ]


def run(tables, selection=PROTOCOL, templates="neutral"):
    return technology.test(tables, selection, seed=1, templates=templates)


def secondary(finding):
    return {result.name: result for result in finding.secondary}


def test_a_rising_share_is_an_odds_ratio_above_one(made):
    data = made(rising())
    finding = run(data)
    assert technology.estimate(data, PROTOCOL, templates="neutral") == pytest.approx(
        finding.estimate, rel=1e-9
    )
    assert finding.estimate > 10 and finding.p < 0.01
    assert finding.conditions == {"exact_check_agrees": True}
    assert finding.conditions.keys() == plan.load()["technology"].must_also_hold.keys()
    assert (finding.n_engagements, finding.n_countries) == (40, 10)
    assert finding.smallest_detectable > 1


def test_two_years_give_the_odds_ratio_of_the_table(made):
    rows = [company(i % 10, 2005, i < 6) for i in range(20)] + [
        company(i % 10, 2015, i < 12) for i in range(20)
    ]
    estimate = technology.estimate(made(rows), PROTOCOL, templates="neutral")
    assert estimate == pytest.approx((12 / 8) / (6 / 14))


def test_templates_decide_the_sample(made):
    rows = [
        company(0, 2005, 0, "T5"), company(1, 2006, 1, "T8"), company(2, 2007, 1, "T5 T8"), company(3, 2008, 1, ""),
        company(4, 2009, 1, "T5", tier="local"), company(5, 2010, 1, "T5", level="national"),
    ]  # fmt: skip
    data = made(rows)
    everything = Selection(collection="all")
    sizes = {name: run(data, everything, name).n_engagements for name in technology.TEMPLATES}
    assert sizes == {"neutral": 2, "vendor": 2, "any": 4}
    assert run(data, PROTOCOL, "any").n_engagements == 3


def test_too_few_engagements_or_countries_are_not_testable_but_described(made):
    finding = run(made(rising()[11:]))
    assert (
        finding.estimate is None
        and "29 company-led" in finding.not_testable
        and "30" in finding.not_testable
    )
    assert (
        secondary(finding)["exact Cochran-Armitage, found by a query that names no vendor"].estimate
        > 1
    )
    few = [(country % 7, *rest) for country, *rest in rising()]
    assert "7 countries" in run(made(few)).not_testable
    with pytest.raises(NotTestable, match="7 countries"):
        technology.estimate(made(few), PROTOCOL, templates="neutral")


def test_an_outcome_without_variation_or_overlap_is_not_testable(made):
    always = made([company(country, year, 1) for country, year, *_ in rising()])
    assert "does not vary: 40 of 40" in run(always).not_testable
    apart = made([company(country, year, year > 2010) for country, year, *_ in rising()])
    assert "do not overlap" in run(apart).not_testable
    with pytest.raises(NotTestable):
        technology.estimate(apart, PROTOCOL, templates="neutral")


def test_local_is_compared_with_national_within_countries(made):
    rows = rising() + [company(i, 2010, i == 0, level="national") for i in range(10)]
    finding = run(made(rows))
    exact = secondary(finding)["exact conditional, local against national odds"]
    assert finding.n_engagements == 40 and "10 national" in exact.note
    assert exact.low < 1 < exact.estimate  # 16 of 40 against 1 of 10
    alone = secondary(run(made(rising())))["exact conditional, local against national odds"]
    assert alone.estimate is None


def test_unknown_templates_are_bad_input(made):
    with pytest.raises(InputError, match="neutral or vendor or any"):
        technology.estimate(made(rising()), PROTOCOL, templates="T4")


def test_row_order_and_absent_countries_change_nothing(made):
    data = made(rising())
    base = run(data)
    shuffled = data.replace(engagements=data.engagements.sample(frac=1, random_state=3))
    dropped = PROTOCOL.replace(drop_countries=(config.CELAC[-1],))
    for finding in (run(shuffled), run(data, dropped)):
        assert finding.to_dict() == base.to_dict()


def test_real_samples_lie_in_the_window_and_in_each_other(tables):
    for selection in (Selection(2021, 2025, "all"), Selection(drop_countries=("BRA",))):
        samples = run(tables, selection).detail["samples"]
        assert set(samples["neutral"].index) | set(samples["vendor"].index) <= set(
            samples["any"].index
        )
        assert samples["any"]["year"].between(selection.window_start, selection.window_end).all()
        found = panel.chosen(tables, selection)
        assert len(samples["any"]) == ((found["tier"] == "company") & found["year"].notna()).sum()


@pytest.mark.parametrize(
    "selection", [PROTOCOL, Selection(2000, 2025, "all"), Selection(2021, 2025)]
)
@pytest.mark.parametrize("templates", ["neutral", "any"])
def test_pictures_are_drawn_from_real_records(tables, selection, templates):
    window = (selection.window_start, selection.window_end)
    finding = run(tables, selection, templates).replace(
        claim="technology", window=window, sesoi=1.5
    )
    drawn = technology_figures.pictures(finding)
    assert tuple(drawn) == technology_figures.PICTURES
    assert drawn["kinds"].data["engagements"].sum() == finding.n_engagements


def test_an_empty_selection_gives_pictures_that_say_so(tables):
    finding = claims.test("technology", tables, Selection(1970, 1971), templates="neutral")
    assert finding.verdict == "not testable"
    assert all("No picture" in picture.alt for picture in claims.pictures(finding).values())
