"""Whatever table of records a user has: each claim gives a finding or says why not, and draws."""

from itertools import islice

import pandas as pd
import pytest

from lac_analysis import claims, config
from lac_analysis.claims import (
    counts,
    plan,
    platforms,
    share,
    share_charts,
    strained,
    twinning,
    web,
)

CLAIMS = ("web", "not_new", "platforms", "twinning", "reach", "authority", "self_rule", "strained")
ONLY_BRAZIL = tuple(iso for iso in config.CELAC if iso != "BRA")
SLICES = {  # of our engagements, and what else of the selection is changed
    "no record": (lambda t: t.head(0), {}),
    "one record": (lambda t: t[t["level"] == "municipal"].head(1), {}),
    "forty records of Brazil": (lambda t: t[t["country"] == "BRA"].head(40), {}),
    "national only": (lambda t: t[t["level"] == "national"], {}),
    "no dates": (lambda t: t.head(300).assign(date_start=pd.NaT, date_end=pd.NaT, year=pd.NA), {}),
    "places in Chinese": (
        lambda t: t[t["country"] == "BRA"].assign(
            place_id="BR-SP/圣保罗", actor_name="湖北省人民政府", country_name="巴西"
        ),
        {},
    ),
    "no place": (lambda t: t.head(300).assign(place_id=None), {}),
    "all but one country dropped": (lambda t: t, {"drop_countries": ONLY_BRAZIL}),
    "a window of one year": (lambda t: t, {"window_start": 2014, "window_end": 2014}),
    "a window before all": (lambda t: t, {"window_start": 1970, "window_end": 1974}),
}


SHARE = ("authority", "self_rule", "strained")  # of excerpts: records only enter what is beside


@pytest.fixture(autouse=True)
def fewer(monkeypatch):
    for module in (web, platforms, twinning, share):
        monkeypatch.setattr(module, "SIMULATIONS", 2)
    monkeypatch.setattr(strained, "DRAWS", 99)
    monkeypatch.setattr(counts, "SIMULATIONS", 99)


def pictures(claim, tables, selection, finding):
    module = claims.CLAIMS[claim]
    yield claims.draw_design(finding)
    if claim not in SHARE:
        yield claims.draw_specifications(finding)
    else:
        yield share_charts.draw_shares(finding, "marked")
        yield share_charts.draw_chance(finding, "marked")
    if claim == "authority":
        yield counts.draw_denominators(finding, "marked")
    if claim == "strained":
        assert len(strained.switches(tables, selection)) == 11
    for name in ("draw_places", "draw_countries", "draw_exposed"):
        if hasattr(module, name):
            yield getattr(module, name)(finding)


@pytest.mark.parametrize("name", SLICES)
@pytest.mark.parametrize("claim", CLAIMS)
def test_a_finding_or_a_reason_and_its_pictures(claim, name, tables, monkeypatch):
    if claim in SHARE:  # hundreds of regressions on the same excerpts
        permute, every = share.permute, claims.specifications.every
        monkeypatch.setattr(claims.specifications, "every", lambda *args: islice(every(*args), 1))
        few = lambda *args, **options: permute(*args, **options | {"draws": 99})  # noqa: E731
        monkeypatch.setattr(share, "permute", few)
    cut, changes = SLICES[name]
    columns = cut(tables.engagements).astype(tables.engagements.dtypes.to_dict())
    data, selection = tables.replace(engagements=columns), plan.of(claim).selection(**changes)
    finding = claims.analyse(claim, data, selection)
    assert finding.verdict and "ingular" not in finding.not_testable
    assert bool(finding.not_testable) == (finding.verdict == "not testable") == (not finding.detail)
    assert all(picture.alt for picture in pictures(claim, data, selection, finding))
