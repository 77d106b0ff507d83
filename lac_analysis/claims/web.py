"""Claim 1: do many kinds of Chinese actors meet the same places, more than their numbers alone
would bring about?
"""

from functools import lru_cache

import numpy as np
import pandas as pd

from lac_analysis import panel
from lac_analysis.claims.finding import Finding, NotTestable, Result
from lac_analysis.panel import Selection
from lac_analysis.stats import bipartite, inputs, mean_field, power
from lac_analysis.tables import Tables

CLASSES = {
    "actor_type": "types of Chinese actor",
    "tier": "tiers of Chinese actor",
}  # what there can be two or more of
_WITHIN_DRAWS, _WITHIN_THIN = 400, 3  # networks of one country are small and mix at once


def estimate(tables: Tables, selection: Selection, *, two_or_more: str) -> float:
    """Share of localities linked to two or more types (or tiers) of Chinese actor, over the share
    expected by chance.

    The expected share is the mean-field one, which `test` replaces by the mean of the swap
    randomisation; on these
    tables they differ by less than 1 %.
    """
    place, actor, kind = _usable_links(tables, selection, two_or_more)
    kinds = kind.max() + 1
    kinds_at_place = np.bincount(np.unique(place * kinds + kind) // kinds)
    kind_of_actor = np.empty(actor.max() + 1, dtype=np.int64)
    kind_of_actor[actor] = kind
    expected = mean_field.expected_multi_class_share(
        np.bincount(place), np.bincount(actor), kind_of_actor
    )
    return float((kinds_at_place >= 2).mean() / expected)


def test(tables: Tables, selection: Selection, *, seed: int, two_or_more: str) -> Finding:
    """Swap randomisation of the locality-by-actor network, for types and for tiers, among all and
    within countries.

    Source: Strona et al. (2014), Nat. Commun. 5:4114; Gotelli (2000), Ecology 81, for nulls that
    keep both margins.
    """
    _usable_links(tables, selection, two_or_more)
    links = network(tables, selection)
    tests = bipartite.swap_tests(
        links["place"], links["actor"], {name: links[name] for name in CLASSES}, seed=seed
    )
    main = tests[two_or_more]
    if np.ptp(main.null) == 0:
        raise NotTestable(
            f"the numbers of partners fix the share of localities with two or more {CLASSES[two_or_more]}"
        )
    with np.errstate(divide="ignore"):
        high, low = main.observed / np.quantile(main.null, [0.025, 0.975])
        spread = power.detectable_from_null(np.log(main.null))
    return Finding(
        estimate=main.ratio,
        low=float(low),
        high=float(high),
        interval_method="inversion of the swap test, for an effect that multiplies the share",
        p=main.p,
        p_method=f"swap randomisation, both degree sequences kept, two-sided, {len(main.null):,} networks",
        null_value=1.0,
        n_countries=links["country"].nunique(),
        n_places=links["place"].nunique(),
        n_engagements=int(links["engagements"].sum()),
        smallest_detectable=float(np.exp(spread)),
        secondary=(
            *(_share(name, test, links["place"].nunique()) for name, test in tests.items()),
            *_within_countries(links, seed),
            _types_at_the_median(tables, selection),
            _mixing(main),
            _left_out(tables, selection),
        ),
        detail={"links": links, "tests": tests, "two_or_more": two_or_more},
    )


def network(tables: Tables, selection: Selection) -> pd.DataFrame:
    """One row a locality and Chinese actor that were linked in the window, sorted.

    Columns: place, actor, country, actor_type, tier, engagements (how many link the two).
    Engagements without a place
    or without an identifiable actor are left out.
    """
    ends = ["place", "actor"]
    found = _linkable(tables, selection).sort_values(ends)
    links = found.drop_duplicates(ends, ignore_index=True)
    return links.assign(engagements=found.groupby(ends).size().to_numpy())


def _usable_links(
    tables: Tables, selection: Selection, two_or_more: str
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Numbers from 0 for the place, the actor and the actor's class of each row of `network`.
    Raises NotTestable.
    """
    inputs.one_of(two_or_more, tuple(CLASSES), "two_or_more")
    numbers = _numbers(tables)
    rows, _ = panel.selected_rows(tables, selection)
    rows = rows[(numbers["place"][rows] >= 0) & (numbers["actor"][rows] >= 0)]
    pairs = numbers["place"][rows] * len(numbers["actor"]) + numbers["actor"][rows]
    rows = rows[np.unique(pairs, return_index=True)[1]]
    if not len(rows):
        raise NotTestable(
            "no local engagement with a known place and an identifiable Chinese actor in the selection"
        )
    place, actor, kind = (
        np.unique(numbers[x][rows], return_inverse=True)[1] for x in ("place", "actor", two_or_more)
    )
    if len(place) == place.max() + 1:
        raise NotTestable(
            "no locality with two or more identifiable Chinese actors in the selection"
        )
    if kind.max() == 0:
        raise NotTestable(f"the selection does not hold two or more {CLASSES[two_or_more]}")
    return place, actor, kind


@lru_cache(maxsize=8)
def _numbers(tables: Tables) -> dict[str, np.ndarray]:
    """A number for the place and each column of `_actors`, by engagement; -1 where not known."""
    ends = _actors(tables).assign(place=tables.engagements["place_id"])
    return {name: pd.factorize(ends[name])[0] for name in ends}


def _linkable(tables: Tables, selection: Selection) -> pd.DataFrame:
    """Engagements of the selection with both ends known: country, place, actor and the actor's type
    and tier.
    """
    found = panel.chosen(tables, selection, columns=("place_id", "country"))
    table = (
        _actors(tables).loc[found.index].assign(place=found["place_id"], country=found["country"])
    )
    return table.dropna(subset=["place", "actor"])


@lru_cache(maxsize=8)
def _actors(tables: Tables) -> pd.DataFrame:
    """Key, type and tier of every engagement's Chinese actor; blank where it cannot be identified.

    A local government is its city or else its province, with its kind of office; a provincial
    government is its
    province; other actors are their coded name. An actor coded in two ways has the commoner type
    and tier in all its
    engagements, or it would be two kinds of actor by itself.
    """
    table = tables.engagements
    seat = (
        table["china_city"]
        .where(table["actor_type"] != "provincial_government")
        .fillna(table["china_admin1"])
    )
    office = table["actor_type"] + " of " + seat + " (" + table["china_admin1"].fillna("") + ")"
    actors = pd.DataFrame({"actor": office.where(table["tier"] == "local", table["actor_name"])})
    for name in CLASSES:
        actors[name] = _commonest(actors["actor"], table[name])
    return actors.where(actors.notna().all(axis=1))


def _commonest(actor: pd.Series, code: pd.Series) -> np.ndarray:
    """The commonest code of each row's actor, the first in the alphabet among equals; none if all
    are unknown.
    """
    (who, actors), (what, codes) = (
        pd.factorize(actor),
        pd.factorize(code.where(code != "unknown"), sort=True),
    )
    times = np.zeros(
        (len(actors) + 1, len(codes) + 1)
    )  # the last, as -1, are an unknown actor and code
    np.add.at(times, (who, what), 1)
    times[-1], times[:, -1] = 0, 0.5  # less than one known code
    return np.append(codes.to_numpy(dtype=object), np.nan)[times.argmax(axis=1)[who]]


def _share(name: str, test: bipartite.SwapTest, n: int) -> Result:
    low, high = np.quantile(test.null, [0.025, 0.975])
    note = f"by chance {test.null_mean:.3f} (95 % of networks {low:.3f} to {high:.3f}), ratio {test.ratio:.3f}"
    return Result(f"share of localities with two or more {CLASSES[name]}", test.observed, p=test.p, unit="share", n=n,
                  note=note)  # fmt: skip


def _within_countries(links: pd.DataFrame, seed: int) -> list[Result]:
    """The ratios against networks that keep each country's actors in the country, as embassies must
    be.
    """
    tests = bipartite.swap_tests(
        links["place"], links["actor"], {name: links[name] for name in CLASSES}, within=links["country"],
        draws=_WITHIN_DRAWS, thin=_WITHIN_THIN, seed=seed,
    )  # fmt: skip
    return [_within(name, test, links["place"].nunique()) for name, test in tests.items()]


def _within(name: str, test: bipartite.SwapTest, places: int) -> Result:
    title = f"ratio for {CLASSES[name]}, actors swapped within countries only"
    if test.null_mean == 0:
        return Result(
            title, note=f"no random network has a locality with two or more {CLASSES[name]}"
        )
    return Result(title, test.ratio, p=test.p, unit="ratio of shares", n=places)


def _types_at_the_median(tables: Tables, selection: Selection) -> Result:
    by_place = _linkable(tables, selection).groupby("place")["actor_type"].agg(["size", "nunique"])
    types = by_place.loc[by_place["size"] >= 2, "nunique"]
    return Result(
        "types of Chinese actor at the median locality with two or more engagements",
        float(types.median()), *types.quantile([0.25, 0.75]), unit="types", n=len(types), note="range: middle half",
    )  # fmt: skip


def _mixing(test: bipartite.SwapTest) -> Result:
    """How far the chain went from the observed network, and whether its draws depend on each other."""
    settled = test.mixing.changed[test.mixing.burn_in :]
    note = f"successive networks correlate at {test.mixing.autocorrelation[0]:.2f}; a chain that has mixed is near 0"
    return Result("share of the links that a random network does not keep", float(settled.mean()), unit="share",
                  n=len(settled), note=note)  # fmt: skip


def _left_out(tables: Tables, selection: Selection) -> Result:
    found = panel.chosen(tables, selection, columns=("place_id",))
    no_actor = _actors(tables).loc[found.index, "actor"].isna()
    no_place = found["place_id"].isna()
    note = f"{no_actor.sum()} without an identifiable Chinese actor, {(no_place & ~no_actor).sum()} without a place"
    return Result(
        "engagements left out", float((no_actor | no_place).sum()), n=len(found), note=note
    )
