"""Claim 6: does twinning come after engagement is under way, and is it productive?"""

from collections.abc import Iterator
from functools import partial

import numpy as np
import pandas as pd

from lac_analysis import charts, config
from lac_analysis.claims import months as calendar
from lac_analysis.claims import verdict
from lac_analysis.claims.finding import Finding, Result
from lac_analysis.claims.picture import draw, drawn
from lac_analysis.claims.plan import Plan
from lac_analysis.errors import one_of
from lac_analysis.selection import Selection, chosen, possible
from lac_analysis.stats.offset_poisson import offset_ratio
from lac_analysis.stats.proportions import proportion
from lac_analysis.stats.risk_sets import MatchedOddsRatio, matched_odds_ratio, risk_sets
from lac_analysis.tables import Tables

FIRST_TWINNING = 2000  # year from which dated twinnings were given a place to be compared with
MONTHS_AROUND = 60  # before and after a twinning, for the rate of engagement
SIMULATIONS = 400


def table(
    tables: Tables, selection: Selection, *, memoranda: str, years_before: int
) -> pd.DataFrame:
    """One row a member of a risk set: set (the place that twins), member, case (1 for it), exposed
    (1: an engagement that C1 found lies in the `years_before` before), at (the day of the
    twinning), stratum (country and level).

    A set is a first dated twinning in the window and the places of the same country and level,
    searched alike, that were not twinned by then. Raises InputError for an unknown choice.
    """
    one_of(memoranda, ("exclude", "include"), "memoranda")
    places, events = searched(tables, selection, memoranda)
    if places.empty:
        return pd.DataFrame(columns=["set", "member", "case", "exposed", "at", "stratum"])
    sets = risk_sets(places, events, years=years_before)
    first = pd.Timestamp(max(selection.window_start, FIRST_TWINNING), 1, 1)
    last = pd.Timestamp(selection.window_end, 12, 31)
    return sets[sets["at"].between(first, last)].reset_index(drop=True)


