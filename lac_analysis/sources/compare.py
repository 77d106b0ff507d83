"""Two tables of the same thing side by side: what each covers, what both hold, each claim's
estimate on each.
"""

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

import lac_analysis
from lac_analysis import claims, config, files, panel
from lac_analysis.claims import plan as plans
from lac_analysis.claims.finding import Finding, show, show_p
from lac_analysis.errors import InputError
from lac_analysis.records.deduplicate import deduplicate
from lac_analysis.tables import Tables

OURS = "ours"
_OUR_NAME = "our records"
_PREFIXES = (
    "P",
    "Q",
)  # before the identifiers, so that the two sides are two hands to the rules of deduplication
_WITHOUT_RECORDS = ("tiers",)  # claims that use no engagement record
_BY = ("country", "year", "activity", "level")


@dataclass(frozen=True, eq=False)
class Comparison:
    """Attributes
    ----------
    names : what A and B are called. window : years that both cover, within the report's.
    coverage : by (country, year, activity, level), value, a, b: local engagements of each.
    overlap : country, a, b, both: local engagements; an engagement that either holds in several
        records counts once.
    matches : a, b (record identifiers, joined), country, description_a, description_b, of the
        engagements in both.
    estimates : claim, unit, and of each side estimate, low, high, p, n, verdict, with the
        suffixes _a and _b.
    findings : claim -> the finding on A and that on B.
    most_in_both : of the engagements with a certain year, how many could at most be in both, by
        country and year.
    """

    names: tuple[str, str]
    window: tuple[int, int]
    coverage: pd.DataFrame
    overlap: pd.DataFrame
    matches: pd.DataFrame
    estimates: pd.DataFrame
    findings: dict[str, tuple[Finding, Finding]]
    most_in_both: int


def compare(a: str, b: str) -> Comparison:
    """Compare two tables of engagement records; 'ours' names the project's own.

    Coverage and overlap use all local engagements. The claims are tested on all records of each
    side, in the years of
    the report's window from the first to the last dated local engagement that both sides have.

    Raises
    ------
    InputError : a table cannot be used, or the two have no year in common.
    """
    sides = [lac_analysis.load("" if name == OURS else name) for name in (a, b)]
    names = _names(a, b)
    window = _common_window(sides, names)
    overlap, matches = link(*sides)
    findings = _findings(sides, window)
    estimates, covered = _estimates(findings), coverage(*sides)
    return Comparison(
        names, window, covered, overlap, matches, estimates, findings, _most_in_both(*sides)
    )


def save(comparison: Comparison, folder: Path) -> list[Path]:
    """Write coverage.csv, overlap.csv, matches.csv, estimates.csv and the pictures. Returns the
    paths.
    """
    from lac_analysis.sources import compare_figures

    written = [
        files.write_csv(folder / f"{name}.csv", getattr(comparison, name))
        for name in ("coverage", "overlap", "matches", "estimates")
    ]
    for picture in compare_figures.pictures(comparison).values():
        written += picture.save(folder)
    return written


def as_text(comparison: Comparison) -> str:
    """The comparison for a terminal."""
    a, b = comparison.names
    n = comparison.overlap[["a", "b", "both"]].sum()
    lines = [f"A = {a}, B = {b}", "", "Local engagements"]
    lines.append(f"  {a} {n['a']:,}, {b} {n['b']:,}, in both {n['both']:,} (by record linkage): "
                 f"{_share(n['both'], n['a'])} of {a}, {_share(n['both'], n['b'])} of {b}")  # fmt: skip
    lines.append(
        f"  with a certain year, by country and year alone, at most {comparison.most_in_both:,} could be in both"
    )
    for by in _BY:
        table = comparison.coverage[comparison.coverage["by"] == by]
        only = [
            ((table["a"] > 0) & (table["b"] == 0)).sum(),
            ((table["b"] > 0) & (table["a"] == 0)).sum(),
        ]
        both = ((table["a"] > 0) & (table["b"] > 0)).sum()
        alike = f"; rank correlation {show(_rank_correlation(table))}" if by == "country" else ""
        lines.append(
            f"  {by}: {both} values in both, {only[0]} in A only, {only[1]} in B only{alike}"
        )
    start, end = comparison.window
    lines += ["", f"Each claim's estimate, {start}-{end}, all records of each side"]
    lines.append(
        f"  {'claim':<11}{'A':>9} {'interval':<18}{'p':>9}  {'B':>9} {'interval':<18}{'p':>9}  verdicts"
    )
    for row in comparison.estimates.itertuples():
        sides = "  ".join(
            f"{show(estimate):>9} {_interval(low, high):<18}{show_p(p):>9}"
            for estimate, low, high, p in (
                (row.estimate_a, row.low_a, row.high_a, row.p_a),
                (row.estimate_b, row.low_b, row.high_b, row.p_b),
            )
        )
        lines.append(f"  {row.claim:<11}{sides}  {row.verdict_a} / {row.verdict_b}")
    left = ", ".join(_WITHOUT_RECORDS)
    lines.append(
        f"  without {left}, which uses no engagement record; the p are not corrected for several tests"
    )
    return "\n".join(lines)


def _names(a: str, b: str) -> tuple[str, str]:
    one, other = (_OUR_NAME if name == OURS else Path(name).stem for name in (a, b))
    return (one, other) if one != other else (f"{one} (A)", f"{other} (B)")


