"""Claim 5: does engagement follow where formal platforms meet?"""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from lac_analysis import charts
from lac_analysis.claims import definitions, verdict
from lac_analysis.claims import months as calendar
from lac_analysis.claims.finding import Finding, Result
from lac_analysis.claims.picture import draw, drawn
from lac_analysis.claims.plan import NotTestable, Plan
from lac_analysis.errors import one_of
from lac_analysis.names import unit_name
from lac_analysis.selection import Selection
from lac_analysis.stats.estimate import Estimate
from lac_analysis.stats.offset_poisson import offset_ratio, windows
from lac_analysis.stats.rates import rate_ratio
from lac_analysis.tables import Tables

DEFINITIONS = definitions.WORDS["platforms"]
SIMULATIONS, DRAWS = 200, 1999


def table(tables: Tables, selection: Selection, *, months: int, **choices) -> pd.DataFrame:
    """One row a place with a platform event: date (month of its first one in the window, such as
    2018-06), its other engagements before and after, those of all other places in the same months,
    and country. `choices` as in `around`.
    """
    counts, dates, _ = around(tables, selection, months, **choices)
    found = calendar.located(tables, selection)
    country = found.drop_duplicates("place_id").set_index("place_id")["country"]
    rows = windows(counts, dates, months=months)
    rows["date"] = [f"{month // 12}-{month % 12 + 1:02d}" for month in dates]
    return rows.assign(country=country.reindex(rows.index)).rename_axis("place_id")


def around(
    tables: Tables, selection: Selection, months: int, platform_definition: str
) -> tuple[pd.DataFrame, pd.Series, pd.Index]:
    """What the test takes: engagements other than platform events by place and month, the month of
    each place's first platform event, and the places of C1 without one.
    """
    one_of(platform_definition, DEFINITIONS, "platform_definition")

    def is_event(found: pd.DataFrame) -> pd.Series:
        if platform_definition == "named_or_event":
            return found["is_platform_event"]
        return found["activity"] == "platform_event"

    return calendar.around(tables, selection, months, is_event)


def check(places: pd.DataFrame, placebo: pd.Index, plan: Plan) -> None:
    """Raise NotTestable where the places cannot carry the test of the plan."""
    informative = int((places[["before", "after"]].sum(axis=1) > 0).sum())
    told = f"{informative} of {len(places)} places with a platform event have another engagement"
    plan.require("informative_places", informative, f"{told} in the months around it")
    if not len(placebo):
        raise NotTestable("no places searched alike without a platform event to compare with")


def estimate(tables: Tables, selection: Selection, *, months: int, **choices) -> float:
    """A place's other engagements after over before, net of all others; `choices` of `around`."""
    found = around(tables, selection, months, **choices)
    return offset_ratio(*found, months=months, fewest=5, draws=9, seed=0).estimate


def analyse(
    tables: Tables, selection: Selection, plan: Plan, *, seed: int, months: int, **choices
) -> Finding:
    """The steps of notebook 05. `choices` as in `around`."""
    places = table(tables, selection, months=months, **choices)
    counts, dates, placebo = around(tables, selection, months, **choices)
    check(places, placebo, plan)
    test = offset_ratio(counts, dates, placebo, months=months, draws=DRAWS, seed=seed)
    power = design(places, counts, dates, placebo, plan, months, seed=seed)
    return finding(places, test, power)


def finding(places: pd.DataFrame, test: Estimate, power: pd.DataFrame) -> Finding:
    """The finding: the ratio net of the background, and version 1's test beside it.

    places : of `table`.   test : of `offset_ratio`.   power : of `design`.
    """
    only_after = int(((places["after"] > 0) & (places["before"] == 0)).sum())
    only_before = int(((places["before"] > 0) & (places["after"] == 0)).sum())
    name = "places with engagement only after over those with some only before (McNemar, version 1)"
    note = f"{only_after} only after, {only_before} only before"
    mcnemar = Result.of(name, lambda: rate_ratio(only_after, 1, only_before, 1), "ratio", note)
    return Finding.of(
        test,
        power,
        n_countries=places["country"].nunique(),
        n_places=len(places),
        n_engagements=test.n,
        secondary=(mcnemar,),
        detail={"table": places},
    )


def design(
    places: pd.DataFrame, counts: pd.DataFrame, dates: pd.Series, placebo: pd.Index, plan: Plan,
    months: int, *, seed: int,
) -> pd.DataFrame:  # fmt: skip
    """P(verdict | truth): each place's engagements around its event are handed out anew between
    after and before, with the odds that truth and background give.
    """
    total = places["before"] + places["after"]
    background = places["background_after"] / places["background_before"].clip(lower=1)

    def draws(truth: float, rng: np.random.Generator) -> Iterator[tuple]:
        odds = truth * background
        for _ in range(SIMULATIONS):
            after = rng.binomial(total, odds / (1 + odds))
            again = _with(counts, dates, total - after, after)
            choices = {"months": months, "fewest": 1, "draws": 999, "seed": seed}
            result = offset_ratio(again, dates, placebo, **choices)
            yield result.estimate, result.p, result.interval[1]

    return verdict.design(draws, plan, seed=seed)


def _with(counts: pd.DataFrame, dates: pd.Series, before, after) -> pd.DataFrame:
    """The counts with so many engagements in the month before and the month after each event."""
    again, row = counts.to_numpy(copy=True), counts.index.get_indexer(dates.index)
    month = (dates - counts.columns[0]).to_numpy()
    again[row] = 0
    again[row, month - 1], again[row, month + 1] = before, after
    return pd.DataFrame(again, counts.index, counts.columns)


@drawn
def draw_places(finding: Finding) -> charts.Picture:
    """Other engagements before and after, by place."""
    places = finding.detail["table"].sort_values(["after", "before"], ascending=False)
    names = [
        f"{row.Index.partition('/')[2] or unit_name(row.Index)}, {row.country}, {row.date}"
        for row in places.itertuples()
    ]
    shown = places.assign(place=names)[["place", "after", "before"]]
    total = places[["before", "after"]].sum()
    event = DEFINITIONS[finding.parameters["platform_definition"]]
    told = f"{total['after']} after, {total['before']} before"
    return draw(
        finding, "places", charts.dot_plot, shown, "place", "after", second="before",
        title=f"{total['after']} other engagements in the {finding.parameters['months']} months "
        f"after the first {event}, {total['before']} in those before",
        subtitle="Other engagements after (filled) and before (hollow), by place and month",
        axis="engagements", alt=f"Dot plot of engagements before and after by place: {told}.",
    )  # fmt: skip
