"""Size and power of version 2's procedures, part C: `python benchmarks/design_c.py [simulations]`.

Prints the table of docs/methods.md. Each design is simulated at several truths; a row gives
the median estimate, how often the test rejects on either side at 5 %, and how often the interval
lies wholly short of the smallest effect of interest (SESOI), which is what rules it out. The null
is simulated three times as often: sizes need more digits than powers.
"""

import sys
import time

import numpy as np
import pandas as pd
from scipy.special import expit

from lac_analysis.errors import InputError
from lac_analysis.stats.offset_poisson import offset_ratio
from lac_analysis.stats.rarefaction import mixing, pair_mixing
from lac_analysis.stats.risk_sets import matched_odds_ratio, risk_sets
from lac_analysis.stats.share_trend import share_trend
from lac_analysis.stats.trend import jackknife_trend, trend_ratio

SEED = 20201201


def twinning(rng, odds_ratio, found=1.0):
    """81 cases in 162 members of 25 strata; `found` earlier engagements a member in ten years."""
    stratum = np.sort(np.concatenate([np.arange(25)] * 2 + [rng.integers(0, 25, 112)]))
    members = pd.DataFrame({"member": np.arange(162), "stratum": stratum, "case_date": pd.NaT})
    rate = found * rng.gamma(0.8, 1 / 0.8, 162) * 2.4  # 24 years
    member = np.repeat(np.arange(162), rng.poisson(rate))
    day = pd.to_timedelta(rng.integers(0, 24 * 365, len(member)), unit="D")
    events = pd.DataFrame({"member": member, "date": pd.Timestamp("1997-01-01") + day})
    dates = pd.Timestamp("2000-01-01") + pd.to_timedelta(rng.integers(0, 7670, 81), unit="D")
    case_date = members["case_date"].astype("datetime64[ns]").to_numpy(copy=True)
    times = events["date"].to_numpy()
    for date in dates.sort_values().to_numpy():
        window = (times < date) & (times >= date - np.timedelta64(3652, "D"))
        exposed = np.isin(np.arange(162), member[window])
        open_ = np.isnat(case_date)
        waiting = np.bincount(stratum[open_], minlength=25)
        place = rng.choice(25, p=waiting / waiting.sum())
        able = open_ & (stratum == place)
        weight = able * np.where(exposed, odds_ratio, 1.0)
        case_date[rng.choice(162, p=weight / weight.sum())] = date
    return matched_odds_ratio(risk_sets(members.assign(case_date=case_date), events))


def platforms(rng, ratio, units=28, total=600, bunch=1.0):
    """`units` dates in 162 places of uneven, bunched and growing counts over 24 years."""
    rate = rng.gamma(0.8, 1, 162) + 0.05
    growth = 1.08 ** (np.arange(288) / 12)
    bunches = np.repeat(rng.gamma(1 / bunch, bunch, (162, 48)), 6, axis=1)
    expected = rate[:, None] * growth * bunches * total / (rate.sum() * growth.sum())
    chosen = rng.choice(162, units, replace=False, p=rate**0.5 / (rate**0.5).sum())
    dates = pd.Series(rng.integers(60, 263, units), index=chosen)
    for place, date in dates.items():
        expected[place, date + 1 : date + 25] *= ratio
    counts = pd.DataFrame(rng.poisson(expected))
    placebo = np.setdiff1d(np.arange(162), chosen)
    return offset_ratio(counts, dates, placebo, draws=499, seed=int(rng.integers(1 << 30)))


def places(rng, concentration, countries=25):
    """Uneven places in uneven countries; each place's kinds scatter about its country's."""
    n_places = np.maximum(1, rng.negative_binomial(0.7, 0.7 / 7.7, countries))
    group = np.repeat(np.arange(countries), n_places)
    size = 1 + rng.negative_binomial(0.6, 0.6 / 3.1, len(group))
    base = np.array([0.25, 0.2, 0.15, 0.12, 0.1, 0.08, 0.06, 0.04])
    pool = rng.dirichlet(base * 10, countries)[group]
    if np.isfinite(concentration):
        own = rng.gamma(pool * concentration) + 1e-12
        own /= own.sum(axis=1, keepdims=True)
    else:
        own = pool
    counts = np.array([rng.multinomial(*pair) for pair in zip(size, own, strict=True)])
    unit, kind = np.nonzero(counts)
    row = np.repeat(np.arange(len(unit)), counts[unit, kind])
    table = pd.DataFrame({"group": group[unit[row]], "unit": unit[row], "kind": kind[row]})
    return table, own[size >= 3], pool[size >= 3]


def web(rng, concentration, countries=25):
    table = places(rng, concentration, countries)[0]
    return mixing(table, draws=999, seed=int(rng.integers(1 << 30)))


def web_truth(rng, concentration, repeats=400) -> float:
    own, pool = np.zeros(2)
    for _ in range(repeats):
        _, q, p = places(rng, concentration)
        own += (1 - (1 - q) ** 3).sum()
        pool += (1 - (1 - p) ** 3).sum()
    return own / pool