def _local(tables: Tables) -> pd.DataFrame:
    return tables.engagements[tables.engagements["level"] != "national"]


def _common_window(sides: list[Tables], names: tuple[str, str]) -> tuple[int, int]:
    years = [_local(side)["year"].dropna() for side in sides]
    for known, name in zip(years, names, strict=True):
        if known.empty:
            raise InputError(
                "no dated local engagement",
                file=name,
                expected="at least one, to compare the claims",
            )
    start = max(config.REPORT_WINDOW[0], *(int(known.min()) for known in years))
    end = min(config.REPORT_WINDOW[1], *(int(known.max()) for known in years))
    if start > end:
        raise InputError(
            "the two have no year of the report's window in common", value=f"{start} to {end}"
        )
    return start, end


def coverage(a: Tables, b: Tables) -> pd.DataFrame:
    """Local engagements of each by country, year, activity and level: columns by, value, a, b."""
    parts = []
    for by in _BY:
        counts = [
            _local(side)[by].astype("str").fillna("not certain").value_counts() for side in (a, b)
        ]
        table = pd.concat(counts, axis=1, keys=["a", "b"]).fillna(0).astype("int64").sort_index()
        if by == "country":
            table = table.reindex(config.CELAC, fill_value=0)
        if by == "level":
            table = table.drop(index="national", errors="ignore")
        parts.append(table.rename_axis("value").reset_index().assign(by=by))
    return pd.concat(parts, ignore_index=True)[["by", "value", "a", "b"]]


def _most_in_both(a: Tables, b: Tables) -> int:
    counts = [_local(side).groupby(["country", "year"]).size() for side in (a, b)]
    return int(pd.concat(counts, axis=1).dropna().min(axis=1).sum())


def link(a: Tables, b: Tables) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Overlap by country, and the engagements that both sides hold, by the rules of
    `records.deduplicate`.

    Returns `overlap` and `matches` as Comparison describes them. The rules are strict: what they
    find is in both, but
    two lists may tell of one act so differently that they miss it.
    """
    parts = []
    for prefix, side in zip(_PREFIXES, (a, b), strict=True):
        local = side.records[side.records["level"] != "national"].drop(columns="engagement_id")
        parts.append(local.assign(record_id=prefix + local["record_id"]))
    records = pd.concat(parts, ignore_index=True)
    assignment, _ = deduplicate(records)
    records = records.merge(assignment, on="record_id", validate="one_to_one")
    records["side"] = records["record_id"].str[0].map(dict(zip(_PREFIXES, "ab", strict=True)))
    records["record_id"] = records["record_id"].str[1:]
    groups = records.groupby("engagement_id")
    held = groups["side"].agg(set)
    table = pd.DataFrame({"country": groups["country"].first(), "a": held.map(lambda s: "a" in s)})
    table = table.assign(b=held.map(lambda s: "b" in s), both=held.map(len) == 2)
    overlap = (
        table.groupby("country")[["a", "b", "both"]]
        .sum()
        .reindex(config.CELAC, fill_value=0)
        .astype("int64")
    )
    shared = records[records["engagement_id"].isin(table.index[table["both"]])]
    told = shared.groupby(["engagement_id", "side"]).agg(
        record_id=("record_id", "; ".join),
        description=("description", "first"),
        country=("country", "first"),
    )
    wide = told.unstack("side")
    matches = pd.DataFrame(
        {
            "a": wide.get(("record_id", "a"), pd.Series(dtype="str")),
            "b": wide.get(("record_id", "b"), pd.Series(dtype="str")),
            "country": wide.get(("country", "a"), pd.Series(dtype="str")),
            "description_a": wide.get(("description", "a"), pd.Series(dtype="str")),
            "description_b": wide.get(("description", "b"), pd.Series(dtype="str")),
        }
    ).sort_values(["country", "a"], ignore_index=True)
    return overlap.rename_axis("country").reset_index(), matches


def _findings(sides: list[Tables], window: tuple[int, int]) -> dict[str, tuple[Finding, Finding]]:
    found = {}
    for claim, plan in plans.load().items():
        if claim in _WITHOUT_RECORDS:
            continue
        selection = panel.Selection().replace(**plan.primary).replace(
            window_start=window[0], window_end=window[1], collection="all"
        )  # fmt: skip
        options = {"templates": "any"} if "templates" in plan.primary else {}
        found[claim] = tuple(claims.test(claim, side, selection, **options) for side in sides)
    return found


def _estimates(findings: dict[str, tuple[Finding, Finding]]) -> pd.DataFrame:
    rows = []
    for claim, pair in findings.items():
        row = {"claim": claim, "unit": pair[0].unit}
        for side, finding in zip("ab", pair, strict=True):
            values = {
                "estimate": finding.estimate,
                "low": finding.low,
                "high": finding.high,
                "p": finding.p,
            }
            row |= {
                f"{name}_{side}": float("nan") if value is None else float(value)
                for name, value in values.items()
            }
            row |= {f"n_{side}": finding.n_engagements, f"verdict_{side}": finding.verdict,
                    f"not_testable_{side}": finding.not_testable}  # fmt: skip
        rows.append(row)
    return pd.DataFrame(rows)


def _rank_correlation(table: pd.DataFrame) -> float:
    return float(table["a"].rank().corr(table["b"].rank()))


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.0%}" if whole else "–"


def _interval(low: float, high: float) -> str:
    return "" if pd.isna(low) and pd.isna(high) else f"{show(low)} to {show(high)}"
