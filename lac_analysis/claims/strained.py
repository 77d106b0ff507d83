"""Claim 9: is local outreach more prominent where relations with China are strained?"""

from functools import partial

import numpy as np
import pandas as pd
from statsmodels.stats.rates import confint_poisson

from lac_analysis import config, panel
from lac_analysis.claims import definitions, share
from lac_analysis.claims.finding import Finding, Result
from lac_analysis.claims.plan import Plan
from lac_analysis.errors import one_of
from lac_analysis.selection import Selection, chosen
from lac_analysis.stats.assignments import strata
from lac_analysis.stats.history_score import history_score
from lac_analysis.tables import Tables

DEFINITIONS = definitions.WORDS["strained"]
# definition -> its column of country-years: of the first two, with the sign that makes it strain,
# the mean of the window; of the last two, strained where there is none at its end
_SCORES = {"gap": ("ideal_point_gap_china", 1), "agreement": ("unga_agreement_china", -1)}
_BINARY = {"no_bri": "bri_member", "no_partnership": "prc_partnership_level"}
YEARS_AROUND = 5  # a recognition switch
DRAWS = 9_999  # histories permuted in each secondary test


def table(
    tables: Tables, selection: Selection, *, definition: str | pd.Series, recognition: str,
    **choices,
) -> pd.DataFrame:  # fmt: skip
    """One row a country that recognises the PRC: excerpts of either level, label (per interquartile
    contrast of a score), size. `choices` and columns as of `share.table`.
    """
    score = label(tables, selection, definition)
    score = score[recognises_prc(tables, selection, recognition).reindex(score.index)]
    if not (isinstance(definition, str) and definition in _BINARY) and score.notna().any():
        # a user's own score may be the same for half of the countries, or a label: per its range
        spread = (score.quantile(0.75) - score.quantile(0.25)) * (score.nunique() > 2)
        score = score / (spread or score.max() - score.min() or 1)
    return share.table(tables, selection, score, **choices)


def label(tables: Tables, selection: Selection, definition: str | pd.Series) -> pd.Series:
    """How strained relations are by ISO3: the mean of the window, or (memorandum, partnership) 1
    where there is none at its end, or a user's own score.

    Raises InputError for an unknown definition, as `definitions.own`.
    """
    own = definitions.own(definition, DEFINITIONS, selection)
    if own is not None:
        return own
    cells = panel.country_cells(tables, selection).groupby("iso3")
    if definition in _SCORES:
        column, sign = _SCORES[definition]
        return sign * cells[column].mean()
    last = cells[_BINARY[definition]].last()
    return (last == 0).astype(float).where(last.notna())


def recognises_prc(tables: Tables, selection: Selection, recognition: str) -> pd.Series:
    """True for countries that recognise the PRC throughout the window, or at its end, by ISO3."""
    one_of(recognition, ("throughout", "at_end"), "recognition")
    if recognition == "throughout":
        return ~panel.recognised_roc(tables, selection)
    return panel.country_cells(tables, selection).groupby("iso3")["roc_recognition"].last() == 0


estimate = share.estimator(table)


def analyse(
    tables: Tables, selection: Selection, plan: Plan, *, seed: int, controls: str, **choices
) -> Finding:
    """The steps of notebook 09. `choices` as in `table`."""
    countries = table(tables, selection, **choices)
    controls = share.terms(controls, choices.get("covariates"))
    test, power = share.test_and_design(countries, plan, controls, seed=seed)
    beside = by_definition(tables, selection, controls, seed=seed, **choices)
    beside += panel_tests(tables, selection, seed=seed)
    return share.finding(countries, test, power, controls, beside, seed=seed)


def by_definition(
    tables: Tables, selection: Selection, controls: str, *, seed: int, definition, **choices
) -> list[Result]:
    """The primary test by the plan's other definitions. `choices` as in `table`."""
    each = {
        f"local share: {name}": table(tables, selection, definition=other, **choices)
        for other, name in DEFINITIONS.items()
        if not (isinstance(definition, str) and definition == other)
    }
    return [share.secondary(n, c, controls, c["third"], seed=seed) for n, c in each.items()]


