"""Claim 5: does engagement follow where formal platforms meet?"""

import numpy as np
import pandas as pd

from lac_analysis import charts, config
from lac_analysis.charts import Picture
from lac_analysis.claims import months as calendar
from lac_analysis.claims import verdict
from lac_analysis.claims.finding import Finding, NotTestable, Result, show
from lac_analysis.claims.picture import draw, drawn
from lac_analysis.claims.place_names import place_name
from lac_analysis.claims.plan import Plan
from lac_analysis.errors import InputError
from lac_analysis.panel import Selection
from lac_analysis.stats import inputs
from lac_analysis.stats.offset_poisson import OffsetRatio, offset_ratio, windows
from lac_analysis.stats.tables import mcnemar
from lac_analysis.tables import Tables

DEFINITIONS = {  # what counts as a platform event, and its words
    "event": "platform event",
    "named_or_event": "platform event or act at a named platform",
}
OTHER_EVENTS = (  # what a place's platform events are compared with
    "visit_to_lac", "visit_to_china", "diplomatic_call", "cooperation_agreement",
    "friendship_memorandum", "twinning",
)  # fmt: skip
SIMULATIONS, DRAWS = 100, 1999


def table(
    tables: Tables, selection: Selection, *, months: int, platform_definition: str
) -> pd.DataFrame:
    """One row a place with a platform event: country, month of its first one in the window, its
    other engagements before and after, and those of all other places in the same months.
    """
    inputs.one_of(platform_definition, tuple(DEFINITIONS), "platform_definition")
    counts, dates, _ = around(tables, selection, months, platform_definition)
    found = calendar.located(tables, selection)
    country = found.drop_duplicates("place_id").set_index("place_id")["country"]
    rows = windows(counts, dates, months=months)
    return rows.assign(country=country.reindex(rows.index)).rename_axis("place_id")


def around(
    tables: Tables, selection: Selection, months: int, platform_definition: str
) -> tuple[pd.DataFrame, pd.Series, pd.Index]:
    """What the test takes: engagements other than platform events by place and month, the month of
    each place's first platform event, and the places of C1 without one.
    """
    found = calendar.located(tables, selection)
    is_event = _is_event(found, platform_definition)
    searched = set(tables.place_pairs["place_id"].dropna())
    places = pd.Index(sorted(set(found["place_id"]) | searched), name="place_id")
    counts = calendar.monthly(found[~is_event], places)
    dates = calendar.first_months(found[is_event & found["certain"]], months)
    with_event = set(found.loc[is_event, "place_id"])
    placebo = pd.Index(sorted(searched - with_event))
    return counts, dates, placebo


def _is_event(found: pd.DataFrame, platform_definition: str) -> pd.Series:
    if platform_definition == "named_or_event":
        return found["is_platform_event"]
    return found["activity"] == "platform_event"


def check(places: pd.DataFrame, placebo: pd.Index, plan: Plan) -> None:
    """Raise NotTestable where the places cannot carry the test of the plan."""
    informative = int((places[["before", "after"]].sum(axis=1) > 0).sum())
    if informative < plan.minimum["informative_places"]:
        raise NotTestable(
            f"{informative} of {len(places)} places with a platform event have another engagement "
            f"in the months around it; the plan asks for {plan.minimum['informative_places']}"
        )
    if not len(placebo):
        raise NotTestable("no places searched alike without a platform event to compare with")


def estimate(
    tables: Tables, selection: Selection, *, months: int, platform_definition: str
) -> float:
    """Rate of a place's other engagements after over before, net of the background."""
    counts, dates, placebo = around(tables, selection, months, platform_definition)
    try:
        return offset_ratio(
            counts, dates, placebo, months=months, fewest=5, draws=9, seed=0
        ).estimate
    except (ValueError, InputError) as problem:
        raise NotTestable(str(problem)) from None


def analyse(
    tables: Tables,
    selection: Selection,
    plan: Plan,
    *,
    seed: int,
    months: int,
    platform_definition: str,
) -> Finding:
    """The steps of notebook 05: conditional Poisson with a background, tested by placebo dates.

    Source: Hausman, Hall and Griliches (1984), Econometrica 52(4).
    """
    choices = {"months": months, "platform_definition": platform_definition}
    places = table(tables, selection, **choices)
    counts, dates, placebo = around(tables, selection, **choices)
    check(places, placebo, plan)
    test = offset_ratio(counts, dates, placebo, months=months, draws=DRAWS, seed=seed)
    power = design(places, counts, dates, placebo, plan, months, seed=seed)
    others = other_events(tables, selection, months, seed=seed)
    return finding(places, test, power, others)


