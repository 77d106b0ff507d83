"""Claim 9: is local outreach more prominent where relations with China are strained?"""

import numpy as np
import pandas as pd

from lac_analysis import charts, config, panel
from lac_analysis.charts import Picture
from lac_analysis.claims import share, share_charts
from lac_analysis.claims.finding import Finding, NotTestable, Result, show
from lac_analysis.claims.picture import draw, drawn
from lac_analysis.claims.plan import Plan
from lac_analysis.errors import InputError
from lac_analysis.panel import Selection
from lac_analysis.stats import inputs, rates
from lac_analysis.stats.assignments import strata
from lac_analysis.stats.history_score import history_score
from lac_analysis.stats.local_share import LocalShare
from lac_analysis.tables import Tables

DEFINITIONS = {
    "gap": "far from China at the UN",
    "agreement": "low UN agreement with China",
    "no_bri": "no Belt and Road memorandum",
    "no_partnership": "no partnership label",
}
GRADED = ("gap", "agreement")  # the odds ratio is per interquartile contrast; else yes against no
RECOGNITION = ("throughout", "at_end")
AROUND = range(-5, 6)  # years around a recognition switch
DRAWS = 1999  # histories permuted in each secondary test


def table(
    tables: Tables, selection: Selection, *, definition: str, recognition: str, excerpts: str
) -> pd.DataFrame:
    """One row a country that recognises the PRC: excerpts of either level, label, size."""
    score = strain(tables, selection, definition)
    score = score[recognises_prc(tables, selection, recognition).reindex(score.index)]
    if definition in GRADED and score.notna().any():
        score = score / (score.quantile(0.75) - score.quantile(0.25))
    return share.table(tables, selection, score, excerpts)


def strain(tables: Tables, selection: Selection, definition: str) -> pd.Series:
    """How strained relations are by ISO3: the mean of the window, or (memorandum, partnership) 1
    where there is none at its end. Raises InputError for an unknown definition.
    """
    inputs.one_of(definition, tuple(DEFINITIONS), "definition")
    cells = panel.country_cells(tables, selection).set_index(["iso3", "year"])
    if definition == "gap":
        return cells["ideal_point_gap_china"].groupby("iso3").mean()
    if definition == "agreement":
        return -cells["unga_agreement_china"].groupby("iso3").mean()
    column = "bri_member" if definition == "no_bri" else "prc_partnership_level"
    last = cells[column].groupby("iso3").last()
    return (last == 0).astype(float).where(last.notna())


def recognises_prc(tables: Tables, selection: Selection, recognition: str) -> pd.Series:
    """True for countries that recognise the PRC throughout the window, or at its end, by ISO3."""
    inputs.one_of(recognition, RECOGNITION, "recognition")
    cells = panel.country_cells(tables, selection)
    roc = cells.pivot(index="iso3", columns="year", values="roc_recognition")
    return (roc == 0).all(axis=1) if recognition == "throughout" else roc.iloc[:, -1] == 0


def estimate(
    tables: Tables,
    selection: Selection,
    *,
    definition: str,
    recognition: str,
    excerpts: str,
    controls: str,
) -> float:
    """Odds ratio of the local share per interquartile contrast of the score."""
    choices = {"definition": definition, "recognition": recognition, "excerpts": excerpts}
    return share.estimate(table(tables, selection, **choices), controls)


def analyse(
    tables: Tables, selection: Selection, plan: Plan, *, seed: int, controls: str, **choices
) -> Finding:
    """The steps of notebook 09. `choices` : definition, recognition and excerpts, as in `table`."""
    countries = table(tables, selection, **choices)
    share.check(countries, plan)
    model = share.fit(countries, controls)
    test = share.permute(model, countries["third"], seed=seed, draws=plan.entry["draws"])
    power = share.design(countries, plan, controls, seed=seed)
    others = definitions(tables, selection, controls, seed=seed, **choices)
    panels = panel_tests(tables, selection, seed=seed)
    return finding(countries, test, power, others, panels, controls, seed=seed)


def finding(
    countries: pd.DataFrame,
    test: LocalShare,
    power: pd.DataFrame,
    others: pd.DataFrame,
    panels: tuple[Result, ...],
    controls: str,
    *,
    seed: int,
) -> Finding:
    """The finding: the share's test, other definitions, and counts on the country-year panel.

    countries : of `table`.   test : of `share.permute`.   power : of `share.design`.
    others : of `definitions`.   panels : of `panel_tests`.
    """
    secondary = (
        *(
            Result(f"local share: {r.name}", r.ratio, r.low, r.high, r.p, "odds ratio", r.n, r.note)
            for r in others.itertuples()
        ),
        *panels,
        *share.other_ways(countries, controls, seed=seed),
    )
    return share.finding(countries, test, power, secondary, definitions=others)