def panel_tests(tables: Tables, selection: Selection, *, seed: int) -> list[Result]:
    """Counts by country and year: Poisson with year (and country) effects and free size, score
    studentised by country, histories permuted within thirds by population.
    """
    cells = panel.country_cells(tables, selection)
    cells = cells[cells["iso3"].map(recognises_prc(tables, selection, "throughout"))]
    results = []
    for definition, (column, sign) in _SCORES.items():
        known = cells.groupby("iso3")[column].transform("count") == len(selection.years)
        scored = cells[known].assign(score=sign * cells[column])
        # a country without an event says nothing about its own years
        events = scored[scored.groupby("iso3")["engagements"].transform("sum") > 0]
        name = f"counts a country-year: {DEFINITIONS[definition]}"
        results.append(_panel_test(scored, name, seed, effects=False))
        results.append(_panel_test(events, f"{name}, country effects", seed, effects=True))
    return results


def _panel_test(cells: pd.DataFrame, name: str, seed: int, *, effects: bool) -> Result:
    n = cells["iso3"].nunique()
    if n < 6:
        return Result(name, n=n, note="too few countries with a known score in every year")
    wide = {
        column: cells.pivot(index="iso3", columns="year", values=column).to_numpy(dtype=float)
        for column in ("engagements", "population", "score")
    }
    size, score = np.log(wide["population"]), wide["score"]
    periods = size.shape[1]
    # controls of each country and year: a dummy a year, size, and a dummy a country but the first
    columns = [np.broadcast_to(np.eye(periods), (n, periods, periods)), size[..., None]]
    if effects:
        columns.append(np.broadcast_to(np.eye(n)[:, None, 1:], (n, periods, n - 1)))
    score = score / (np.quantile(score, 0.75) - np.quantile(score, 0.25))
    given = score, np.concatenate(columns, axis=2), strata(size.mean(axis=1))
    fit = partial(history_score, wide["engagements"], *given, draws=DRAWS, seed=seed)
    note = f"{int(wide['engagements'].sum())} engagements of states that recognise "
    note += "Beijing throughout; per interquartile contrast"
    return Result.of(name, fit, "rate ratio", note, n)


def switches(tables: Tables, selection: Selection) -> pd.DataFrame:
    """Local engagements a country-year around each switch to the PRC in the window.

    Columns time (years from the switch, -5 to 5), engagements, country_years, rate, low, high
    (exact). Years outside 2000-2025 are not observed.
    """
    first, last = config.REPORT_WINDOW[0], config.OUT_OF_SAMPLE_WINDOW[1]
    cells = panel.country_cells(tables, selection.replace(window_start=first, window_end=last))
    spells = tables.recognition
    roc = spells.loc[spells["recognises"] == "ROC", "iso3"]
    to_prc = spells[(spells["recognises"] == "PRC") & (spells["from"] != "")]
    to_prc = to_prc[to_prc["iso3"].isin(roc)].assign(turned=to_prc["from"].str[:4].astype(int))
    to_prc = to_prc[to_prc["turned"].isin(selection.years)]
    around = cells.merge(to_prc[["iso3", "turned"]], on="iso3")
    counts = around.groupby(around["year"] - around["turned"])["engagements"].agg(["sum", "size"])
    counts = counts.reindex(range(-YEARS_AROUND, YEARS_AROUND + 1), fill_value=0)
    table = counts.set_axis(["engagements", "country_years"], axis=1).rename_axis("time")
    years = table["country_years"].where(table["country_years"] > 0)
    table["rate"] = table["engagements"] / years
    exact = confint_poisson(table["engagements"], years, method="exact-c")  # Garwood's
    table[["low", "high"]] = np.where(years.isna(), np.nan, exact).T
    return table.reset_index()


def episodes(tables: Tables, selection: Selection) -> pd.DataFrame:
    """Strain episodes of the countries kept, as cases: country, start, end, breadth, basis, and the
    local engagements of the country in the year before, during and in the year after.
    """
    every = selection.replace(window_start=config.FIRST_YEAR, window_end=config.LAST_YEAR)
    local, year = chosen(tables, every), pd.DateOffset(years=1)
    rows, dropped = [], tables.strain_episodes["iso3"].isin(selection.drop_countries)
    for episode in tables.strain_episodes[~dropped].itertuples():
        start, last = pd.Timestamp(episode.start), pd.Timestamp(episode.end)
        end = last + pd.offsets.MonthEnd(0) + pd.Timedelta(days=1)  # the day after it
        row = [episode.iso3, episode.start, episode.end, episode.breadth, episode.basis]
        for low, high in ((start - year, start), (start, end), (end, end + year)):
            inside = (local["date_start"] >= low) & (local["date_end"] < high)
            row.append(int((inside & (local["country"] == episode.iso3)).sum()))
        rows.append(row)
    columns = ["country", "start", "end", "breadth", "basis", "before", "during", "after"]
    return pd.DataFrame(rows, columns=columns)