def finding(
    places: pd.DataFrame, test: OffsetRatio, power: pd.DataFrame, others: tuple[Result, ...]
) -> Finding:
    """The finding: the ratio net of the background, version 1's test, and other events beside it.

    places : of `table`.   test : of `offset_ratio`.   power : of `design`.
    others : of `other_events`.
    """
    total = places[["before", "after"]].sum()
    plain = Result(
        "the same without placebo dates, events independent",
        test.estimate,
        *test.interval_exact,
        test.p_exact,
        "rate ratio",
        test.n,
        f"{total['after']} after and {total['before']} before",
    )
    return Finding(
        estimate=test.estimate,
        low=test.interval[0],
        high=test.interval[1],
        interval_method=test.method,
        p=test.p,
        p_method=f"{test.method}, two-sided",
        n_countries=places["country"].nunique(),
        n_places=test.units,
        n_engagements=test.n,
        attainable=np.inf,
        design=tuple(power.to_dict("records")),
        secondary=(plain, _mcnemar(places), *others),
        detail={"table": places, "test": test},
    )


def design(
    places: pd.DataFrame,
    counts: pd.DataFrame,
    dates: pd.Series,
    placebo: pd.Index,
    plan: Plan,
    months: int,
    *,
    seed: int,
) -> pd.DataFrame:
    """P(verdict | truth): each place's engagements around its event are handed out anew between
    after and before, with the odds that truth and background give.
    """
    total = places["before"] + places["after"]
    background = places["background_after"] / places["background_before"].clip(lower=1)
    simulated = {}
    for number, truth in enumerate(plan.truths):
        rng = np.random.default_rng([seed, number])
        odds = truth * background
        rows = []
        for _ in range(SIMULATIONS):
            after = rng.binomial(total, odds / (1 + odds))
            again = _with(counts, dates, total - after, after)
            result = offset_ratio(
                again, dates, placebo, months=months, fewest=1, draws=199, seed=seed
            )
            rows.append((result.estimate, result.p, result.interval[1]))
        simulated[truth] = pd.DataFrame(rows, columns=["estimate", "p", "high"])
    return verdict.probabilities(simulated, plan)


def _with(counts: pd.DataFrame, dates: pd.Series, before, after) -> pd.DataFrame:
    """The counts with so many engagements in the month before and the month after each event."""
    again = counts.copy()
    again.loc[dates.index] = 0
    for place, month, early, late in zip(dates.index, dates, before, after, strict=True):
        again.loc[place, [month - 1, month + 1]] = [early, late]
    return again


def other_events(
    tables: Tables, selection: Selection, months: int, *, seed: int
) -> tuple[Result, ...]:
    """The same ratio around the first visit, agreement or twinning of a place, and breadth of actor
    types at platform events against other events.
    """
    found = calendar.located(tables, selection)
    other = found["activity"].isin(OTHER_EVENTS) & ~found["is_platform_event"]
    places = pd.Index(sorted(set(found["place_id"])), name="place_id")
    dates = calendar.first_months(found[other & found["certain"]], months)
    name = "around the first visit, agreement or twinning of a place instead"
    rows = windows(calendar.monthly(found, places), dates, months=months)
    before, after = rows["before"].sum(), rows["after"].sum()
    expected = (rows["background_after"] / rows["background_before"].clip(lower=1)).median()
    ratio = float(after / before / expected) if before else None
    note = f"{after} after and {before} before; a first event has none before it by construction"
    return (
        Result(name, ratio, unit="rate ratio", n=len(rows), note=note),
        _breadth(found, seed),
    )


