"""Claim 5: does engagement follow where formal platforms meet?"""

from functools import lru_cache
from itertools import pairwise

import numpy as np
import pandas as pd

from lac_analysis import config, panel
from lac_analysis.claims import plan
from lac_analysis.claims.finding import Finding, NotTestable, Result
from lac_analysis.errors import InputError
from lac_analysis.panel import Selection
from lac_analysis.stats import breadth, conditional_poisson, inputs, power, rates
from lac_analysis.stats.tables import PairedRatio, mcnemar
from lac_analysis.tables import Tables

DEFINITIONS = {  # what counts as a platform event, and its words
    "event": "platform event",
    "named_or_event": "platform event or act at a named platform",
}
NOT_CONVENING = (  # the visits, agreements and twinnings of the plan
    "visit_to_lac", "visit_to_china", "diplomatic_call", "cooperation_agreement", "friendship_memorandum", "twinning",
)  # fmt: skip
_END = (
    config.OUT_OF_SAMPLE_WINDOW[1] * 12 + 11
)  # December of the last year observed, in months since year 0
_NONE = -1  # month of a place without an event
_FEWEST_PLACES = 5  # with fewer, their spread says too little for an interval


def estimate(
    tables: Tables, selection: Selection, *, months: int, platform_definition: str
) -> float:
    """Places with another engagement only after their first platform event, over those with one
    only before it.
    """
    _check(months, platform_definition)
    table = located(tables, selection)
    at = _first(table, platform_definition, months)
    only_before, only_after = _discordant(*_sides(table, at, months))
    if only_before + only_after < _minimum():
        raise NotTestable(_too_few(only_before + only_after, int((at != _NONE).sum())))
    return only_after / only_before if only_before else float("inf")


def interval(
    tables: Tables, selection: Selection, *, months: int, platform_definition: str
) -> tuple[float, float]:
    """Interval of `estimate`, as in `test`."""
    table = located(tables, selection)
    only_before, only_after = _discordant(
        *_sides(table, _first(table, platform_definition, months), months)
    )
    return mcnemar(only_after, only_before).interval


def test(
    tables: Tables, selection: Selection, *, seed: int, months: int, platform_definition: str
) -> Finding:
    """Exact McNemar test of the places where engagement is on one side of their first platform
    event only.

    With fewer such places than the plan's minimum the finding is not testable, but it still holds
    what there is.
    Source: McNemar (1947), Psychometrika 12; Armitage, Berry and Matthews (2002), ch. 4.5.
    """
    _check(months, platform_definition)
    table = located(tables, selection)
    at = _first(table, platform_definition, months)
    places = _places(table, at, months)
    if places.empty:
        raise NotTestable(
            f"no place has a platform event in the window whose month is known and whose {months} months end by "
            f"December {config.OUT_OF_SAMPLE_WINDOW[1]}"
        )
    ratios = _ratios(table, months, platform_definition)
    main, other = ratios.set_index("role")["test"]["primary"], _around_any_other(table, months)
    finding = Finding(
        estimate=None,
        low=None,
        high=None,
        interval_method="",
        p=None,
        p_method="",
        null_value=1.0,
        n_countries=places["country"].nunique(),
        n_places=len(places),
        n_engagements=int(len(places) + places["before"].sum() + places["after"].sum()),
        conditions={
            "beyond_other_events": None not in (main, other.estimate)
            and main.estimate >= other.estimate
        },
        secondary=(
            *(
                _as_result(row.name, row.test)
                for row in ratios.itertuples()
                if row.role != "primary"
            ),
            other,
            _breadth(tables, selection, platform_definition, seed),
            _count_ratio(places),
        ),
        detail={
            "places": places,
            "ratios": ratios,
            "around": _quarters(places, months),
            "yardstick": other,
        },
    )
    discordant = main.n if main else 0
    if discordant < _minimum():
        what_there_is = (_as_result("the primary ratio, on too few places", main),) if main else ()
        return finding.replace(
            not_testable=_too_few(discordant, len(places)),
            secondary=what_there_is + finding.secondary,
        )
    share = power.binomial_detectable(discordant, 0.5, alternative="two-sided")
    return finding.replace(
        estimate=main.estimate,
        low=main.interval[0],
        high=main.interval[1],
        interval_method="exact (Clopper-Pearson on the discordant places)",
        p=main.p,
        p_method=f"McNemar's exact test, two-sided, {discordant} discordant places",
        smallest_detectable=share / (1 - share),
    )


