"""Claim 6: does twinning come after engagement is under way, and is it productive?"""

from dataclasses import dataclass, replace
from functools import cached_property, lru_cache

import numpy as np
import pandas as pd
from scipy import stats

from lac_analysis import config, panel
from lac_analysis.claims import plan
from lac_analysis.claims.finding import Finding, NotTestable, Result, show
from lac_analysis.panel import Selection
from lac_analysis.stats import bounds, conditional_poisson, exact, order, power, proportions
from lac_analysis.tables import Tables

YEARS_AROUND = 5  # before and after a twinning, for the rate of engagement
_COLUMNS = (
    "engagement_id", "record_ids", "country", "place_id", "china_admin1", "china_city", "activity", "activity_family",
    "date_start", "date_end", "date_precision", "year", "prior_contact",
)  # fmt: skip
_OPEN = 10_000_000  # days; beyond every date


@dataclass(frozen=True, eq=False)
class Events:
    """Local engagements of any date, with the twinnings that are units.

    Attributes
    ----------
    every, rows : engagements of all kinds, sorted, and which of them these are. table : these.
    place, pair : codes; an engagement without a known one has a code of its own.
    start, end : first and last day it can have had, unknown ones far away. memorandum : of
        friendship.
    unit : first twinning of a pair, may lie in the window. dated : the whole date interval lies
        in the window.
    prior : the record says of the two sides 1 earlier contact, 0 first contact, NaN nothing.
    """

    every: pd.DataFrame
    rows: np.ndarray
    place: np.ndarray
    pair: np.ndarray
    start: np.ndarray
    end: np.ndarray
    memorandum: np.ndarray
    unit: np.ndarray
    dated: np.ndarray
    prior: np.ndarray

    @cached_property
    def table(self) -> pd.DataFrame:
        return self.every.take(self.rows).reset_index(drop=True)


@dataclass(frozen=True)
class Order:
    """Share of dated twinnings after other engagement of their place, against every order within
    places.

    Attributes: share; expected; p (two-sided, exact); focal (dated twinnings); null (probability of
    0, 1, .., focal of
    them); detectable (smallest share above the expected one that is found with 80 % power, inf if
    none).
    """

    share: float
    expected: float
    p: float
    focal: int
    null: np.ndarray
    detectable: float


def estimate(tables: Tables, selection: Selection, *, memoranda: str) -> float:
    """Lower bound of the share of twinnings that follow other engagement of their LAC place."""
    found = events(tables, selection)
    return float((recorded_earlier(found, memoranda) | (found.prior == 1))[found.unit].mean())


def interval(tables: Tables, selection: Selection, *, memoranda: str) -> tuple[float, float]:
    """Interval of `estimate`, as in `test`."""
    return _share_bounds(knowledge(events(tables, selection), memoranda)).interval


def test(tables: Tables, selection: Selection, *, seed: int, memoranda: str) -> Finding:
    """Worst-case bounds of the share, and the order of events within places as a permutation test.

    Source: Manski (1989), J. Hum. Resour. 24(3), for the bounds; Fisher (1935) for the test.
    """
    found = events(tables, selection)
    if not (found.unit & found.dated).any():
        raise NotTestable(
            "no twinning in the selection has a date that lies in the window for certain"
        )
    known = knowledge(found, memoranda)
    share = _share_bounds(known)
    tests = _order_tests(found, memoranda, seed)
    main = tests["any earlier engagement"]
    return Finding(
        estimate=share.lower,
        low=share.interval[0],
        high=share.interval[1],
        interval_method="Imbens-Manski interval of the share, around its worst-case bounds",
        p=main.p,
        p_method=f"exact permutation of the order of events within places, two-sided, {main.focal} dated twinnings",
        null_value=main.expected,
        n_countries=found.table.loc[found.unit, "country"].nunique(),
        n_places=len(np.unique(found.place[found.unit])),
        n_engagements=int(np.isin(found.place, found.place[found.unit]).sum()),
        smallest_detectable=main.detectable,
        not_testable=_undecided(share, *_counts(known)),
        secondary=(
            Result("bounds of the share", share.lower, share.lower, share.upper, unit="share", n=share.n),
            *(
                Result(
                    f"order within places, {name}", test.share, p=test.p, unit="share", n=test.focal,
                    note=f"{show(test.expected)} expected by chance",
                )
                for name, test in tests.items()
            ),
            _rate_after_before(found, memoranda),
            *_followed(found),
        ),
        detail={
            "events": found,
            "known": known,
            "tests": tests,
            "countries": tables.countries.set_index("iso3")["country"],
        },
    )  # fmt: skip


