"""Claim 4: do companies market technology that local administrators want, increasingly?"""

import math
from functools import lru_cache

import numpy as np
import pandas as pd

from lac_analysis import panel
from lac_analysis.claims import plan as plans
from lac_analysis.claims.finding import Finding, NotTestable, Result
from lac_analysis.errors import InputError
from lac_analysis.panel import Selection
from lac_analysis.stats import cochran_armitage, power, trend
from lac_analysis.stats import tables as two_by_two
from lac_analysis.stats.estimate import exponentiate
from lac_analysis.tables import Tables

PER = 10  # years: odds ratios are over ten years
TEMPLATES = {  # which queries found an engagement, and the words for it
    "neutral": "found by a query that names no vendor",
    "vendor": "found by a query that names vendors",
    "any": "however found",
}
_UNIT = "odds ratio a decade"
_DRAWS = 200


def estimate(tables: Tables, selection: Selection, *, templates: str) -> float:
    """Odds ratio over ten years that a company-led local engagement is about technology."""
    return _trend(tables, selection, templates).estimate


def interval(tables: Tables, selection: Selection, *, templates: str) -> tuple[float, float]:
    """Interval of `estimate`, as in `test`."""
    return _trend(tables, selection, templates).interval


def test(tables: Tables, selection: Selection, *, seed: int, templates: str) -> Finding:
    """Logistic trend clustered by country, with the exact trend test, by what found the
    engagements.

    A sample below the plan's minimum gives a finding that is not testable and still has its
    secondary analyses, which
    are exact or descriptive. Source: MacKinnon, Nielsen and Webb (2023), J. Appl. Econometrics
    38(5); Armitage (1955),
    Biometrics 11; Mantel and Haenszel (1959), JNCI 22.
    """
    events = company_led_events(tables, selection, templates)
    if events.empty:
        raise NotTestable(
            f"no company-led local engagement with a certain year, {TEMPLATES[templates]}"
        )
    samples = {name: company_led_events(tables, selection, name) for name in TEMPLATES}
    clustered = {
        name: _clustered(sample, name, crv3=name == templates) for name, sample in samples.items()
    }
    exact = {name: _exact(sample, name) for name, sample in samples.items()}
    check = exact[templates].p
    rows = np.flatnonzero(_company_led(tables, templates) & _national(tables, selection))
    national = _columns(tables).take(rows)
    shared = {
        "null_value": 1.0,
        "n_countries": events["country"].nunique(),
        "n_places": events["place_id"].nunique(),
        "n_engagements": len(events),
        "conditions": {
            "exact_check_agrees": check is not None
            and bool(check < plans.load()["technology"].alpha)
        },
        "detail": {"events": events, "samples": samples, "templates": templates},
    }
    trends = [result for name in TEMPLATES for result in (clustered[name][0], exact[name])]
    if reason := _why_not(events, templates):
        return Finding(
            estimate=None, low=None, high=None, interval_method="", p=None, p_method="", not_testable=reason,
            secondary=(*trends, *_against_national(events, national)), **shared,
        )  # fmt: skip
    main = clustered[templates][1]
    jackknife = Result(
        f"logistic trend (CRV3), {TEMPLATES[templates]}", main.estimate, *main.interval_crv3, main.p_crv3,
        _UNIT, main.n, "jackknife over countries; errs less than CRV1 where they are few or unequal",
    )  # fmt: skip
    return Finding(
        estimate=main.estimate,
        low=main.interval[0],
        high=main.interval[1],
        interval_method=main.method,
        p=main.p,
        p_method=f"{main.method} by country, t with {main.groups - 1} degrees of freedom, two-sided",
        smallest_detectable=_smallest_detectable(events, main, seed),
        secondary=(*trends, jackknife, *_against_national(events, national)),
        **shared,
    )


@lru_cache(maxsize=1024)
def company_led_events(tables: Tables, selection: Selection, templates: str) -> pd.DataFrame:
    """Company-led local engagements of the selection with a certain year. Remembered: do not change
    in place.
    """
    rows, _ = panel.selected_rows(tables, selection)
    return _columns(tables).take(rows[_company_led(tables, templates)[rows]])


@lru_cache(maxsize=1024)
def _trend(tables: Tables, selection: Selection, templates: str) -> trend.LogisticTrend:
    """What `estimate` and `interval` ask, which is one regression. Raises NotTestable."""
    tried, result = _clustered(
        company_led_events(tables, selection, templates), templates, crv3=False
    )
    if result is None:
        raise NotTestable(tried.note)
    return result


@lru_cache(maxsize=8)
def _columns(tables: Tables) -> pd.DataFrame:
    columns = tables.engagements[
        ["country", "place_id", "templates", "technology_kind", "technology"]
    ]
    return columns.assign(year=panel.engagement_column(tables, "year")).astype(
        {"technology": "int64"}
    )


@lru_cache(maxsize=16)
def _company_led(tables: Tables, templates: str) -> np.ndarray:
    """True for engagements of a company, with a certain year, that at least one protocol template
    of the kind found.

    An engagement that no protocol template found is left out unless `templates` is 'any'.
    """
    if templates not in TEMPLATES:
        raise InputError("unknown templates", value=templates, expected=" or ".join(TEMPLATES))
    table = tables.engagements
    led = (table["tier"] == "company").to_numpy() & (panel.engagement_column(tables, "year") > 0)
    if templates != "any":
        wanted = set(plans.load()["technology"].entry[f"{templates}_templates"])
        codes, lists = pd.factorize(table["templates"].fillna(""))
        led &= np.array([not wanted.isdisjoint(text.split()) for text in lists], dtype=bool)[codes]
    return led


