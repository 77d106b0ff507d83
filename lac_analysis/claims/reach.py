"""Claim 7: does local engagement reach the whole region, smaller countries included?"""

import pandas as pd

from lac_analysis import panel
from lac_analysis.claims import plan
from lac_analysis.claims.finding import Finding, NotTestable, Result
from lac_analysis.errors import InputError
from lac_analysis.panel import Selection
from lac_analysis.stats import inputs, power, randomisation
from lac_analysis.stats.proportions import proportion
from lac_analysis.stats.tables import odds_ratio
from lac_analysis.tables import Tables

# people, on average over the window; the same states as `small_state` in countries.csv
SMALL = 1_500_000
DRAWS = 20_000  # of the label, for the rate ratios
EXPOSURE_NAMES = {"person_years": "per head", "admin1": "per first-level unit"}


def estimate(tables: Tables, selection: Selection, *, undated: str, at_least: int) -> float:
    """Share of the countries with at least `at_least` local engagements."""
    inputs.one_of(undated, ("exclude", "include"), "undated")
    if at_least < 1:
        raise InputError(
            "parameter at_least", value=at_least, expected="a number of engagements, 1 or more"
        )
    counts = panel.countries(tables, selection, undated=undated)["engagements"].to_numpy()
    if counts.sum() == 0:
        raise NotTestable("no local engagement in the selection")
    return float((counts >= at_least).mean())


def interval(
    tables: Tables, selection: Selection, *, undated: str, at_least: int
) -> tuple[float, float]:
    """Interval of `estimate`, as in `test`."""
    reached = panel.countries(tables, selection, undated=undated)["engagements"] >= at_least
    return proportion(int(reached.sum()), len(reached), level=plan.load()["reach"].level).interval


def test(
    tables: Tables, selection: Selection, *, seed: int, undated: str, at_least: int
) -> Finding:
    """Exact binomial of the countries reached against one half, with Fisher's test of small against
    larger states.

    Source: Clopper and Pearson (1934), Biometrika 26; Fisher (1935), JRSS 98.
    """
    share = estimate(tables, selection, undated=undated, at_least=at_least)
    table = _by_country(tables, selection, undated, at_least)
    if not table["small"].any():
        raise NotTestable("no state of fewer than 1.5 million people is left in the selection")
    planned, found = plan.load()["reach"], _found(tables, selection, undated)
    main = proportion(
        int(table["reached"].sum()), len(table), null=planned.null_value, level=planned.level
    )
    shares = _shares(table, planned.level)
    small = shares.set_index("states").loc["small states", "share"]
    return Finding(
        estimate=share,
        low=main.interval[0],
        high=main.interval[1],
        interval_method="Clopper-Pearson",
        p=main.p,
        p_method=f"exact binomial test against {planned.null_value}, two-sided",
        null_value=planned.null_value,
        n_countries=len(table),
        n_places=found["place_id"].nunique(),
        n_engagements=len(found),
        conditions={"small_states_reached": bool(small >= planned.sesoi)},
        smallest_detectable=power.binomial_detectable(
            len(table), planned.null_value, alternative="two-sided"
        ),
        secondary=(
            *map(_share_result, shares.itertuples()),
            _fisher(table),
            *_rates(table, seed),
            _possible(tables, selection, at_least),
            _own(table),
            _silent(table),
        ),
        detail={"table": table, "shares": shares},
    )


def _by_country(tables: Tables, selection: Selection, undated: str, at_least: int) -> pd.DataFrame:
    """`panel.countries` with small, reached, had_roc, person_years, and what the country's own nine
    queries gave.

    The latter are query_records (of any level and date) and own (the engagements that its queries
    found). Years before
    the tables begin count with the mean population of the others; person_years is NaN where there
    are no others.
    """
    table = panel.countries(tables, selection, undated=undated)
    cells = panel.country_cells(tables, selection).groupby("iso3")
    people = cells["population"].mean().reindex(table.index)
    queries = tables.search_log[tables.search_log["template"].str.startswith("T")]
    found = _found(tables, selection, undated)[["country", "query_ids"]]
    by_query = found.assign(query=found["query_ids"].str.split("; ")).explode("query")
    by_query["own"] = (
        by_query["query"].map(queries.set_index("query_id")["target"]) == by_query["country"]
    )
    own = by_query.groupby(level=0)["own"].any().groupby(found["country"]).sum()
    return table.assign(
        small=(people < SMALL).where(people.notna(), table["small_state"] == 1),
        reached=table["engagements"] >= at_least,
        person_years=people * table["none"],
        had_roc=cells["roc_recognition"].any().reindex(table.index),
        query_records=queries.groupby("target")["records_coded"]
        .sum()
        .reindex(table.index, fill_value=0),
        own=own.reindex(table.index, fill_value=0).astype("int64"),
    )