@lru_cache(maxsize=1024)
def events(tables: Tables, selection: Selection) -> Events:
    """Engagements of the selection, of any date, and which of them are units. NotTestable without a
    unit. Remembered.

    A pair is a LAC place and a Chinese city, or a province where no city is named. Of several
    twinnings of a pair the
    one that ends first is the unit, also where it lies outside the window: the others are renewals.
    """
    every, rank, arrays = _every(tables)
    places, in_window = panel.selected_rows(tables, selection, any_date=True)
    order = np.argsort(rank[places])
    rows = rank[places][order]
    found = {name: values[rows] for name, values in arrays.items()}
    twinning = np.flatnonzero(found.pop("twinning"))
    unit = np.zeros(len(rows), dtype=bool)
    unit[first_of(twinning, found["pair"], found["start"], found["end"])] = True
    first, last = np.array(
        [f"{selection.window_start}-01-01", f"{selection.window_end}-12-31"], "datetime64[D]"
    )
    unit &= (found["end"] >= first.astype(np.int64)) & (found["start"] <= last.astype(np.int64))
    if not unit.any():
        raise NotTestable("no twinning in the selection")
    return Events(every=every, rows=rows, unit=unit, dated=in_window[order], **found)


@lru_cache(maxsize=8)
def _every(tables: Tables) -> tuple[pd.DataFrame, np.ndarray, dict[str, np.ndarray]]:
    """All engagements, sorted; the place in them of each of the tables'; and their arrays as in
    `Events`.
    """
    table = tables.engagements[list(_COLUMNS)]
    order = np.argsort(table["engagement_id"].to_numpy(dtype=object))
    table = table.take(order).reset_index(drop=True)
    partner = table["china_admin1"] + "|" + table["china_city"].fillna("")
    names = {"place": table["place_id"], "pair": table["place_id"] + "|" + partner}
    codes = {
        name: pd.factorize(known.fillna(table["engagement_id"]), sort=True)[0]
        for name, known in names.items()
    }
    arrays = codes | {
        "start": _days(table["date_start"], -_OPEN),
        "end": _days(table["date_end"], _OPEN),
        "twinning": (table["activity"] == "twinning").to_numpy(),
        "memorandum": (table["activity"] == "friendship_memorandum").to_numpy(),
        "prior": table["prior_contact"].to_numpy(dtype=float, na_value=np.nan),
    }
    return table, np.argsort(order), arrays


def recorded_earlier(found: Events, memoranda: str) -> np.ndarray:
    """True for each event that certainly follows another one of its place.

    memoranda : 'exclude' leaves out friendship memoranda of the event's own pair; 'include'
        counts them.
    """
    return _others_before(found, memoranda, found.end, found.start) > 0


def knowledge(found: Events, memoranda: str) -> pd.Series:
    """What is known of each twinning: record, source (both: earlier engagement), first, possible or
    silent.

    'possible': a record may be earlier, as dates are unknown or overlap; 'silent': none can be, and
    the source does not
    say. A certain earlier record outweighs "first contact", which may mean only these two sides.
    """
    itself = found.start < found.end
    possible = _others_before(found, memoranda, found.start, found.end) > itself
    states = [recorded_earlier(found, memoranda), found.prior == 1, found.prior == 0, possible]
    known = np.select(states, ["record", "source", "first", "possible"], "silent")
    return pd.Series(
        known[found.unit],
        index=found.every["engagement_id"].take(found.rows[found.unit]),
        name="known",
    )