def _national(tables: Tables, selection: Selection) -> np.ndarray:
    """True for national engagements under the same choices as `panel.chosen` makes for local ones."""
    table = tables.engagements
    keep = (
        (table["level"] == "national")
        & ~table["planned"]
        & ~table["country"].isin(selection.drop_countries)
    )
    if selection.collection != "all":
        keep &= table[f"in_{selection.collection}"]
    keep &= table["confidence"] >= selection.min_confidence
    return (
        keep & table["year"].between(selection.window_start, selection.window_end).fillna(False)
    ).to_numpy()


def _why_not(events: pd.DataFrame, templates: str) -> str:
    """What the trend test lacks, or blank."""
    minimum = plans.load()["technology"].entry["minimum"]
    technology, years = events["technology"].to_numpy(), events["year"].to_numpy()
    n, countries, successes = len(events), events["country"].nunique(), technology.sum()
    what = f"company-led local engagements with a certain year, {TEMPLATES[templates]}"
    if n < minimum["engagements"]:
        return f"{n} {what}; the plan asks for {minimum['engagements']}"
    if countries < minimum["countries"]:
        return f"{what}, lie in {countries} countries; the plan asks for {minimum['countries']}"
    if successes in (0, n):
        return f"technology does not vary: {successes} of {n} {what}, are about it"
    if trend.separated_slope(*(years[technology == value] for value in (1, 0))) is not None:
        return f"technology and the rest do not overlap in time among the {n} {what}"
    return ""


def _clustered(
    events: pd.DataFrame, templates: str, *, crv3: bool = True
) -> tuple[Result, trend.LogisticTrend | None]:
    name, n = f"logistic trend (CRV1), {TEMPLATES[templates]}", len(events)
    if reason := _why_not(events, templates):
        return Result(name, n=n, note=reason), None
    result = trend.logistic_trend(
        events["technology"], events["year"], events["country"], PER, crv3=crv3
    )
    note = f"{events['technology'].sum()} of {n} about technology, {result.groups} countries"
    return Result(name, result.estimate, *result.interval, result.p, _UNIT, n, note), result


def _exact(events: pd.DataFrame, templates: str) -> Result:
    name, n = f"exact Cochran-Armitage, {TEMPLATES[templates]}", len(events)
    try:
        by_year = events.groupby("year")["technology"].agg(["sum", "size"])
        result = cochran_armitage.cochran_armitage(by_year["sum"], by_year["size"], by_year.index)
    except ValueError as reason:
        return Result(name, n=n, note=str(reason))
    note = f"{events['technology'].sum()} of {n} about technology; takes engagements of a country as independent"
    return Result(
        name, _decade(result.estimate), *map(_decade, result.interval), result.p, _UNIT, n, note
    )


def _decade(odds_ratio: float) -> float:
    return exponentiate(PER * math.log(odds_ratio)) if odds_ratio > 0 else 0.0


def _against_national(local: pd.DataFrame, national: pd.DataFrame) -> list[Result]:
    """Odds of technology, local against national, within countries; descriptive, as national
    records were capped.
    """
    both = pd.concat([local.assign(local=1), national.assign(local=0)])
    cells = [  # a country: local and national in rows, technology and the rest in columns
        [
            [((part["local"] == row) & (part["technology"] == column)).sum() for column in (1, 0)]
            for row in (1, 0)
        ]
        for _, part in both.groupby("country")
    ]
    note = f"{len(local)} local, {len(national)} national; national records were capped, so descriptive"
    results = []
    for name, procedure in {
        "exact conditional, local against national odds": two_by_two.exact_common_odds_ratio,
        "Cochran-Mantel-Haenszel, local against national odds": two_by_two.mantel_haenszel,
    }.items():
        try:
            result = procedure(cells)
        except ValueError:
            results.append(
                Result(name, n=len(both), note=f"{note}; no country has both kinds and both tiers")
            )
            continue
        strata = f"countries that tell anything: {result.strata}"
        results.append(
            Result(
                name,
                result.estimate,
                *result.interval,
                result.p,
                "odds ratio",
                result.n,
                f"{note}; {strata}",
            )
        )
    return results


def _smallest_detectable(events: pd.DataFrame, main: trend.LogisticTrend, seed: int) -> float:
    """By resampling whole countries, so that what they have in common stays in."""
    estimates, errors = _resampled(events, seed)
    centre = math.log(main.estimate)
    return power.smallest_detectable(
        lambda ratio: power.shifted_power(
            estimates, errors, centre, math.log(ratio), main.groups - 1
        ),
        1.0,
        1000.0,
    )


def _resampled(events: pd.DataFrame, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Slopes and their CRV1 errors with countries drawn anew; NaN where a draw tells nothing."""
    rng = np.random.default_rng(seed)
    countries, _ = pd.factorize(events["country"], sort=True)
    rows_of = [np.flatnonzero(countries == country) for country in range(countries.max() + 1)]
    technology = events["technology"].to_numpy()
    decades = (events["year"].to_numpy() - events["year"].mean()) / PER
    found = []
    for draw in rng.integers(len(rows_of), size=(_DRAWS, len(rows_of))):
        rows = np.concatenate([rows_of[country] for country in draw])
        groups = np.repeat(np.arange(len(draw)), [len(rows_of[country]) for country in draw])
        found.append(trend.logistic_slope(technology[rows], decades[rows], groups))
    _, slopes, errors = np.array(found).T
    return slopes, errors
