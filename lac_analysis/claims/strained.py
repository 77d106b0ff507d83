"""Claim 9: is local engagement more frequent where relations with China are strained?"""

from functools import lru_cache

import numpy as np
import pandas as pd

from lac_analysis import panel
from lac_analysis.claims import plan
from lac_analysis.claims.exposures import need_exposures
from lac_analysis.claims.finding import Finding, NotTestable, Result
from lac_analysis.errors import InputError
from lac_analysis.panel import Selection
from lac_analysis.stats import power, rates, spells
from lac_analysis.stats.randomisation import permutation_p
from lac_analysis.tables import Tables

DEFINITIONS = {
    "roc": "recognises the ROC",
    "narrow": "narrow strain episode",
    "broad": "narrow or broad strain episode",
    "gap": "far from China at the UN (top third)",
    "agreement": "low UN agreement with China (bottom third)",
    "no_bri": "no Belt and Road memorandum, from 2018",
    "no_partnership": "no partnership label",
}
FIRST_BRI_YEAR = 2018
AROUND = range(-5, 6)  # years around a recognition switch


def estimate(tables: Tables, selection: Selection, **options) -> float:
    """Rate ratio of local engagements, strained against other country-years, within the year."""
    events, exposure, label = _panel(tables, selection, **_panel_options(options))
    ratio = spells.log_rate_ratios(
        events, exposure, label, unit_effects=options["country_effects"]
    )[0]
    if np.isnan(ratio):
        raise NotTestable("the label does not vary within the years of the window")
    return float(np.exp(ratio))


def test(tables: Tables, selection: Selection, *, seed: int, **options) -> Finding:
    """Whole label histories permuted among countries, for the chosen definition; every other
    definition as secondary.

    Source: Fisher (1935); Hausman, Hall and Griliches (1984), Econometrica 52(4), for the panel
    model.
    """
    draws = plan.load()["strained"].entry["draws"]
    events, exposure, label = _panel(tables, selection, **_panel_options(options))
    try:
        main = spells.spell_test(
            events, exposure, label, unit_effects=options["country_effects"], draws=draws, seed=seed
        )
    except InputError as problem:
        raise NotTestable(str(problem)) from None
    low, high = main.interval or (None, None)
    found = panel.chosen(tables, selection)
    definitions = _every_definition(tables, selection, options["exposure"], draws, seed)
    switches = event_study(tables, selection)
    return Finding(
        estimate=main.ratio,
        low=low,
        high=high,
        interval_method="inversion of the randomisation test"
        if main.interval
        else "none with country effects",
        p=main.p,
        p_method=f"label histories permuted among countries, two-sided, {main.arrangements:,} "
        f"{'arrangements, all' if main.exact else 'random arrangements'}",
        null_value=1.0,
        n_countries=len(label),
        n_places=found["place_id"].nunique(),
        n_engagements=int(np.nansum(events[~np.isnan(label)])),
        smallest_detectable=power.smallest_detectable(
            power.history_power(events, exposure, label, seed=seed), 1.0, 64.0
        ),
        secondary=tuple(
            [_as_result(row) for row in definitions.itertuples()]
            + _against_other_tiers(tables, selection, options, main, draws, seed)
        ),
        detail={
            "definitions": definitions,
            "switches": switches,
            "test": main,
            **_spells_drawn(tables, selection),
        },
    )


def labels(
    tables: Tables, selection: Selection, definition: str, prc_recognising_only: bool = False
) -> np.ndarray:
    """Strained (1), not (0) or not known (NaN), by country (rows, sorted ISO3) and year of the
    window (columns).
    """
    window = (selection.window_start, selection.window_end)
    return _labels(tables, window, selection.drop_countries, definition, prc_recognising_only)


@lru_cache(maxsize=1024)
def _labels(tables, window, drop_countries, definition, prc_recognising_only) -> np.ndarray:
    wide = _covariates(tables, window, drop_countries)
    roc = wide["roc_recognition"]
    if prc_recognising_only:
        return np.where(
            roc == 0, _labels(tables, window, drop_countries, definition, False), np.nan
        )
    years = roc.columns.to_numpy()
    if definition == "roc":
        label = roc
    elif definition in ("narrow", "broad"):
        label = _episodes(
            tables.strain_episodes,
            roc,
            ("narrow",) if definition == "narrow" else ("narrow", "broad"),
        )
    elif definition == "gap":
        label = _third(wide["ideal_point_gap_china"])
    elif definition == "agreement":
        label = _third(-wide["unga_agreement_china"])
    elif definition == "no_bri":
        label = (
            (wide["bri_member"] == 0)
            .astype(float)
            .where(wide["bri_member"].notna() & (years >= FIRST_BRI_YEAR))
        )
    elif definition == "no_partnership":
        label = (
            (wide["prc_partnership_level"] == 0)
            .astype(float)
            .where(wide["prc_partnership_level"].notna())
        )
    else:
        raise InputError(
            "unknown definition of strained", value=definition, expected=", ".join(DEFINITIONS)
        )
    return label.to_numpy(dtype=float)


