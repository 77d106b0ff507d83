"""What the robustness engine costs, beside what one would use instead: `python
benchmarks/robustness.py`.

Times are processor seconds of one run, so that other work on the machine changes them little; the
curve's wall-clock
seconds are given too. The specification_curve package is measured where it is installed (pip
install
specification_curve). Every comparison first checks that both sides compute the same numbers.
"""

import os
import time
import warnings
from concurrent.futures import ThreadPoolExecutor
from itertools import product

import numpy as np
import pandas as pd
import statsmodels.api as sm
from scipy import stats

from lac_analysis import panel, tables
from lac_analysis.claims import authority, curves, plan
from lac_analysis.stats.batched import fit_many
from lac_analysis.stats.randomisation import label_test

SEED = 20201201


def main() -> None:
    data = tables.load()
    rows = [*enumeration(data), *batched_fits(data), *package(data)]
    print(
        pd.DataFrame(
            rows, columns=["task", "this, s", "other", "other, s", "times faster"]
        ).to_string(index=False)
    )
    print()
    print(
        pd.DataFrame(growth(data), columns=["grows", "size", "s", "s per million cells"]).to_string(
            index=False
        )
    )
    print()
    print(
        pd.DataFrame(
            whole_curves(data),
            columns=["curve", "specifications", "permutations", "cpu s", "wall s"],
        )
    )


def enumeration(data) -> list:
    """All assignments of the federal label for four exposures, against scipy on the same statistic."""
    table = panel.countries(data, plan.load()["authority"].selection())
    events, label = table["engagements"].to_numpy(float), table["federal"].to_numpy() == 1
    exposures = [table[name].to_numpy(float) for name in ("none", "population", "gdp", "admin1")]
    ours, own = seconds(lambda: [label_test(events, per, label, seed=SEED) for per in exposures])
    n = ours[0].assignments
    found = {}
    for resamples, words in ((np.inf, "exact"), (n, "random")):
        theirs, found[words] = seconds(
            lambda m=resamples: [_scipy(events, per, label, m) for per in exposures]
        )
        for one, other in zip(ours, theirs, strict=True):
            assert np.isclose(one.statistic, other.statistic)
            assert (
                resamples != np.inf
                or np.isclose(np.sort(one.null), np.sort(other.null_distribution)).all()
            )
    best = min(found, key=found.get)
    task = f"{n:,} assignments, four exposures"
    return [
        (
            task,
            own,
            f"scipy.stats.permutation_test, vectorized, {best}",
            found[best],
            found[best] / own,
        )
    ]


def _scipy(events, exposure, label, resamples):
    """scipy's test of the ratio of two rates; units are passed by number, and only the labelled
    ones are summed.
    """
    all_events, all_exposure = events.sum(), exposure.sum()

    def ratio(labelled, other, axis):
        inside, per = events[labelled].sum(axis=axis), exposure[labelled].sum(axis=axis)
        with np.errstate(divide="ignore"):
            return inside / per * (all_exposure - per) / (all_events - inside)

    units = np.arange(len(events))
    return stats.permutation_test(
        (units[label], units[~label]), ratio, vectorized=True, n_resamples=resamples, batch=20_000,
        rng=np.random.default_rng(SEED),
    )  # fmt: skip


def batched_fits(data, n: int = 400) -> list:
    """The plan's specifications of authority one GLM at a time, the first n of a random order,
    against one call.
    """
    Y, offset, label, used = _specifications(data)
    order = np.random.default_rng(SEED).permutation(len(Y))[:n]
    Y, offset, label, used = (array[order] for array in (Y, offset, label, used))
    X = np.stack([np.ones(label.shape), label], axis=2)
    models = {"poisson": sm.families.Poisson(), "ols": sm.families.Gaussian()}
    rows = []
    for family, model in models.items():
        ours, own = seconds(
            lambda family=family: fit_many(Y, X, offset, used, family=family), repeat=10
        )

        def loop(model=model):
            return np.array(
                [
                    sm.GLM(y[u], x[u], model, offset=o[u]).fit(cov_type="HC1").params[1]
                    for y, x, o, u in zip(Y, X, offset, used, strict=True)
                ]
            )

        theirs, other = seconds(loop)
        assert np.allclose(ours.coef[:, 1], theirs, atol=1e-6)
        rows.append(
            (f"{n} {family} fits of two groups", own, "loop of statsmodels GLM", other, other / own)
        )
    ours, own = seconds(lambda: fit_many(Y, X, offset, used, family="nb2"), repeat=3)
    theirs, other = seconds(lambda: [_nb2(*row) for row in zip(Y, X, offset, used, strict=True)])
    astray = 0
    for i in np.flatnonzero(ours.dispersion > 0):
        used_, (likelihood, slope, alpha) = used[i], theirs[i]
        model = sm.NegativeBinomial(Y[i][used_], X[i][used_], offset=offset[i][used_])
        here = model.loglike(np.append(ours.coef[i], np.log(ours.dispersion[i])))
        if (
            alpha < 1e-6 or not likelihood > here - 1e-4
        ):  # its likelihood is rounding alone where alpha is tiny
            astray += 1
        else:
            assert likelihood < here + 1e-6
            assert np.isclose(ours.coef[i, 1], slope, atol=0.02)
    words = f"loop of statsmodels NegativeBinomial ({astray} miss the maximum)"
    rows.append((f"{n} nb2 fits of two groups", own, words, other, other / own))
    return rows