def _found(tables: Tables, selection: Selection, undated: str) -> pd.DataFrame:
    columns = ("country", "place_id", "query_ids", "date_start", "date_end")
    found = panel.chosen(tables, selection, any_date=undated == "include", columns=columns)
    return found[panel.possible(found, selection)]


def _shares(table: pd.DataFrame, level: float) -> pd.DataFrame:
    """Share reached with exact interval, by kind of state. Columns states, reached, n, share, low,
    high.
    """
    kinds = {
        "all states": table["reached"],
        "small states": table.loc[table["small"], "reached"],
        "larger states": table.loc[~table["small"], "reached"],
        "recognised Beijing throughout": table.loc[~table["had_roc"], "reached"],
        "recognised Taipei in some year": table.loc[table["had_roc"], "reached"],
    }
    rows = []
    for name, reached in kinds.items():
        if len(reached):
            result = proportion(int(reached.sum()), len(reached), level=level)
            rows.append((name, int(reached.sum()), result.n, result.estimate, *result.interval))
    return pd.DataFrame(rows, columns=["states", "reached", "n", "share", "low", "high"])


def _share_result(row) -> Result:
    name, note = f"share reached, {row.states}", f"{row.reached} of {row.n}"
    return Result(name, row.share, row.low, row.high, unit="share of countries", n=row.n, note=note)


def _fisher(table: pd.DataFrame) -> Result:
    name = "small against larger states reached (Fisher)"
    small, reached = table["small"], table["reached"]
    try:
        cells = [[(kind & reached).sum(), (kind & ~reached).sum()] for kind in (small, ~small)]
        test = odds_ratio(cells)
    except ValueError:
        return Result(name, note="not estimable: every country, or none, is reached or small")
    return Result(name, test.estimate, *test.interval, test.p, "odds ratio", test.n)


def _rates(table: pd.DataFrame, seed: int) -> list[Result]:
    """Rate ratio of small against larger states, the label given to other sets of as many
    countries.
    """
    results = []
    for exposure, words in EXPOSURE_NAMES.items():
        name = f"local engagements {words}, small against larger states"
        arguments = [table[column].to_numpy() for column in ("engagements", exposure, "small")]
        try:
            test = randomisation.label_test(*arguments, draws=DRAWS, seed=seed)
            interval = randomisation.interval_by_inversion(*arguments, draws=DRAWS, seed=seed)
        except InputError:
            results.append(
                Result(name, note="not estimable: no larger state, or no population in these years")
            )
            continue
        results.append(Result(name, test.statistic, *interval, test.p, "rate ratio", len(table)))
    return results


def _possible(tables: Tables, selection: Selection, at_least: int) -> Result:
    """The smallest and the largest share that undated engagements leave possible."""
    shares = []
    for undated in ("exclude", "include"):
        counts = panel.countries(tables, selection, undated=undated)["engagements"]
        shares.append(float((counts >= at_least).mean()))
    note = "none, or all, of the engagements whose date may lie outside the window are in it"
    return Result(
        "share reached, bounds for undated engagements",
        None,
        *shares,
        unit="share of countries",
        note=note,
    )


def _own(table: pd.DataFrame) -> Result:
    own, n = int(table["own"].sum()), int(table["engagements"].sum())
    note = f"{own} of {n}; a query for another country, or for a Chinese province, or no query found the others"
    return Result(
        "share of local engagements that their own country's queries found", own / n, n=n, note=note
    )


def _silent(table: pd.DataFrame) -> Result:
    """A zero means little where a country's own queries gave nothing at all."""
    missed = table.loc[~table["reached"], "query_records"].sort_index()
    name = "countries not reached whose own queries gave no record of any kind"
    yields = ", ".join(f"{iso} {n}" for iso, n in missed.items()) or "every country is reached"
    return Result(
        name,
        float((missed == 0).sum()),
        unit="countries",
        n=len(missed),
        note=f"records by country not reached: {yields}",
    )
