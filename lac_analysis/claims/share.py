"""Local share: of the excerpts that tell of any engagement with China, those that tell of a local
one. What authority, self_rule and strained share.
"""

from collections.abc import Callable
from functools import lru_cache

import numpy as np
import pandas as pd
import statsmodels.api as sm
import statsmodels.formula.api as smf
from scipy.special import expit, logit
from statsmodels.genmod.generalized_linear_model import GLMResultsWrapper

from lac_analysis import panel
from lac_analysis.claims import definitions, verdict
from lac_analysis.claims.finding import Finding, Result
from lac_analysis.claims.plan import CANNOT, NotTestable, Plan
from lac_analysis.errors import one_of
from lac_analysis.selection import Selection
from lac_analysis.stats.assignments import strata
from lac_analysis.stats.estimate import as_ratio
from lac_analysis.stats.freedman_lane import freedman_lane
from lac_analysis.stats.local_share import LocalShare, local_share, many_local_shares
from lac_analysis.stats.score_test import with_constant
from lac_analysis.tables import Tables

TEMPLATES = ("N1", "N2", "N3", "N4", "N5")
COLUMNS = (
    "country", "local", "national", "local_share", "label", "population", "log_population",
    "log_gdp", "third", "coder",
)  # fmt: skip
EXCERPTS = ("all", *(f"without_{template}" for template in TEMPLATES))
SIMULATIONS = 1_000
SPREAD = 0.6  # standard deviation of a country's logit; the plan asked for 0.4 to 0.8
PAGES = 1.6  # design effect of excerpts that come from one page


def excerpts(tables: Tables, which: str = "all") -> pd.DataFrame:
    """Excerpts of N1-N5 by country, indexed by ISO3: local, national, and the coder's letter.

    Source: n_local and n_national of data/raw/search_log.csv. A user's own table has no such log.

    Raises InputError for an unknown choice.
    """
    one_of(which, EXCERPTS, "excerpts")
    used = [name for name in TEMPLATES if not which.endswith(name)]
    log = tables.search_log
    if tables.name or "n_local" not in log:
        log = log.iloc[:0].assign(n_local=0, n_national=0)
    log = log[log["template"].isin(used)]
    counted = log.groupby("target")[["n_local", "n_national"]].sum().astype("int64")
    counted.columns = ["local", "national"]
    return counted.assign(coder=log.groupby("target")["query_id"].first().str[0])


def table(
    tables: Tables, selection: Selection, score: pd.Series, *, excerpts: str,
    covariates: pd.DataFrame | pd.Series | None = None,
) -> pd.DataFrame:  # fmt: skip
    """One row a country with excerpts and a known score, indexed by ISO3.

    Columns: country, local, national, local_share, label (the score), population (mean of the
    window), log_population, log_gdp (per head), third (by population), coder, and a user's own
    covariates as `definitions.covariates`.
    """
    own = definitions.covariates(covariates, COLUMNS, selection)
    countries = _sized(tables, selection, excerpts)
    # without rows the frame would take those of the score
    countries = countries.assign(label=score.reindex(countries.index).astype(float))
    countries = countries[[name for name in COLUMNS if name != "third"]].join(own)
    countries = countries[countries[["label", *own]].notna().all(axis=1)]
    third = strata(countries["log_population"]) if len(countries) >= 3 else 0
    countries = countries.assign(third=third)[[*COLUMNS, *own]]
    return countries.sort_values("local_share", ascending=False)


@lru_cache(maxsize=256)
def _sized(tables: Tables, selection: Selection, which: str) -> pd.DataFrame:
    """`table` without label and thirds: specifications ask for the same countries many times."""
    countries = panel.countries(tables, selection).join(excerpts(tables, which), how="inner")
    told = countries["local"] + countries["national"] > 0
    countries = countries[told & (countries["population"] > 0)]  # unknown before 2000
    return countries.assign(
        local_share=countries["local"] / (countries["local"] + countries["national"]),
        log_population=np.log(countries["population"]),
        log_gdp=np.log(countries["gdp"] / countries["population"]),
    )


