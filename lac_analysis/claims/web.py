"""Claim 1: do many kinds of Chinese actors meet the same places?"""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from lac_analysis import charts
from lac_analysis.claims import verdict
from lac_analysis.claims.finding import Finding, Result
from lac_analysis.claims.picture import draw, drawn
from lac_analysis.claims.plan import Plan
from lac_analysis.errors import one_of
from lac_analysis.names import unit_name
from lac_analysis.selection import Selection, chosen
from lac_analysis.stats.rarefaction import MixingRatio, mixing, pair_mixing, rarefied
from lac_analysis.tables import Tables

SIMULATIONS = 100
_MIXED = ["group", "unit", "kind"]
SHOWN = 30  # places in the picture of places


def table(tables: Tables, selection: Selection, *, undated: str, classes: str) -> pd.DataFrame:
    """One row an engagement with a known place and kind of actor.

    Columns group (country), unit (place), kind (type or tier of the Chinese actor), actor (who;
    missing where nobody is named), tier.
    """
    one_of(classes, ("actor_type", "tier"), "classes")
    found = chosen(tables, selection, undated=undated)
    found = found[found["place_id"].notna() & (found["actor_type"] != "unknown")]
    # a local government is known by its city or province and kind of office, any other by its name
    provincial = found["actor_type"] == "provincial_government"
    seat = found["china_city"].where(~provincial).fillna(found["china_admin1"])
    office = found["actor_type"].astype("str") + " of " + seat
    return pd.DataFrame(
        {
            "group": found["country"],
            "unit": found["place_id"],
            "kind": found[classes].astype("str"),
            "actor": office.where(found["tier"] == "local", found["actor_name"]),
            "tier": found["tier"].astype("str"),
        }
    ).reset_index(drop=True)


def check(engagements: pd.DataFrame, plan: Plan, drawn: int) -> None:
    """Raise NotTestable where the places cannot carry the test of the plan."""
    sizes = engagements.groupby(["group", "unit"]).size()
    compared = sizes.groupby("group").transform("size") >= drawn  # `mixing` sets others aside
    places = int((sizes[compared] >= drawn).sum())
    told = f"{places} places have {drawn} engagements or more, in countries of {drawn} places"
    plan.require("places", places, told)


def estimate(tables: Tables, selection: Selection, *, drawn: int, **choices) -> float:
    """Rarefied kinds of actor at a place over those of its country. `choices` as in `table`."""
    return mixing(table(tables, selection, **choices), k=drawn, draws=9, seed=0).estimate


def analyse(
    tables: Tables, selection: Selection, plan: Plan, *, seed: int, drawn: int, **choices
) -> Finding:
    """The steps of notebook 01. `choices` as in `table`."""
    engagements = table(tables, selection, **choices)
    check(engagements, plan, drawn)
    test = mixing(engagements, k=drawn, null_ratio=plan.null_value, seed=seed)
    power = design(engagements, plan, drawn, seed=seed)
    return finding(engagements, test, power, drawn, seed=seed)


def finding(
    engagements: pd.DataFrame, test: MixingRatio, power: pd.DataFrame, drawn: int, *, seed: int
) -> Finding:
    """The finding: the ratio, and what pairs of actors say beside it.

    engagements : of `table`.   test : of `mixing`.   power : of `design`.
    """
    used = engagements[engagements["unit"].isin(test.units["unit"])]
    kinds = f"kinds in {drawn} engagements"
    # the plan's condition is on three, whatever is drawn
    in_three = rarefied(pd.crosstab(used["unit"], used["kind"]).to_numpy(), k=3)
    in_three = in_three[~np.isnan(in_three)]  # of places that have three
    set_aside = "places set aside, as their country has too few to compare with"
    return Finding.of(
        test,
        power,
        p_method=f"{test.method}, against {test.null_ratio:g}, two-sided",
        n_countries=used["group"].nunique(),
        n_places=test.n,
        n_engagements=len(used),
        attainable=test.largest,
        conditions={"two_types": bool(in_three.mean() >= 2) if len(in_three) else None},
        secondary=(
            Result(f"{kinds} of a place", test.observed, unit="kinds", n=test.n),
            Result(f"{kinds} if a country's actors mixed", test.expected, unit="kinds", n=test.n),
            _pairs(engagements, seed),
            Result(set_aside, test.set_aside, n=test.n + test.set_aside),
        ),
        detail={"table": engagements, "test": test, "drawn": drawn},
    )