def searched(
    tables: Tables, selection: Selection, memoranda: str
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The places that C1 searched alike, and the engagements that it found there.

    Places: member (place_id), stratum, case_date (first day its first twinning can have had;
    missing without a dated one). Events: member, date (last day they can have had, so that only
    what is certainly earlier counts).
    """
    found = chosen(tables, selection, any_date=True)
    pairs = tables.place_pairs.dropna(subset="place_id").drop_duplicates("place_id")
    pairs = pairs[~pairs["lac_iso3"].isin(selection.drop_countries)]
    twinnings = found[(found["activity"] == "twinning") & found["date_start"].notna()]
    first = twinnings.sort_values("date_start").drop_duplicates("place_id").set_index("place_id")
    places = pd.DataFrame(
        {
            "member": pairs["place_id"].astype("str"),
            "stratum": pairs["lac_iso3"] + " " + pairs["lac_level"].astype("str"),
            "case_date": first["date_start"].reindex(pairs["place_id"]).to_numpy(),
        }
    ).reset_index(drop=True)

    events = found[found["found_by_c"] & found["place_id"].isin(places["member"])]
    events = events[events["activity"] != "twinning"]
    if memoranda == "exclude":
        twinned = first.reindex(events["place_id"])
        events = events[~_own_memorandum(events["activity"], events["china_admin1"], twinned)]
    events = events.rename(columns={"place_id": "member", "date_end": "date"})
    return places, events[["member", "date"]].dropna().reset_index(drop=True)


def check(sets: pd.DataFrame, plan: Plan) -> None:
    """Raise NotTestable where the sets cannot carry the test of the plan: an informative one has a
    control, an exposed and an unexposed member.
    """
    by_set = sets.groupby("set")
    informative = int(((by_set.size() > 1) & (by_set["exposed"].nunique() > 1)).sum())
    told = f"{informative} of {sets['set'].nunique()} twinnings have a place to be compared with"
    plan.require("informative_sets", informative, f"{told} that differs in earlier engagement")


def estimate(tables: Tables, selection: Selection, **choices) -> float:
    """Odds ratio of earlier engagement, places that twin against others; `choices` of `table`."""
    return matched_odds_ratio(table(tables, selection, **choices)).estimate


def analyse(tables: Tables, selection: Selection, plan: Plan, *, seed: int, **choices) -> Finding:
    """The steps of notebook 06. `choices` as in `table`."""
    sets = table(tables, selection, **choices)
    check(sets, plan)
    test = matched_odds_ratio(sets, level=plan.level)
    power = design(sets, plan, seed=seed)
    known = knowledge(tables, selection, choices["memoranda"])
    productive = after_twinning(tables, selection, seed=seed)
    return finding(sets, test, power, known, productive)


def finding(
    sets: pd.DataFrame, test: MatchedOddsRatio, power: pd.DataFrame, known: pd.Series,
    productive: tuple[Result, ...],
) -> Finding:  # fmt: skip
    """The finding: the odds ratio, what comes after, and version 1's share with its bounds.

    sets : of `table`.   test : of `matched_odds_ratio`.   power : of `design`.
    known : of `knowledge`.   productive : of `after_twinning`.
    """
    return Finding.of(
        test,
        power,
        p_method=f"{test.method}, two-sided, {test.informative} informative sets",
        n_countries=sets["stratum"].str[:3].nunique(),
        n_places=sets["member"].nunique(),
        n_engagements=test.n,
        secondary=(*productive, _bounds(known)),
        detail={"table": sets},
    )


def design(sets: pd.DataFrame, plan: Plan, *, seed: int) -> pd.DataFrame:
    """P(verdict | truth): the case of a set is drawn anew, with odds `truth` for the exposed."""
    codes, _ = pd.factorize(sets["set"])

    def draws(truth: float, rng: np.random.Generator) -> Iterator[tuple]:
        for _ in range(SIMULATIONS):
            # the smallest of exponential times with rates 1 and `truth` is the case
            times = pd.Series(rng.exponential(1 / np.where(sets["exposed"] == 1, truth, 1.0)))
            case = (times.groupby(codes).rank() == 1).astype(int)
            result = matched_odds_ratio(sets.assign(case=case.to_numpy()))
            yield result.estimate, result.p, result.interval[1]

    return verdict.design(draws, plan, seed=seed)


def knowledge(tables: Tables, selection: Selection, memoranda: str) -> pd.Series:
    """What is known of contact before each first twinning of a pair that may lie in the window:
    record (another engagement of the place is certainly earlier), source (the record says so),
    first (it says first contact), possible (dates overlap or are unknown), silent.
    """
    found = chosen(tables, selection, any_date=True)
    found = found[found["place_id"].notna()].sort_values("date_end", na_position="last")
    pair = ["place_id", "china_admin1", "china_city"]
    twinnings = found[found["activity"] == "twinning"].drop_duplicates(pair)
    twinnings = twinnings[possible(twinnings, selection)]

    columns = ["engagement_id", "place_id", "activity", "china_admin1", "date_start", "date_end"]
    both = twinnings[columns].merge(found[columns], on="place_id", suffixes=("", "_other"))
    both = both[both["engagement_id"] != both["engagement_id_other"]]
    if memoranda == "exclude":
        both = both[~_own_memorandum(both["activity_other"], both["china_admin1_other"], both)]
    earlier = both.loc[both["date_end_other"] < both["date_start"], "engagement_id"]
    later = both["date_start_other"] > both["date_end"]
    identifiers, prior = twinnings["engagement_id"], twinnings["prior_contact"]
    states = {
        "record": identifiers.isin(earlier),
        "source": (prior == 1).fillna(False),
        "first": (prior == 0).fillna(False),
        "possible": identifiers.isin(both.loc[~later, "engagement_id"]),
    }
    known = np.select([state.to_numpy(bool) for state in states.values()], [*states], "silent")
    return pd.Series(known, index=identifiers, name="known")


def _own_memorandum(activity: pd.Series, province: pd.Series, twinning: pd.DataFrame) -> pd.Series:
    """Whether an engagement is a friendship memorandum with the province of the place's twinning:
    part of making it."""
    same = (province == twinning["china_admin1"].to_numpy()).fillna(False)
    return (activity == "friendship_memorandum") & same


def _bounds(known: pd.Series) -> Result:
    """Version 1: share of twinnings after other engagement, if none of the unknown ones or all of
    them follow it. Source: Manski (1989), J. Hum. Resour. 24(3).
    """
    name = "share of twinnings after other engagement (version 1), worst-case bounds"
    if known.empty:
        return Result(name, note="no twinning in the selection")
    yes, no = int(known.isin(["record", "source"]).sum()), int((known == "first").sum())
    note = f"{yes} certainly follow other engagement, {no} are said to be a first contact"
    n = len(known)
    return Result(name, None, yes / n, (n - no) / n, unit="share", n=n, note=note)


def after_twinning(tables: Tables, selection: Selection, *, seed: int) -> tuple[Result, ...]:
    """Whether twinning is productive: the rate of engagement after against before, net of what
    happens elsewhere, and the share of twinnings with any later engagement.
    """
    around = calendar.around(
        tables, selection, MONTHS_AROUND, lambda found: found["activity"] == "twinning"
    )
    name = f"rate of engagement, {MONTHS_AROUND // 12} years after a twinning against before"
    note = f"{len(around[1])} places twinned in a known month, net of all others, placebo dates"
    fit = partial(offset_ratio, *around, months=MONTHS_AROUND, seed=seed)
    productive = Result.of(name, fit, "rate ratio", note)
    return productive, _followed(tables, selection)


def _followed(tables: Tables, selection: Selection) -> Result:
    """Share of places with a dated twinning that have a certainly later engagement."""
    found = chosen(tables, selection, any_date=True)
    twinnings = found[(found["activity"] == "twinning") & found["in_window"]]
    first = twinnings.groupby("place_id")["date_end"].min()
    last = found[found["activity"] != "twinning"].groupby("place_id")["date_start"].max()
    name = "places with a dated twinning that have a later engagement of another kind"
    if first.empty:
        return Result(name, note="no dated twinning")
    later = last.reindex(first.index) > first
    share = proportion(int(later.sum()), len(later))
    note = f"{later.sum()} of {len(later)}; up to {config.LAST_YEAR}"
    return Result(name, share.estimate, *share.interval, unit="share", n=len(later), note=note)


@drawn
def draw_exposed(finding: Finding) -> charts.Picture:
    """Share with an earlier engagement: places that twin, and comparisons of the same sets."""
    sets = finding.detail["table"]
    sets = sets.assign(level=sets["stratum"].str[4:].replace("admin1", "first-level"))
    rows = []
    for (level, case), members in sets.groupby(["level", "case"]):
        k, n = int(members["exposed"].sum()), len(members)
        who = "places that twin" if case else "comparisons"
        interval = proportion(k, n, level=finding.level).interval if case else (np.nan, np.nan)
        rows.append((level, f"{who} ({k} of {n})", k / n, *interval))
    table = pd.DataFrame(rows[::-1], columns=["level", "who", "share", "low", "high"])
    k, n = (sets.groupby("case")["exposed"].agg(how).reindex([0, 1]) for how in ("sum", "size"))
    told = "; ".join(f"{row.level} {row.who} {row.share:.0%}" for row in table.itertuples())
    early = finding.window[0] < FIRST_TWINNING
    since = (
        f" Twinnings from {FIRST_TWINNING} on, since which they were looked for." if early else ""
    )
    return draw(
        finding, "exposed", charts.forest, table, "who", "share", "low", "high", group="level",
        reference=0, reference_name="none", log=False,
        title=f"{k[1]} of {n[1]} places had engagement before their twinning; in {k[0]} of {n[0]} "
        "comparisons a place not twinned by then had it",
        subtitle=f"Share with an engagement in the {finding.parameters['years_before']} years "
        "before the day of the twinning, found by one query a place",
        note="A place is compared with several twinnings: comparisons are not independent, and "
        f"have no interval.{since}",
        axis="share", alt=f"Shares with an earlier engagement: {told}.",
    )  # fmt: skip