@lru_cache(maxsize=1024)
def located(tables: Tables, selection: Selection) -> pd.DataFrame:
    """Local engagements with a place and a bounded date, in or out of the window. Remembered: do
    not change in place.

    Columns: place, country, code (of the place, from 0), start and end (months since year 0),
    certain (in the window,
    month known); event and named_or_event (a platform event, by either of DEFINITIONS), other (a
    visit, agreement or
    twinning away from platforms).
    """
    every, usable = _every(tables)
    rows, in_window = panel.selected_rows(tables, selection, any_date=True)
    in_window = in_window[usable[rows]]
    table = every.take(rows[usable[rows]]).reset_index(drop=True)
    code = np.unique(table["code"], return_inverse=True)[1]
    return table.assign(code=code, certain=in_window & (table["start"] == table["end"]))


@lru_cache(maxsize=8)
def _every(tables: Tables) -> tuple[pd.DataFrame, np.ndarray]:
    """All engagements with most columns of `located`, and which of them have a place and a bounded
    date.
    """
    found = tables.engagements
    columns = {
        "place": found["place_id"],
        "country": found["country"],
        "code": pd.factorize(found["place_id"], sort=True)[0],
        "start": _month(found["date_start"]),
        "end": _month(found["date_end"]),
        "event": found["activity"] == "platform_event",
        "named_or_event": found["is_platform_event"],
        "other": found["activity"].isin(NOT_CONVENING) & ~found["is_platform_event"],
    }
    usable = found[["place_id", "date_start", "date_end"]].notna().all(axis=1).to_numpy()
    return pd.DataFrame({name: np.asarray(values) for name, values in columns.items()}), usable


def _month(dates: pd.Series) -> np.ndarray:
    return (dates.dt.year * 12 + dates.dt.month - 1).fillna(_NONE).to_numpy(dtype=np.int64)


def _first(table: pd.DataFrame, kind: str, months: int) -> np.ndarray:
    """Month of each place's first engagement of a kind; _NONE where there is none or its months run
    past the data.
    """
    code, start = table["code"].to_numpy(), table["start"].to_numpy()
    focal = (table["certain"] & table[kind]).to_numpy()
    month = np.full(code.max(initial=-1) + 1, np.iinfo(np.int64).max)
    np.minimum.at(month, code[focal], start[focal])
    return np.where(month <= _END - months, month, _NONE)


def _between(table: pd.DataFrame, at: np.ndarray, first: int, last: int) -> np.ndarray:
    """Engagements of each place that certainly lie in months first to last from `at`; 0 for a place
    without `at`.
    """
    code, start, end = (table[column].to_numpy() for column in ("code", "start", "end"))
    month = at[code]
    inside = (month != _NONE) & (start >= month + first) & (end <= month + last)
    return np.bincount(code[inside], minlength=len(at))


def _sides(table: pd.DataFrame, at: np.ndarray, months: int) -> tuple[np.ndarray, np.ndarray]:
    """Engagements of each place in the months before its event's month, and after it."""
    return _between(table, at, -months, -1), _between(table, at, 1, months)


def _discordant(before: np.ndarray, after: np.ndarray) -> tuple[int, int]:
    return int(((before > 0) & (after == 0)).sum()), int(((before == 0) & (after > 0)).sum())


def _paired(table: pd.DataFrame, at: np.ndarray, months: int) -> PairedRatio | None:
    """McNemar's test of the places' two sides; None without discordant places."""
    only_before, only_after = _discordant(*_sides(table, at, months))
    return mcnemar(only_after, only_before) if only_before + only_after else None


def spans(months: int) -> dict[int, tuple[int, int]]:
    """Quarters of the months before (-4 to -1) and after (0 to 3): first and last month of each,
    from the event's.
    """
    edges = list(pairwise(np.unique(np.linspace(0, months, 5).round().astype(int)).tolist()))
    before = {-i - 1: (-end, -start - 1) for i, (start, end) in enumerate(edges)}
    return dict(sorted(before.items())) | {
        i: (start + 1, end) for i, (start, end) in enumerate(edges)
    }


def _places(table: pd.DataFrame, at: np.ndarray, months: int) -> pd.DataFrame:
    """One row a place with an event: place, country, month (YYYY-MM), engagements before, after and
    in each of `spans`.

    An engagement whose date does not tell the quarter is in none of the quarters.
    """
    before, after = _sides(table, at, months)
    names = (
        table.drop_duplicates("code")
        .sort_values("code")[["place", "country"]]
        .reset_index(drop=True)
    )
    month = [f"{value // 12}-{value % 12 + 1:02d}" for value in at]
    quarters = {
        time: _between(table, at, first, last) for time, (first, last) in spans(months).items()
    }
    places = names.assign(month=month, before=before, after=after).join(pd.DataFrame(quarters))
    return places[at != _NONE].reset_index(drop=True)