@lru_cache(maxsize=64)
def _covariates(tables, window, drop_countries) -> dict[str, pd.DataFrame]:
    cells = panel.country_cells(tables, Selection(*window, drop_countries=drop_countries))
    names = (
        "roc_recognition",
        "ideal_point_gap_china",
        "unga_agreement_china",
        "bri_member",
        "prc_partnership_level",
    )
    return {name: _wide(cells, name) for name in names}


def event_study(tables: Tables, selection: Selection) -> pd.DataFrame:
    """Local engagements a country-year around each switch to the PRC in the window, years -5 to 5,
    exact interval.

    Columns time, engagements, country_years, rate, low, high. Years outside 2000-2025 are not
    observed.
    """
    first, last = panel.config.REPORT_WINDOW[0], panel.config.OUT_OF_SAMPLE_WINDOW[1]
    cells = panel.country_cells(tables, selection.replace(window_start=first, window_end=last))
    counts = cells.set_index(["iso3", "year"])["engagements"]
    switches = _switches(tables.recognition, selection)
    rows = []
    for time in AROUND:
        values = [
            counts[iso, year + time] for iso, year in switches if (iso, year + time) in counts.index
        ]
        total, n = int(sum(values)), len(values)
        low, high = rates.rate_interval(total, n) if n else (np.nan, np.nan)
        rows.append((time, total, n, total / n if n else np.nan, low, high))
    return pd.DataFrame(
        rows, columns=["time", "engagements", "country_years", "rate", "low", "high"]
    )


def _switches(recognition: pd.DataFrame, selection: Selection) -> list[tuple[str, int]]:
    """Countries and years that turned from the ROC to the PRC within the window."""
    spells_ = recognition[~recognition["iso3"].isin(selection.drop_countries)]
    before = set(spells_.loc[spells_["recognises"] == "ROC", "iso3"])
    to_prc = spells_[
        (spells_["recognises"] == "PRC") & spells_["iso3"].isin(before) & (spells_["from"] != "")
    ]
    years = to_prc["from"].str[:4].astype(int)
    return [
        (iso, year)
        for iso, year in zip(to_prc["iso3"], years, strict=True)
        if year in selection.years
    ]


def _panel(tables, selection, definition, exposure, prc_recognising_only):
    need_exposures(selection)
    events, per = counts(tables, selection, exposure)
    if events.sum() == 0:
        raise NotTestable("no local engagement with a known year in the selection")
    label = labels(tables, selection, definition, prc_recognising_only)
    if not events[~np.isnan(label)].sum():
        raise NotTestable("no local engagement in the country-years for which the label is known")
    return events, per, label


def counts(tables: Tables, selection: Selection, exposure: str) -> tuple[np.ndarray, np.ndarray]:
    """Engagements and exposure, by country and year as in `labels`."""
    window = (selection.window_start, selection.window_end)
    events = panel.country_years(tables, selection).astype(float)
    return events, _exposure(tables, window, selection.drop_countries, exposure)


@lru_cache(maxsize=256)
def _exposure(tables, window, drop_countries, exposure) -> np.ndarray:
    population = _wide(
        panel.country_cells(tables, Selection(*window, drop_countries=drop_countries)), "population"
    )
    if exposure == "none":
        return np.ones(population.shape)
    if exposure == "admin1":
        units = tables.countries.set_index("iso3")["n_admin1"].reindex(population.index)
        return np.repeat(units.to_numpy(dtype=float)[:, None], population.shape[1], axis=1)
    return population.to_numpy(dtype=float)


def _panel_options(options: dict) -> dict:
    return {name: options[name] for name in ("definition", "exposure", "prc_recognising_only")}


def _wide(cells: pd.DataFrame, column: str) -> pd.DataFrame:
    """Countries in rows, years in columns. `cells` has every pair, sorted."""
    isos, years = (pd.Index(cells[name].unique(), name=name) for name in ("iso3", "year"))
    return pd.DataFrame(
        cells[column].to_numpy().reshape(len(isos), len(years)), index=isos, columns=years
    )


def _third(score: pd.DataFrame) -> pd.DataFrame:
    """1 for the third of the countries with the highest score within the year, as many as a third
    rounds to.
    """
    rank = score.rank(axis=0, ascending=False, method="min")
    return (rank <= (score.notna().sum() / 3).round()).astype(float).where(score.notna())