def _nb2(y, x, offset, used) -> tuple[float, float, float]:
    """Log-likelihood, slope and dispersion by statsmodels, helped by an offset that makes the
    constant small.
    """
    y, x, offset = y[used], x[used], offset[used]
    centred = offset + np.log(y.sum() / np.exp(offset).sum())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fit = sm.NegativeBinomial(y, x, offset=centred).fit(disp=0, maxiter=200)
        return fit.llf, fit.params[1], fit.params[2]


def _specifications(data) -> list[np.ndarray]:
    """Counts, log exposure, label and rows used of every specification, (S, 33) each; a dropped
    country is not used.
    """
    claim, found = plan.load()["authority"], []
    for choices in claim.specifications():
        table = panel.countries(
            data, claim.selection(**choices | {"drop_countries": ()}), undated=choices["undated"]
        )
        label = table[authority.DEFINITIONS[choices["definition"]][0]].to_numpy(float)
        used = ~np.isnan(label) & ~table.index.isin(choices["drop_countries"])
        exposure = table[choices["exposure"]].to_numpy(float)
        found.append(
            (table["engagements"].to_numpy(float), np.log(exposure), np.where(used, label, 0), used)
        )
    return [np.array(column) for column in zip(*found, strict=True)]


def package(data) -> list:
    """The subset that the specification_curve package can express: least squares of log rates on
    complete labels.
    """
    try:
        from specification_curve import SpecificationCurve
    except ImportError:
        return [
            (
                "720 specifications, log rates by least squares",
                np.nan,
                "specification_curve: not installed",
                np.nan,
                np.nan,
            )
        ]
    claim = plan.load()["authority"]
    axes = {
        name: values
        for name, values in claim.axes.items()
        if name not in ("definition", "drop_countries")
    }
    table = {}
    for i, values in enumerate(product(*axes.values())):
        choices = dict(zip(axes, values, strict=True))
        countries = panel.countries(data, claim.selection(**choices), undated=choices["undated"])
        table[f"y{i}"] = np.log(
            (countries["engagements"] + 0.5) / countries[choices["exposure"]]
        ).to_numpy()
    outcomes, labels = list(table), ["federal", "federal_alt_cia"]
    frame = pd.DataFrame(table | {name: countries[name].to_numpy(float) for name in labels})

    def ours():
        Y = frame[outcomes].to_numpy().T
        X = [np.column_stack([np.ones(len(frame)), frame[name]]) for name in labels]
        return np.concatenate([fit_many(Y, x, family="ols").coef[:, 1] for x in X])

    def theirs():
        curve = SpecificationCurve(frame, y_endog=outcomes, x_exog=labels, controls=[])
        curve.fit()
        return curve.df_r["Coefficient"].to_numpy()

    (one, own), (two, other) = seconds(ours, repeat=10), seconds(theirs)
    assert np.allclose(np.sort(one), np.sort(two))
    return [
        (
            f"{len(one)} specifications, log rates by least squares",
            own,
            "specification_curve",
            other,
            other / own,
        )
    ]


def growth(data) -> list:
    """Cost with specifications, permutations and rows, each doubled three times."""
    Y, offset, label, used = _specifications(data)
    rng, rows = np.random.default_rng(SEED), []
    for S in (500, 1000, 2000, 4000):
        X = np.stack([np.ones((S, 33)), label[:S]], axis=2)
        _, s = seconds(
            lambda S=S, X=X: fit_many(Y[:S], X, offset[:S], used[:S], family="nb2"), repeat=3
        )
        rows.append(("specifications (nb2)", S, s, s / S / 33 * 1e6))
    for P in (4000, 8000, 16000, 32000):
        z = rng.permuted(np.tile(label[0], (P, 1)), axis=1)
        X = np.stack([np.ones(z.shape), z], axis=2)
        _, s = seconds(lambda X=X: fit_many(Y[0], X, offset[0], family="nb2"), repeat=3)
        rows.append(("permutations (nb2)", P, s, s / P / 33 * 1e6))
    for n in (1000, 2000, 4000, 8000):
        z, per = (rng.random((200, n)) < 0.2).astype(float), rng.lognormal(size=n)
        y = rng.negative_binomial(1, 1 / (1 + 2 * per), (200, n)).astype(float)
        X = np.stack([np.ones(z.shape), z], axis=2)
        _, s = seconds(lambda y=y, X=X, per=per: fit_many(y, X, np.log(per), family="nb2"))
        rows.append(("rows (nb2)", n, s, s / n / 200 * 1e6))
    return rows


def whole_curves(data, permutations: int = 500) -> list:
    """The two curves complete: estimates, intervals, permutations, joint test and influence of
    axes, on two threads.
    """
    rows = []
    for name, curve in (("authority", curves.authority_curve), ("strained", curves.strained_curve)):
        with ThreadPoolExecutor(min(2, os.cpu_count() or 1)) as executor:
            wall, cpu = time.perf_counter(), time.process_time()
            found = curve(data, permutations, seed=SEED, spread=executor.map)
            rows.append(
                (
                    name,
                    len(found.table),
                    permutations,
                    time.process_time() - cpu,
                    time.perf_counter() - wall,
                )
            )
    return rows


def seconds(function, repeat: int = 1):
    """The function's value and its processor seconds, the least of `repeat`."""
    times = []
    for _ in range(repeat):
        start = time.process_time()
        value = function()
        times.append(time.process_time() - start)
    return value, min(times)


if __name__ == "__main__":
    main()