def check(countries: pd.DataFrame, plan: Plan) -> None:
    """Raise NotTestable where the countries cannot carry the test of the plan."""
    excerpts = int(countries[["local", "national"]].to_numpy().sum())
    if not excerpts:
        raise NotTestable("no country of known size has excerpts that a search log counts by level")
    labelled = int((countries["label"] != 0).sum())
    found = {"countries": len(countries), "excerpts": excerpts, "labelled": labelled}
    for what, number in found.items():
        plan.require(what, number, f"{number} {what}")
    if countries["label"].nunique() < 2:
        raise NotTestable("the countries left are all alike")


def test_and_design(
    countries: pd.DataFrame, plan: Plan, controls: str, *, seed: int
) -> tuple[LocalShare, pd.DataFrame]:
    """The steps of the notebooks: check, `fit`, `permute` within thirds by population, `design`."""
    check(countries, plan)
    draws = plan.entry.get("draws", 9_999)
    found = permute(fit(countries, controls), countries["third"], seed=seed, draws=draws)
    return found, design(countries, plan, controls, seed=seed)


def terms(controls: str, covariates: pd.DataFrame | pd.Series | None) -> str:
    """The controls of a regression, with a user's own covariates."""
    if covariates is None:
        return controls
    names = [covariates.name] if isinstance(covariates, pd.Series) else covariates
    return " + ".join([controls, *names])


def fit(countries: pd.DataFrame, controls: str) -> GLMResultsWrapper:
    """Binomial regression of the local share on `label` and controls, an excerpt a trial."""
    known = [name for name in controls.split(" + ") if name in countries]
    lacking = countries.index[countries[known].isna().any(axis=1)]
    if len(lacking):
        raise NotTestable(f"a control is not known of {', '.join(lacking)}; leave them out")
    with_constant(countries[["label", *known]], len(countries))  # refuses what repeats the label
    formula = f"local + national ~ label + {controls}"
    return smf.glm(formula, countries, family=sm.families.Binomial()).fit()


def permute(
    model: GLMResultsWrapper, groups: pd.Series, *, seed: int, draws: int = 9_999
) -> LocalShare:
    """Permutation test and interval of the term `label` of a fitted `fit`, within groups."""
    label, others = _terms(model)
    trials = np.asarray(model.model.n_trials).astype(int)
    local = np.rint(model.model.endog * trials).astype(int)
    return local_share(local, trials - local, label, others, groups, draws=draws, seed=seed)


def _terms(model: GLMResultsWrapper) -> tuple[pd.Series, pd.DataFrame]:
    """The columns of a fitted regression: its label, and its controls without the constant."""
    terms = pd.DataFrame(model.model.exog, columns=model.model.exog_names)
    return terms["label"], terms.drop(columns=["label", "Intercept"], errors="ignore")


def estimator(share_table: Callable[..., pd.DataFrame]) -> Callable[..., float]:
    """A claim's `estimate`: the odds ratio of the label in its `table`, with its choices."""

    def estimate_of(tables: Tables, selection: Selection, *, controls: str, **choices) -> float:
        countries = share_table(tables, selection, **choices)
        return estimate(countries, terms(controls, choices.get("covariates")))

    return estimate_of


def estimate(countries: pd.DataFrame, controls: str) -> float:
    """Odds ratio of the label as `fit` gives it, without reading a formula: it is asked for
    hundreds of specifications. Raises NotTestable where nothing varies.
    """
    columns = [name for name in controls.split(" + ") if name != "1"]
    countries = countries.dropna(subset=columns)  # a control may not be known of each
    kinds = countries[["local", "national"]]
    if countries["label"].nunique() < 2 or not kinds.sum().all():
        raise NotTestable("no variation in the label or in the level of excerpts")
    design = sm.add_constant(countries[["label", *columns]])
    model = sm.GLM(kinds, design, family=sm.families.Binomial()).fit()
    return float(np.exp(model.params["label"]))