def definitions(
    tables: Tables,
    selection: Selection,
    controls: str,
    *,
    seed: int,
    definition: str,
    recognition: str,
    excerpts: str,
) -> pd.DataFrame:
    """The primary test by every definition: name, ratio, low, high, p, n, note, chosen."""
    rows = []
    for key, name in DEFINITIONS.items():
        row = {"name": name, "chosen": key == definition, "note": ""}
        countries = table(
            tables, selection, definition=key, recognition=recognition, excerpts=excerpts
        )
        try:
            if countries["label"].nunique() < 2:
                raise NotTestable("all countries are alike")
            test = share.permute(share.fit(countries, controls), countries["third"], seed=seed)
            row |= {"ratio": test.ratio, "low": test.low, "high": test.high, "p": test.p}
        except (NotTestable, InputError) as problem:
            row |= dict.fromkeys(("ratio", "low", "high", "p"), np.nan) | {"note": str(problem)}
        rows.append(row | {"n": len(countries)})
    return pd.DataFrame(rows)


def panel_tests(tables: Tables, selection: Selection, *, seed: int) -> tuple[Result, ...]:
    """Counts by country and year: Poisson with year (and country) effects and free size, score
    studentised by country, histories permuted within thirds by population.
    """
    cells = panel.country_cells(tables, selection)
    prc = recognises_prc(tables, selection, "throughout")
    cells = cells[cells["iso3"].map(prc)]
    results = []
    for column, name, sign in (
        ("ideal_point_gap_china", DEFINITIONS["gap"], 1),
        ("unga_agreement_china", DEFINITIONS["agreement"], -1),
    ):
        known = cells.groupby("iso3")[column].transform(lambda values: values.notna().all())
        for effects in (False, True):
            title = f"counts a country-year: {name}{', country effects' if effects else ''}"
            results.append(_panel_test(cells[known], column, sign, effects, title, seed))
    return tuple(results)


def _panel_test(
    cells: pd.DataFrame, column: str, sign: int, effects: bool, title: str, seed: int
) -> Result:
    if effects:  # a country without an event says nothing about its own years
        cells = cells[cells.groupby("iso3")["engagements"].transform("sum") > 0]
    n = cells["iso3"].nunique()
    if n < 6:
        return Result(title, n=n, note="too few countries with a known score in every year")
    wide = {
        name: cells.pivot(index="iso3", columns="year", values=name).to_numpy(dtype=float)
        for name in ("engagements", "population", column)
    }
    periods = wide["population"].shape[1]
    size = np.log(wide["population"])
    years = np.broadcast_to(np.eye(periods), (n, periods, periods))
    columns = [years, size[..., None]]
    if effects:
        columns.append(np.broadcast_to(np.eye(n)[:, None, 1:], (n, periods, n - 1)))
    score = sign * wide[column]
    score = score / (np.quantile(score, 0.75) - np.quantile(score, 0.25))
    thirds = strata(size.mean(axis=1))
    controls = np.concatenate(columns, axis=2)
    try:
        test = history_score(wide["engagements"], score, controls, thirds, draws=DRAWS, seed=seed)
    except InputError as problem:
        return Result(title, n=n, note=str(problem))
    note = f"{int(wide['engagements'].sum())} engagements; per interquartile contrast"
    return Result(title, test.ratio, p=test.p, unit="rate ratio", n=n, note=note)


def switches(tables: Tables, selection: Selection) -> pd.DataFrame:
    """Local engagements a country-year around each switch to the PRC in the window.

    Columns time (years from the switch, -5 to 5), engagements, country_years, rate, low, high
    (exact). Years outside 2000-2025 are not observed.
    """
    first, last = config.REPORT_WINDOW[0], config.OUT_OF_SAMPLE_WINDOW[1]
    cells = panel.country_cells(tables, selection.replace(window_start=first, window_end=last))
    counts = cells.set_index(["iso3", "year"])["engagements"]
    turned = _turned(tables.recognition, selection)
    rows = []
    for time in AROUND:
        seen = [
            counts[iso, year + time] for iso, year in turned if (iso, year + time) in counts.index
        ]
        total, n = int(sum(seen)), len(seen)
        low, high = rates.rate_interval(total, n) if n else (np.nan, np.nan)
        rows.append((time, total, n, total / n if n else np.nan, low, high))
    return pd.DataFrame(
        rows, columns=["time", "engagements", "country_years", "rate", "low", "high"]
    )