def order_within_places(found: Events, memoranda: str) -> Order:
    """Which of a place's dated events is the twinning, permuted within places; exact.

    Whether an event follows another does not depend on which of them is called the twinning, so the
    number of
    twinnings that do is hypergeometric in each place, and the test is the exact conditional one of
    stratified 2 x 2
    tables: Gart (1970), Biometrika 57. Events before the window are predecessors, but could not
    have been the twinning.
    """
    earlier, focal = recorded_earlier(found, memoranda), found.unit & found.dated
    candidate = _candidates(found, memoranda)
    places = np.unique(found.place[focal])
    sizes, after, drawn = (
        np.bincount(found.place[chosen], minlength=places[-1] + 1)[places]
        for chosen in (candidate, candidate & earlier, focal)
    )
    lowest = np.maximum(0, drawn - (sizes - after))
    parts = [
        stats.hypergeom.logpmf(np.arange(low, min(k, h) + 1), m, h, k)
        for low, m, h, k in zip(lowest, sizes, after, drawn, strict=True)
    ]
    family, n, observed = (
        exact.of_independent_sum(lowest, parts),
        int(focal.sum()),
        int((focal & earlier).sum()),
    )
    null = np.zeros(n + 1)
    null[family.support] = np.exp(family.log_weight)
    expected = float((drawn * after / sizes).sum())
    return Order(observed / n, expected / n, family.p(observed), n, null, _detectable(null) / n)


def _counts(known: pd.Series) -> tuple[int, int]:
    """Twinnings that certainly follow other engagement, and those said to be a first contact."""
    return int(known.isin(["record", "source"]).sum()), int((known == "first").sum())


def _share_bounds(known: pd.Series) -> bounds.ShareBounds:
    earlier, first = _counts(known)
    return bounds.share_bounds(earlier, first, len(known) - earlier - first)


def _undecided(share: bounds.ShareBounds, earlier: int, first: int) -> str:
    """The reason why the share cannot be judged, blank where it can: the plan's
    `not_testable_when`.
    """
    sesoi = plan.load()["twinning"].sesoi
    if not share.lower < sesoi <= share.upper:
        return ""
    return (
        f"whether there was contact before the twinning is unknown for {share.n - earlier - first} of {share.n} "
        f"twinnings ({earlier} certainly follow other engagement, {first} are said to be a first contact), so the "
        f"share can be anything from {share.lower:.0%} to {share.upper:.0%}, on both sides of {sesoi:.0%}"
    )


def _others_before(found: Events, memoranda: str, day: np.ndarray, at: np.ndarray) -> np.ndarray:
    """For each event, how many events of its place have their `day` before its `at`."""
    counts = _count(found.place, day, found.place, at)
    if memoranda == "exclude":
        own = found.memorandum
        counts = counts - _count(found.pair[own], day[own], found.pair, at)
    return counts


def _candidates(found: Events, memoranda: str) -> np.ndarray:
    """Dated events that could have been the twinning; with 'exclude' a memorandum of its pair is a
    part of it.
    """
    part = found.memorandum & np.isin(found.pair, found.pair[found.unit])
    return found.dated & ~part if memoranda == "exclude" else found.dated


def _order_tests(found: Events, memoranda: str, seed: int) -> dict[str, Order | order.OrderTest]:
    """The order test; without dates coarser than a month, where any is finer; without twinnings as
    predecessors.
    """
    fine = replace(
        found, dated=found.dated & found.table["date_precision"].isin(["day", "month"]).to_numpy()
    )
    kept = _candidates(found, memoranda) & (
        found.unit | (found.table["activity"] != "twinning").to_numpy()
    )
    days = [found.table.loc[kept, column].to_numpy() for column in ("date_start", "date_end")]
    tests = {"any earlier engagement": order_within_places(found, memoranda)}
    if (fine.unit & fine.dated).any():
        tests["dated to the month or day"] = order_within_places(fine, memoranda)
    return tests | {
        "other twinnings not counted": order.order_test(
            found.place[kept], *days, found.unit[kept], seed=seed
        )
    }