def design(countries: pd.DataFrame, plan: Plan, controls: str, *, seed: int) -> pd.DataFrame:
    """P(verdict | truth) on these countries: `SIMULATIONS` outcomes a truth, drawn anew.

    The pooled share of the data is the share without an effect; a country's logit varies by
    SPREAD, and excerpts of one page by the design effect PAGES (beta-binomial).
    """
    _, others = _terms(fit(countries, controls))
    total = (countries["local"] + countries["national"]).to_numpy()
    label = countries["label"].to_numpy()
    base = logit(countries["local"].sum() / total.sum()) if countries["local"].sum() else 0.0
    # beta-binomial: variance n p (1 - p) (1 + (n - 1) rho), with that factor PAGES on average
    strength = max((total.mean() - 1) / (PAGES - 1) - 1, 1.0)

    def draws(truth: float, rng: np.random.Generator) -> np.ndarray:
        noise = rng.normal(0, SPREAD, (SIMULATIONS, len(total)))
        share = expit(base + np.log(truth) * (label - label.mean()) + noise)
        local = rng.binomial(total, rng.beta(share * strength, (1 - share) * strength))
        ratios = (plan.null_value, plan.sesoi)
        # some assignments, drawn, tell as much as all of them
        few = {"max_exact": 1, "draws": 999, "seed": seed}
        found = many_local_shares(
            local, total - local, label, others, countries["third"], ratios=ratios, **few
        )
        tails = found[[f"below_{plan.null_value:g}", f"above_{plan.null_value:g}"]]
        # the interval ends short of the SESOI where the test rejects it from below
        short = found[f"below_{plan.sesoi:g}"] <= (1 - plan.level) / 2
        estimate, p = found["ratio"].fillna(plan.null_value), 2 * tails.min(axis=1)
        return np.column_stack([estimate, p.clip(upper=1), np.where(short, 0.0, np.inf)])

    return verdict.design(draws, plan, seed=seed)


def finding(
    countries: pd.DataFrame, test: LocalShare, power: pd.DataFrame, controls: str,
    beside: list[Result], *, seed: int, **detail,
) -> Finding:  # fmt: skip
    """The finding on a local share, with `beside` and `other_ways`; `detail` goes to pictures."""
    kind = "exact" if test.exact else "sampled"
    return Finding.of(
        test,
        power,
        interval_method="inversion of the permutation test",
        p_method=f"{kind} permutation of the label within thirds by population, two-sided, "
        f"{test.assignments:,} assignments",
        n_countries=len(countries),
        n_engagements=int(countries[["local", "national"]].to_numpy().sum()),
        secondary=(*beside, *other_ways(countries, controls, seed=seed)),
        detail={"table": countries, "test": test, **detail},
    )


def other_ways(countries: pd.DataFrame, controls: str, *, seed: int) -> list[Result]:
    """The same question by coder, within coder and third, and with every country counted alike."""
    coder = countries["coder"]
    results = [
        secondary("label permuted within coder and third", countries, controls,
                  coder + countries["third"].astype(str), seed=seed),
        secondary("label permuted within coder, the coder in the regression", countries,
                  f"{controls} + C(coder)", coder, seed=seed),
        _mean_logit(countries, controls, seed=seed),
    ]  # fmt: skip
    for coder, own in countries.groupby("coder"):
        kinds = ["local", "national"]
        shares = own.groupby(own["label"] > own["label"].median())[kinds].sum()
        told = (shares["local"] / shares.sum(axis=1)).round(2).reindex([True, False])
        note = "{:g} where the label is above this coder's median, {:g} elsewhere".format(*told)
        if told.isna().any():
            note = "no country's label is above this coder's median"
        pooled = own["local"].sum() / own[kinds].to_numpy().sum()
        name = f"local share, coder {coder}"
        results.append(Result(name, pooled, unit="share of excerpts", n=len(own), note=note))
    return results


def secondary(
    name: str, countries: pd.DataFrame, controls: str, groups: pd.Series, *, seed: int
) -> Result:
    """The permutation test of the notebooks under a `name`; the reason where there is none."""
    try:
        if countries["label"].nunique() < 2:
            raise NotTestable("all countries are alike")
        test = permute(fit(countries, controls), groups, seed=seed)
    except CANNOT as problem:
        return Result(name, n=len(countries), note=str(problem))
    note = f"{test.assignments:,} assignments"
    return Result(name, test.estimate, *test.interval, test.p, "odds ratio", test.n, note)


def _mean_logit(countries: pd.DataFrame, controls: str, *, seed: int) -> Result:
    """Least squares on each country's logit (1/2 added), residuals permuted within thirds."""
    logits = np.log((countries["local"] + 0.5) / (countries["national"] + 0.5))
    columns = [name for name in controls.split(" + ") if name != "1"]
    of = countries["label"], countries[columns], countries["third"]
    note = "least squares on the logit, residuals permuted within thirds"
    name, n = "every country counted alike", len(countries)
    return Result.of(
        name, lambda: as_ratio(freedman_lane(logits, *of, seed=seed)), "odds ratio", note, n
    )
