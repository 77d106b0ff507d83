"""Size and power of local share, Freedman-Lane, NB2 score and detection on the study's own design.

    python benchmarks/design_b.py share | statistics | counts | detection [SIMULATIONS]

Labels, populations and GDP come from data/raw/country_year.csv, outcomes are simulated; no record
is read. What it prints stands in docs/methods.md.
"""

import sys

import numpy as np
import pandas as pd
import statsmodels.api as sm
from scipy.special import expit

from lac_analysis.config import ROOT
from lac_analysis.stats import assignments, detection, freedman_lane, local_share, score_test
from lac_analysis.stats.estimate import two_sided_p

FEDERAL = ("ARG", "BRA", "MEX", "VEN", "KNA")
SESOI = 1.5


def design() -> pd.DataFrame:
    """One row a country: federal, log population, log GDP per head (means of 2000-2020)."""
    years = pd.read_csv(ROOT / "data/raw/country_year.csv").query("2000 <= year <= 2020")
    means = years.groupby("iso3")[["population", "gdp_usd"]].mean()
    units = pd.DataFrame({"federal": means.index.isin(FEDERAL).astype(float)}, index=means.index)
    units["size"] = np.log(means["population"])
    units["income"] = np.log(means["gdp_usd"] / means["population"])
    units["income"] = units["income"].fillna(units["income"].median())
    return units


def shares(rng, units, simulations, ratio, spread, *, slope=0.0, labelled=1.0, mean=20, effect=1.6):
    """Local and other excerpts (simulations, n): beta-binomial pages around a country's own logit.

    ratio : pooled odds ratio.   spread : standard deviation of the countries' logits, `labelled`
    times that in labelled ones.   effect : design effect of pages.
    """
    label, size = units["federal"].to_numpy(), units["size"].to_numpy()
    totals = 5 + rng.negative_binomial(4, 4 / (mean - 1), (simulations, len(units)))
    # a pooled ratio is nearer to one than that of countries alike in their own logit
    log_ratio = np.log(ratio) * np.sqrt(1 + 0.346 * spread**2)
    own = rng.normal(0, np.where(label == 1, labelled * spread, spread), totals.shape)
    share = expit(own + log_ratio * label + slope * (size - size.mean()))
    precision = (totals - 1) / (effect - 1) - 1
    local = rng.binomial(totals, rng.beta(share * precision, (1 - share) * precision))
    return local, totals - local


def share_power(units, simulations: int) -> pd.DataFrame:
    """Rejections of no effect on the claimed side, and of the SESOI from below."""
    groups, rows = assignments.strata(units["size"]), []
    cases = [(s, 0.0, 1.0, r) for s in (0.4, 0.8) for r in (1, SESOI, 2, SESOI**2, 3, SESOI**4)]
    cases += [(s, slope, wide, 1) for s in (0.4, 0.8) for slope, wide in ((0.15, 1), (0, 1.5))]
    for spread, slope, labelled, ratio in cases:
        rng = np.random.default_rng(1)
        local, other = shares(
            rng, units, simulations, ratio, spread, slope=slope, labelled=labelled
        )
        for strata, within in (("thirds", groups), ("all", None)):
            found = local_share.many_local_shares(
                local, other, units["federal"], units["size"], within, ratios=(1, SESOI),
                seed=1, max_exact=100_000 if within is not None else 1, draws=1999,
            )  # fmt: skip
            above, below = found["above_1"] <= 0.025, found["below_1"] <= 0.025
            rows.append({
                "spread": spread, "slope": slope, "labelled spread": labelled, "truth": ratio,
                "strata": strata, "median": found["ratio"].median(),
                "p < .05": (above | below).mean(), "claimed side": above.mean(),
                "supported": (above & (found["ratio"] >= SESOI)).mean(),
                "SESOI excluded": (found["below_1.5"] <= 0.025).mean(),
            })  # fmt: skip
    return pd.DataFrame(rows)


def statistics(units, simulations: int) -> pd.DataFrame:
    """Share of p < .05 of candidate statistics: what the numerator, the score, is divided by."""
    label, groups = units["federal"].to_numpy(), assignments.strata(units["size"])
    table, _ = assignments.assignments(label, groups, seed=1)
    table, columns = np.vstack([label, table]), score_test.with_constant(units["size"], len(units))
    rows = []
    for spread in (0.4, 0.8):
        for wide, ratio in ((1, 1), (1.5, 1), (1, 2), (1, SESOI**4)):
            rng = np.random.default_rng(2)
            local, other = shares(rng, units, simulations, ratio, spread, labelled=wide)
            counts = {}
            for y, total in zip(local, local + other, strict=True):
                outcome = np.column_stack([y, total - y])
                mean = total * sm.GLM(outcome, columns, sm.families.Binomial()).fit().mu
                for name, t in _candidates(table, y - mean, mean * (1 - mean / total), columns):
                    p = two_sided_p(*assignments.tails(t[1:], t[0], exact=True))
                    counts[name] = counts.get(name, 0) + (p <= 0.05)
            shares_found = {name: count / simulations for name, count in counts.items()}
            rows.append({"spread": spread, "labelled": wide, "truth": ratio} | shares_found)
    return pd.DataFrame(rows)


def _candidates(table, residual, weight, columns):
    inverse = np.linalg.inv(columns.T @ (weight[:, None] * columns))
    rest = table - table @ (weight[:, None] * columns) @ inverse @ columns.T
    score, information = rest @ residual, rest**2 @ weight
    left = rest * (residual - (score / information)[:, None] * rest * weight)
    leverage = (
        weight * ((columns @ inverse) * columns).sum(1) + rest**2 * weight / information[:, None]
    )
    yield "none", score
    yield "information", score / np.sqrt(information)
    yield "null residuals", score / np.sqrt(((rest * residual) ** 2).sum(1))
    for name, power in (("CR0", 0), ("CR2", 1), ("jackknife", 2)):
        yield name, score / np.sqrt((left**2 / (1 - leverage) ** power).sum(1))