def _rate_after_before(found: Events, memoranda: str) -> Result:
    """Rate of engagement in the years after against before each place's first dated twinning of the
    window.

    Engagements whose year is certain count, by the day next to the twinning. Time after the last
    complete year of
    records is not observed.
    """
    name = f"rate of engagement, {YEARS_AROUND} years after against before (conditional Poisson)"
    span = round(YEARS_AROUND * 365.25)
    last = int(np.datetime64(f"{config.OUT_OF_SAMPLE_WINDOW[1]}-12-31").astype(int))
    observed = np.clip(last - found.end, 0, span)
    certain = found.table["year"].notna().to_numpy()
    ends, starts = np.where(certain, found.end, _OPEN), np.where(certain, found.start, -_OPEN)

    def between(day, low, high):
        return _others_before(found, memoranda, day, high) - _others_before(
            found, memoranda, day, low
        )

    before = between(ends, found.start - span, found.start)
    after = between(-starts, -found.end - observed, -found.end)
    rows = first_of(
        np.flatnonzero(found.unit & found.dated & (observed > 0)),
        found.place,
        found.start,
        found.end,
    )
    try:
        result = conditional_poisson.before_after(
            before[rows], after[rows], np.full(len(rows), span), observed[rows]
        )
    except ValueError:
        return Result(name, note="no dated engagement of these places within those years")
    return Result(
        name, result.estimate, *result.interval_robust, result.p_robust, "rate ratio", result.n,
        note=f"{result.units} places, robust over places; raised by coverage that thickens with time",
    )  # fmt: skip


def _followed(found: Events) -> list[Result]:
    """Shares of dated twinnings with certainly later engagement of the place."""
    focal = found.unit & found.dated
    project = (found.table["activity_family"] == "projects").to_numpy()
    results = []
    for name, kept in (
        ("any later engagement", np.ones_like(project)),
        ("a later project", project),
    ):
        later = _count(found.place[kept], -found.start[kept], found.place, -found.end) > 0
        share = proportions.proportion(int(later[focal].sum()), int(focal.sum()))
        name = f"dated twinnings with {name} of their place"
        results.append(Result(name, share.estimate, *share.interval, unit="share", n=share.n))
    return results


def _detectable(null: np.ndarray) -> float:
    """Smallest mean count above the null's that the test finds with 80 % power; inf if none.

    Under the alternative an event that follows another has higher odds to be the twinning, which
    tilts the null
    (Fisher's noncentral hypergeometric distribution).
    """
    counts = np.arange(len(null))
    rejected = 2 * null[::-1].cumsum()[::-1] <= 0.05

    def tilted(odds: float) -> np.ndarray:
        weight = null * odds ** (counts - counts[-1])
        return weight / weight.sum()

    odds = power.smallest_detectable(lambda odds: tilted(odds)[rejected].sum(), 1.0, 1e4)
    return float(tilted(odds) @ counts) if np.isfinite(odds) else odds


def _count(group: np.ndarray, day: np.ndarray, at_group: np.ndarray, at: np.ndarray) -> np.ndarray:
    """For each (at_group, at), how many of the events (group, day) are of its group and before its
    day.
    """
    span = 10 * _OPEN  # far more than the days, so that groups do not touch
    keys, floor = np.sort(group * span + day), at_group * span
    return np.searchsorted(keys, floor + at) - np.searchsorted(keys, floor - span // 2)


def first_of(rows: np.ndarray, group: np.ndarray, start: np.ndarray, end: np.ndarray) -> np.ndarray:
    """Of the rows, the one of each group that ends first."""
    rows = rows[np.lexsort((rows, start[rows], end[rows]))]
    return rows[np.unique(group[rows], return_index=True)[1]]


def _days(dates: pd.Series, when_unknown: int) -> np.ndarray:
    days = dates.to_numpy().astype("datetime64[D]")
    return np.where(np.isnat(days), when_unknown, days.astype(np.int64))