def _episodes(
    episodes: pd.DataFrame, like: pd.DataFrame, breadths: tuple[str, ...]
) -> pd.DataFrame:
    """1 where episodes of these breadths cover at least six months of the year."""
    months = np.zeros((len(like), 12 * len(like.columns)), dtype=bool)
    drawn = episodes[episodes["breadth"].isin(breadths) & episodes["iso3"].isin(like.index)]
    for episode in drawn.itertuples():
        start, end = (
            12 * (int(m[:4]) - like.columns[0]) + int(m[5:7]) for m in (episode.start, episode.end)
        )
        months[like.index.get_loc(episode.iso3), max(start - 1, 0) : max(end, 0)] = True
    covered = months.reshape(len(like), -1, 12).sum(2)
    return pd.DataFrame((covered >= 6).astype(float), index=like.index, columns=like.columns)


def _every_definition(tables, selection, exposure_name, draws, seed) -> pd.DataFrame:
    """Rate ratio by definition, among all and among PRC-recognising states, without and with
    country effects.
    """
    rows = []
    for definition, name in DEFINITIONS.items():
        for prc_only in (False, True) if definition != "roc" else (False,):
            for effects in (False, True):
                row = {
                    "definition": definition,
                    "name": name,
                    "prc_only": prc_only,
                    "country_effects": effects,
                }
                try:
                    events, exposure, label = _panel(
                        tables, selection, definition, exposure_name, prc_only
                    )
                    result = spells.spell_test(
                        events,
                        exposure,
                        label,
                        unit_effects=effects,
                        draws=999 if effects else draws,
                        seed=seed,
                    )
                    low, high = result.interval or (np.nan, np.nan)
                    strained = int((events * (label == 1)).sum())
                    row |= {"ratio": result.ratio, "low": low, "high": high, "p": result.p, "strained": strained,
                            "n": int(np.nansum(events[~np.isnan(label)])), "note": ""}  # fmt: skip
                except (NotTestable, InputError) as problem:
                    row |= {"ratio": np.nan, "low": np.nan, "high": np.nan, "p": np.nan, "strained": 0, "n": 0,
                            "note": f"not estimable: {problem}"}  # fmt: skip
                rows.append(row)
    return pd.DataFrame(rows)


def _as_result(row) -> Result:
    among = ", PRC-recognising states alone" if row.prc_only else ""
    effects = ", country effects" if row.country_effects else ""
    note = row.note or f"{row.strained} of {row.n} engagements in strained country-years"
    return Result(
        f"{row.name}{among}{effects}",
        row.ratio,
        row.low,
        row.high,
        row.p,
        "rate ratio",
        row.n,
        note,
    )


def _against_other_tiers(tables, selection, options, main, draws, seed) -> list[Result]:
    """Ratio of the local rate ratio to that of the state and company tiers, histories permuted for
    both alike.
    """
    name = "local relative to state and company tiers (AidData projects and CGIT deals)"
    cells = panel.country_cells(tables, selection)
    volume = _wide(cells, "gcdf_projects").fillna(0) + _wide(cells, "cgit_deals").fillna(0)
    _, exposure, label = _panel(tables, selection, **_panel_options(options))
    if volume.to_numpy().sum() == 0:
        return [Result(name, note="no volume of the other tiers in this window")]
    try:
        other = spells.spell_test(
            volume.to_numpy(float),
            exposure,
            label,
            unit_effects=options["country_effects"],
            draws=draws,
            seed=seed,
        )
    except InputError as problem:
        return [Result(name, note=f"not estimable: {problem}")]
    with np.errstate(divide="ignore", invalid="ignore"):
        relative = float(np.log(main.ratio) - np.log(other.ratio))
        null = main.null - other.null
    p = None if np.isnan(relative) else permutation_p(relative, null, exact=main.exact)
    return [
        Result(
            "state and company tiers themselves",
            other.ratio,
            *(other.interval or (None, None)),
            other.p,
            "rate ratio",
        ),
        Result(name, float(np.exp(relative)), p=p, unit="ratio of rate ratios"),
    ]


def _spells_drawn(tables: Tables, selection: Selection) -> dict:
    """Recognition spells and dated local engagements of every country that recognised the ROC since
    2000.
    """
    spells_ = tables.recognition[~tables.recognition["iso3"].isin(selection.drop_countries)]
    roc = spells_[
        (spells_["recognises"] == "ROC") & ((spells_["to"] == "") | (spells_["to"] >= "2000"))
    ]
    drawn = spells_[spells_["iso3"].isin(roc["iso3"])]
    names = tables.countries.set_index("iso3")["country"]
    wide = panel.chosen(tables, selection.replace(window_start=2000, window_end=2025))
    events = wide[wide["country"].isin(drawn["iso3"])]
    return {
        "recognition": drawn.assign(country=drawn["iso3"].map(names)),
        "engagements": pd.DataFrame(
            {"country": events["country"].map(names), "from": events["date_start"]}
        ),
    }