def design(engagements: pd.DataFrame, plan: Plan, drawn: int, *, seed: int) -> pd.DataFrame:
    """P(verdict | truth): a share of each place's engagements comes from one patron, the others
    from its country, so that the ratio is the truth; places and their numbers as observed.
    """
    # numbers in the stead of names, in their order: grouped many times, they are quicker
    coded = {name: pd.factorize(engagements[name], sort=True)[0] for name in _MIXED}
    engagements = pd.DataFrame(coded)

    patrons = _patron_shares(engagements, drawn, np.random.default_rng(seed))

    def draws(truth: float, rng: np.random.Generator) -> Iterator[tuple]:
        patron = np.interp(-truth, -patrons.to_numpy(), patrons.index)
        for _ in range(SIMULATIONS):
            again = _mixed(engagements, patron, rng)
            result = mixing(again, k=drawn, null_ratio=plan.null_value, draws=999, seed=seed)
            yield result.estimate, result.p, result.interval[1]

    return verdict.design(draws, plan, seed=seed)


def _patron_shares(engagements: pd.DataFrame, drawn: int, rng) -> pd.Series:
    """Share of engagements from the patron -> the mean ratio, which falls with it."""

    def ratio(share: float) -> float:
        return mixing(_mixed(engagements, share, rng), k=drawn, draws=9, seed=0).estimate

    shares = np.linspace(0, 0.9, 10)
    ratios = [np.mean([ratio(share) for _ in range(20)]) for share in shares]
    return pd.Series(np.maximum.accumulate(ratios[::-1])[::-1], shares)


def _mixed(engagements: pd.DataFrame, patron: float, rng) -> pd.DataFrame:
    """Kinds drawn anew: of the place's patron with this probability, else of the country's."""
    pooled = engagements.groupby("group")["kind"].transform(
        lambda kinds: kinds.to_numpy()[rng.integers(0, len(kinds), len(kinds))]
    )
    # the patron is the pooled kind of the place's first engagement
    first = pooled.groupby(engagements["unit"]).transform("first")
    return engagements.assign(kind=pooled.where(rng.random(len(pooled)) >= patron, first))


def _pairs(engagements: pd.DataFrame, seed: int) -> Result:
    """Pairs of a place's actors; an actor has the tier that is commonest for it in the country."""
    name = "share of a place's pairs of actors that are of different tiers, over its country's"
    known = engagements.dropna(subset="actor")
    commonest = known.groupby(["group", "actor"])["tier"].agg(lambda tiers: tiers.mode().iloc[0])
    kinds = pd.MultiIndex.from_frame(known[["group", "actor"]]).map(commonest)
    pairs = known.assign(kind=kinds)
    return Result.of(name, lambda: pair_mixing(pairs, seed=seed), "ratio", "p against 1")


@drawn
def draw_places(finding: Finding) -> charts.Picture:
    """The places with most engagements: kinds of actor in each, and by country's mixing."""
    test, engagements, n = (finding.detail[name] for name in ("test", "table", "drawn"))
    sizes = engagements.groupby("unit").size()
    shown = test.units.assign(engagements=test.units["unit"].map(sizes))
    shown = shown.sort_values(["engagements", "unit"], ascending=[False, True]).head(SHOWN)
    towns = shown["unit"].str.partition("/")[2]
    names = towns.where(towns != "", shown["unit"].map(unit_name)) + ", " + shown["group"]
    # a city and its province may have one name
    names = names.where(~names.duplicated(keep=False), names + " (" + shown["unit"] + ")")
    shown = shown.assign(place=names).rename(columns={"observed": "kinds", "expected": "if mixed"})
    return draw(
        finding, "places", charts.dot_plot, shown[["place", "kinds", "if mixed", "engagements"]],
        "place", "kinds", second="if mixed",
        title=f"In {n} engagements a place meets {test.observed:.1f} kinds of Chinese actor; "
        f"with full mixing it would be {test.expected:.1f}",
        subtitle=f"Expected kinds (filled) and what the country's actors would give (hollow), the "
        f"{len(shown)} places with most engagements",
        axis=f"kinds of Chinese actor in {n} engagements",
        alt=f"Dot plot of kinds by place; mean {test.observed:.1f}, mixed {test.expected:.1f}.",
    )  # fmt: skip