def tier_pairs(rng, concentration):
    table = places(rng, concentration)[0]
    actor = table["kind"] * 1000 + rng.integers(0, 40, len(table))
    table = table.assign(actor=actor, kind=table["kind"] % 3)
    return pair_mixing(table, draws=999, seed=int(rng.integers(1 << 30)))


def _yearly(rng, ratio, total, correlation, alpha=0.1):
    """21 yearly counts, NB-like with dispersion alpha and first-order autocorrelation."""
    time = np.arange(21)
    expected = ratio ** (time - 10.0)
    expected *= total / expected.sum()
    noise = rng.normal(size=21)
    for year in time[1:]:
        noise[year] = correlation * noise[year - 1] + (1 - correlation**2) ** 0.5 * noise[year]
    sigma = np.log1p(alpha) ** 0.5
    return rng.poisson(expected * np.exp(sigma * noise - sigma**2 / 2))


def growth(rng, ratio, total=300, correlation=0.4, runs=6):
    counts = _yearly(rng, ratio, total, correlation)
    return jackknife_trend(np.arange(2000, 2021), counts, runs=runs)


def relative_growth(rng, ratio, total=300, correlation=0.4, runs=6):
    counts, other = (_yearly(rng, r, total, correlation) for r in (1.1 * ratio, 1.1))
    return trend_ratio(np.arange(2000, 2021), counts, other, runs=runs)


def technology(rng, odds_ratio, events=80, countries=14, spread=0.6):
    weight = rng.gamma(0.7, 1, countries) + 0.03
    country = rng.choice(countries, events, p=weight / weight.sum())
    year = np.clip(2020 - np.round(rng.gamma(2, 3, events)), 2000, 2020)
    search = (rng.random(events) < 0.5).astype(float)
    slope = np.log(odds_ratio) + rng.normal(0, spread / 2, countries)
    level = -0.5 + 0.8 * search + rng.normal(0, spread, countries)[country]
    outcome = rng.random(events) < expit(level + slope[country] * (year - 2013) / 10)
    return share_trend(outcome.astype(int), year, country, pd.DataFrame({"search": search}))


def _steps(sesoi):
    return (1.0, sesoi, sesoi**2, sesoi**4)


DESIGNS = (  # name, simulate, truths, SESOI, value under the null
    ("twinning: 81 cases", twinning, _steps(2), 2, 1),
    ("twinning, few found", lambda g, t: twinning(g, t, 0.3), _steps(2), 2, 1),
    ("platforms: 28 dates", platforms, _steps(1.5), 1.5, 1),
    ("platforms, sparse", lambda g, t: platforms(g, t, total=400), _steps(1.5), 1.5, 1),
    ("platforms, bunched", lambda g, t: platforms(g, t, bunch=3.0), _steps(1.5), 1.5, 1),
    ("productive: 81 dates", lambda g, t: platforms(g, t, units=81), _steps(1.5), 1.5, 1),
    ("web: kinds, 25 countries", web, (np.inf, 10, 3.7, 1.5), 0.85, 0.85),
    ("web, 12 countries", lambda g, t: web(g, t, 12), (np.inf, 10, 3.7, 1.5), 0.85, 0.85),
    ("web: pairs of actors", tier_pairs, (np.inf, 10, 3.7, 1.5), None, 1),
    ("growth, independent", lambda g, t: growth(g, t, correlation=0.0), _steps(1.03), 1.03, 1),
    ("growth, single years", lambda g, t: growth(g, t, runs=21), _steps(1.03), 1.03, 1),
    ("growth, 6 runs", growth, _steps(1.03), 1.03, 1),
    ("relative growth, 6 runs", relative_growth, _steps(1.03), 1.03, 1),
    ("technology: 80, 14 countries", technology, _steps(1.5), 1.5, 1),
    ("technology: 30, 8 countries", lambda g, t: technology(g, t, 30, 8), _steps(1.5), 1.5, 1),
)


def main(simulations: int = 100, only: str = "") -> None:
    print("| design | truth | median | above | below | rules out SESOI | not estimable | ms |")
    print("|---|---|---|---|---|---|---|---|")
    for name, simulate, truths, sesoi, null in DESIGNS:
        for truth in truths if name.startswith(only) else ():
            rng = np.random.default_rng(SEED)
            label = truth
            if name.startswith("web") and sesoi:  # truths are given as concentrations
                label = web_truth(np.random.default_rng(1), truth)
            found, start = [], time.process_time()
            null_true = np.isclose(label, null, atol=0.01)
            repeats = simulations * (3 if null_true else 1)
            for _ in range(repeats):
                try:
                    found.append(simulate(rng, truth))
                except InputError:
                    continue
            spent = (time.process_time() - start) / repeats * 1000
            estimate = np.array([one.estimate for one in found])
            p = np.array([one.p for one in found])
            high = np.array([one.interval[1] for one in found])
            above, below = ((p < 0.05) & (estimate > null)), ((p < 0.05) & (estimate < null))
            out = f"{(high < sesoi).mean():.2f}" if sesoi else ""
            print(
                f"| {name} | {label:.3g} | {np.median(estimate):.3g} | {above.mean():.3f} |"
                f" {below.mean():.3f} | {out} | {repeats - len(found)} | {spent:.0f} |",
                flush=True,
            )


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:2]), *sys.argv[2:3])