def count_power(units, simulations: int) -> pd.DataFrame:
    """Share of p < .05 of Freedman-Lane and the NB2 score on simulated counts."""
    label, groups = units["federal"], assignments.strata(units["size"])
    size, rows = units["size"] - units["size"].mean(), []
    controls = np.column_stack([size, size**2, units["income"]])
    bent = np.minimum(units["size"], np.log(3e6))
    shapes = {"log-linear": 0.25 * size, "flat above 3m": 0.5 * (bent - bent.mean())}
    for alpha, total in ((0.82, 233), (0.45, 450)):
        for shape, truths in (("log-linear", (1, 1.5, 2, 3, 5)), ("flat above 3m", (1, 3))):
            for ratio in truths:
                rng = np.random.default_rng(3)
                mean = np.exp(shapes[shape] + 0.4 * units["income"] + np.log(ratio) * label)
                mean = (mean * total / mean.sum()).to_numpy()
                p = {}
                for _ in range(simulations):
                    y = rng.poisson(mean * rng.gamma(1 / alpha, alpha, len(units)))
                    logs = np.log(y + 0.5)
                    for name, within in (("free", None), ("thirds", groups)):
                        test = freedman_lane.freedman_lane(
                            logs, label, controls, within, draws=999, seed=1
                        )
                        p.setdefault(f"Freedman-Lane, {name}", []).append(test.p)
                        test = score_test.nb2_score_test(
                            y, label, controls, within, draws=999, seed=1
                        )
                        p.setdefault(f"NB2 score, {name}", []).append(test.p)
                found = {name: np.mean(np.array(values) <= 0.05) for name, values in p.items()}
                rows.append({"alpha": alpha, "shape": shape, "truth": ratio} | found)
    return pd.DataFrame(rows)


def searches(rng, units, ratio, *, events, popularity, found) -> tuple[pd.DataFrame, np.ndarray]:
    """Events found by two capped searches that both favour popular pages; all events by unit."""
    middle = units["size"] - units["size"].median()
    mean = events * np.exp(0.8 * middle + np.log(ratio) * units["federal"])
    number = np.maximum(rng.poisson(mean * rng.gamma(2.5, 0.4, len(units))), 3)
    pieces = []
    for name, total in zip(units.index, number, strict=True):
        weight = np.exp(rng.normal(0, popularity, total))
        hits = np.zeros((total, 2), dtype=bool)
        for search in range(2):
            drawn = min(rng.poisson(found * (total / events) ** 0.25), total)
            hits[rng.choice(total, drawn, replace=False, p=weight / weight.sum()), search] = True
        hits = hits[hits.any(axis=1)]
        pieces.append(pd.DataFrame({"unit": name, "found_a": hits[:, 0], "found_b": hits[:, 1]}))
    return pd.concat(pieces, ignore_index=True), number


def detection_contrasts(units, simulations: int) -> pd.DataFrame:
    """Log ratio of corrected counts less that of all events: bias, s.d., root mean square; and the
    share of p < .05 of the corrected contrast, pooling 0.75. With log population as control, and
    with its square, too.
    """
    label, rows = units["federal"], []
    units = units.assign(square=(units["size"] - units["size"].mean()) ** 2)
    for popularity, events, found, ratio in (
        (0.8, 300, 14, 1), (0.8, 300, 14, 2), (1.2, 190, 13, 1), (1.2, 190, 13, 2)
    ):  # fmt: skip
        rng = np.random.default_rng(44)
        for _ in range(simulations):
            seen, number = searches(
                rng, units, ratio, events=events, popularity=popularity, found=found
            )
            fits = {
                pooling: detection.detection(seen, units, ["size"], pooling=pooling)
                for pooling in (0.01, 0.5, 0.75, 1.0, 1.5)
            }
            counts = {
                f"ridge {pooling}": (fit.units["found"] + 0.5) / fit.units["p_found"]
                for pooling, fit in fits.items()
            }
            counts["found"] = fits[0.75].units["found"] + 0.5
            counts["Chapman"] = fits[0.75].units["chapman"] + 0.5
            for controls in (["size"], ["size", "square"]):
                columns = sm.add_constant(units[[*controls, "federal"]])
                logs = np.log(counts["ridge 0.75"])
                test = freedman_lane.freedman_lane(logs, label, units[controls], draws=499, seed=1)
                for name, count in counts.items():
                    error = np.linalg.lstsq(columns, np.log(count) - np.log(number), rcond=None)
                    rows.append({
                        "popularity": popularity, "truth": ratio, "controls": len(controls),
                        "method": name, "error": error[0][-1], "p": test.p <= 0.05,
                    })  # fmt: skip
    groups = pd.DataFrame(rows).groupby(["popularity", "truth", "controls", "method"])
    errors = groups["error"]
    return pd.DataFrame({
        "bias": errors.mean(), "s.d.": errors.std(), "p < .05": groups["p"].mean(),
        "rmse": errors.agg(lambda error: (error**2).mean() ** 0.5),
    })  # fmt: skip


if __name__ == "__main__":
    which, *number = sys.argv[1:] or ["share"]
    functions = {
        "share": share_power, "statistics": statistics,
        "counts": count_power, "detection": detection_contrasts,
    }  # fmt: skip
    print(functions[which](design(), int((number or [200])[0])).round(3).to_string())