def _ratios(table: pd.DataFrame, months: int, platform_definition: str) -> pd.DataFrame:
    """McNemar's test by definition and months, without later platform events, and around other
    engagements.
    """
    axes = plan.load()["platforms"].axes
    rows = []
    for definition in axes["platform_definition"]:
        for span in sorted({*axes["months"], months}):
            role = "primary" if (definition, span) == (platform_definition, months) else "variant"
            test = _paired(table, _first(table, definition, span), span)
            rows.append((role, f"{DEFINITIONS[definition]}, {span} months", test))
    without = table[~table[platform_definition]]
    at = _first(table, platform_definition, months)
    rows.append(
        (
            "variant",
            f"later platform events not counted, {months} months",
            _paired(without, at, months),
        )
    )
    first = _paired(table, _first(table, "other", months), months)
    rows.append(("variant", f"first visit, agreement or twinning instead, {months} months", first))
    return pd.DataFrame(rows, columns=["role", "name", "test"])


def _around_any_other(table: pd.DataFrame, months: int) -> Result:
    """The ratio when one of a place's visits, agreements and twinnings, not the first, is taken at
    random.

    A first engagement of a kind has none of its kind before it, which by itself raises the ratio
    around it.
    """
    moments = table.loc[
        table["certain"] & table["other"] & (table["start"] <= _END - months), ["code", "start"]
    ]
    moments = moments.drop_duplicates().sort_values(["code", "start"])
    code, turn = moments["code"].to_numpy(), moments.groupby("code").cumcount().to_numpy()
    places = np.bincount(code, minlength=table["code"].max() + 1)
    only = np.zeros(2)
    for i in range(places.max()):
        at = np.full(len(places), _NONE)
        at[code[turn == i]] = moments["start"].to_numpy()[turn == i]
        before, after = (side > 0 for side in _sides(table, at, months))
        only += [(1 / places[before & ~after]).sum(), (1 / places[after & ~before]).sum()]
    name = f"any visit, agreement or twinning of a place instead, {months} months"
    note = f"places expected with a random one at each: {only[1]:.1f} after only, {only[0]:.1f} before only"
    ratio = float(only[1] / only[0]) if only[0] else None
    return Result(name, ratio, unit="ratio", n=int((places > 0).sum()), note=note)


def _breadth(tables: Tables, selection: Selection, platform_definition: str, seed: int) -> Result:
    found = panel.chosen(tables, selection)
    found = found[found["actor_type"] != "unknown"]
    column = {
        "event": found["activity"] == "platform_event",
        "named_or_event": found["is_platform_event"],
    }
    name = "types of Chinese actor at platform events against as many other engagements"
    try:
        result = breadth.rarefied_breadth(
            found["actor_type"], column[platform_definition].to_numpy(), seed=seed
        )
    except ValueError as problem:
        return Result(name, note=f"not estimable: {problem}")
    note = f"{result.focal:.1f} against {result.other:.1f} types among {result.size} engagements"
    return Result(name, result.estimate, p=result.p, unit="ratio", n=result.n, note=note)


def _count_ratio(places: pd.DataFrame) -> Result:
    name = "engagements after the event against before it, in number"
    try:
        result = conditional_poisson.before_after(places["before"], places["after"])
    except ValueError as problem:
        return Result(name, note=f"not estimable: {problem}")
    note = f"{places['after'].sum()} after, {places['before'].sum()} before"
    if result.units < _FEWEST_PLACES:
        note += "; too few places for an interval"
        return Result(name, result.estimate, unit="ratio", n=result.units, note=note)
    return Result(
        name, result.estimate, *result.interval_robust, result.p_robust, "ratio", result.units, note
    )


def _quarters(places: pd.DataFrame, months: int) -> pd.DataFrame:
    """Engagements a place and year in each of `spans`, with exact interval.

    Columns time, first and last (months from the event's), engagements, rate, low, high.
    """
    rows = []
    for time, (first, last) in spans(months).items():
        count, place_years = int(places[time].sum()), len(places) * (last - first + 1) / 12
        rows.append(
            (
                time,
                first,
                last,
                count,
                count / place_years,
                *rates.rate_interval(count, place_years),
            )
        )
    return pd.DataFrame(
        rows, columns=["time", "first", "last", "engagements", "rate", "low", "high"]
    )


def _as_result(name: str, test: PairedRatio | None) -> Result:
    if test is None:
        return Result(name, note="no place with engagement on one side only")
    note = f"places: {test.only_first} after only, {test.only_second} before only"
    return Result(
        name, test.estimate, *test.interval, test.p, "ratio of discordant places", test.n, note
    )


def _minimum() -> int:
    return plan.load()["platforms"].entry["minimum"]["discordant"]


def _too_few(discordant: int, places: int) -> str:
    return (
        f"other engagement is recorded on one side only of the platform event at {discordant} of {places} places with "
        f"one, and the plan asks for {_minimum()}"
    )


def _check(months: int, platform_definition: str) -> None:
    inputs.one_of(platform_definition, tuple(DEFINITIONS), "platform_definition")
    if months < 1:
        raise InputError("parameter months", value=months, expected="a whole number, 1 or more")