def _turned(recognition: pd.DataFrame, selection: Selection) -> list[tuple[str, int]]:
    """Countries and years that turned from the ROC to the PRC within the window."""
    spells = recognition[~recognition["iso3"].isin(selection.drop_countries)]
    before = set(spells.loc[spells["recognises"] == "ROC", "iso3"])
    to_prc = spells[(spells["recognises"] == "PRC") & spells["iso3"].isin(before)]
    to_prc = to_prc[to_prc["from"] != ""]
    years = to_prc["from"].str[:4].astype(int)
    turned = zip(to_prc["iso3"], years, strict=True)
    return [(iso, year) for iso, year in turned if year in selection.years]


def episodes(tables: Tables, selection: Selection) -> pd.DataFrame:
    """Strain episodes as cases: country, start, end, breadth, basis, and the local engagements of
    the country in the year before, during and in the year after.
    """
    local = panel.chosen(
        tables, selection.replace(window_start=config.FIRST_YEAR, window_end=config.LAST_YEAR)
    )
    rows = []
    for episode in tables.strain_episodes.itertuples():
        own = local[local["country"] == episode.iso3]
        start, end = pd.Timestamp(episode.start), pd.Timestamp(episode.end) + pd.offsets.MonthEnd(0)
        year = pd.DateOffset(years=1)
        spans = {
            "before": (start - year, start),
            "during": (start, end),
            "after": (end, end + year),
        }
        rows.append(
            {"country": episode.iso3, "start": episode.start, "end": episode.end}
            | {"breadth": episode.breadth, "basis": episode.basis}
            | {
                name: int(((own["date_start"] >= low) & (own["date_end"] < high)).sum())
                for name, (low, high) in spans.items()
            }
        )
    return pd.DataFrame(rows)


@drawn
def draw_definitions(finding: Finding) -> Picture:
    """The same test by four definitions of strained relations."""
    table = finding.detail["definitions"]
    known = table.dropna(subset="ratio")
    told = "; ".join(
        f"{r.name} {show(r.ratio)} ({show(r.low)} to {show(r.high)})" for r in known.itertuples()
    )
    return draw(
        finding, "definitions", charts.forest, table, "name", "ratio", "low", "high",
        sesoi=finding.sesoi,
        title=f"By {int((known['ratio'] > 1).sum())} of {len(known)} definitions the local share "
        "is larger where relations are strained",
        subtitle="Odds ratio of the local share of excerpts, strained against other states of the "
        "same size that recognise Beijing",
        when=f"{finding.level:.0%} interval", caption=share_charts.caption(finding),
        axis="odds ratio (log scale)",
        alt=f"Odds ratios by definition of strained relations: {told}.",
    )  # fmt: skip


def draw_switches(table: pd.DataFrame, finding: Finding) -> Picture:
    """Engagements around the switches from Taipei to Beijing, from `switches`."""
    before, after = (
        table[table["time"].between(*span)] for span in ((AROUND[0], -1), (1, AROUND[-1]))
    )
    mean = [
        part["engagements"].sum() / max(part["country_years"].sum(), 1) for part in (before, after)
    ]
    told = "; ".join(f"{r.time} {show(r.rate)}" for r in table.itertuples())
    return draw(
        finding, "switches", charts.event_study, table, "time", "rate", "low", "high",
        event="switch",
        title=f"Local engagements a year: {mean[0]:.1g} before a switch, {mean[1]:.1g} after",
        subtitle="Local engagements a country and year around switches from the ROC to the PRC, "
        "exact interval",
        axis="years from the switch",
        alt=f"Mean local engagements a country-year by years from the switch: {told}.",
    )  # fmt: skip


def draw_shares(finding: Finding) -> Picture:
    """Local share of every country, by its score."""
    return share_charts.draw_score(finding, DEFINITIONS[finding.parameters["definition"]])


def draw_chance(finding: Finding) -> Picture:
    """The score of other hand-outs of the scores among countries."""
    return share_charts.draw_chance(finding, "strained against other states")