def _breadth(found: pd.DataFrame, seed: int) -> Result:
    """Types of actor at platform events against as many other dated events, drawn many times."""
    known = found[found["actor_type"] != "unknown"]
    at_platform = known["is_platform_event"].to_numpy()
    name = "types of Chinese actor at platform events against as many other events"
    n = int(at_platform.sum())
    if not 0 < n < len(known) / 2:
        return Result(name, note="too few platform events, or too few others")
    codes = pd.factorize(known["actor_type"])[0]
    rng = np.random.default_rng(seed)
    others = codes[~at_platform]
    drawn = [len(np.unique(rng.choice(others, n, replace=False))) for _ in range(DRAWS)]
    observed = len(np.unique(codes[at_platform]))
    tail = min(np.sum(np.array(drawn) <= observed), np.sum(np.array(drawn) >= observed))
    p = min(1.0, 2 * (1 + tail) / (1 + DRAWS))
    note = f"{np.mean(drawn):.1f} types at as many other events"
    return Result(name, float(observed), p=p, unit="types", n=n, note=note)


def _mcnemar(places: pd.DataFrame) -> Result:
    """Version 1: places with another engagement on one side only."""
    only_after = int(((places["after"] > 0) & (places["before"] == 0)).sum())
    only_before = int(((places["before"] > 0) & (places["after"] == 0)).sum())
    name = "places with engagement only after over those with some only before (McNemar, version 1)"
    if not only_after + only_before:
        return Result(name, note="no place has engagement on one side only")
    test = mcnemar(only_after, only_before)
    note = f"{only_after} only after, {only_before} only before"
    return Result(name, test.estimate, *test.interval, test.p, "ratio", test.n, note)


@drawn
def draw_places(finding: Finding) -> Picture:
    """Other engagements before and after, by place."""
    places = finding.detail["table"]
    shown = places.sort_values(["after", "before"], ascending=False)
    names = [
        f"{place_name(place, row.country)}, {calendar.as_text(row.date)}"
        for place, row in zip(shown.index, shown.itertuples(), strict=True)
    ]
    drawn = pd.DataFrame(
        {"place": names, "after": shown["after"].to_numpy(), "before": shown["before"].to_numpy()}
    )
    total = places[["before", "after"]].sum()
    months = finding.parameters["months"]
    event = DEFINITIONS[finding.parameters["platform_definition"]]
    return draw(
        finding, "places", charts.dot_plot, drawn, "place", "after", second="before",
        title=f"{total['after']} other engagements in the {months} months after the first "
        f"{event}, {total['before']} in those before",
        subtitle="Other engagements after (filled) and before (hollow), by place and month",
        axis="engagements",
        alt=f"Dot plot of engagements before and after by place: {total['after']} after, "
        f"{total['before']} before.",
    )  # fmt: skip


@drawn
def draw_chance(finding: Finding) -> Picture:
    """The studentised score under placebo dates."""
    test = finding.detail["test"]
    quantiles = np.linspace(0, 1, 201)
    data = pd.DataFrame({"quantile": quantiles, "score": np.quantile(test.null, quantiles)})
    return draw(
        finding, "chance", charts.null_distribution,
        [("After against before, net of all other places", test.null, test.statistic, test.p)],
        log=False,
        title=f"A ratio of {show(test.estimate)} beside what the same months give in places "
        "with no platform event",
        subtitle="Studentised score when the events' months are given to places searched alike",
        axis="studentised score", data=data,
        alt=f"Histogram of the score at placebo dates; observed {show(test.statistic)}.",
    )  # fmt: skip


@drawn
def draw_ratios(finding: Finding) -> Picture:
    """The ratio beside version 1's and that around other events."""
    rows = [("net of the background (the test)", finding.estimate, finding.low, finding.high)]
    rows += [(r.name, r.estimate, r.low, r.high) for r in finding.secondary if "ratio" in r.unit]
    table = pd.DataFrame(rows, columns=["what", "ratio", "low", "high"]).dropna(subset="ratio")
    told = "; ".join(f"{row.what} {show(row.ratio)}" for row in table.itertuples())
    return draw(
        finding, "ratios", charts.forest, table, "what", "ratio", "low", "high",
        sesoi=finding.sesoi,
        title=f"Engagement after a platform event is {show(finding.estimate)} times that before",
        subtitle=f"After against before, {finding.level:.0%} interval; events up to "
        f"{config.OUT_OF_SAMPLE_WINDOW[1]} less the months after",
        axis="ratio (log scale)", alt=f"Ratios with intervals: {told}.",
    )  # fmt: skip
