"""The curves of authority and strained hold the plan's own estimates, and their permutations are
those of a test.
"""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from lac_analysis import tables as tables_module
from lac_analysis.claims import authority, curves, plan, specifications, strained
from lac_analysis.claims.finding import NotTestable
from lac_analysis.panel import Selection

PERMUTATIONS = 3


@pytest.fixture(scope="module")
def tables():
    return tables_module.load()


@pytest.fixture(scope="module")
def curve_of(tables):
    return {
        "authority": curves.authority_curve(tables, PERMUTATIONS, seed=4),
        "strained": curves.strained_curve(tables, PERMUTATIONS, seed=4),
    }


def _drop(text):
    return tuple(text.split(", ")) if text else ()


@pytest.mark.slow
@pytest.mark.parametrize("name, module", [("authority", authority), ("strained", strained)])
def test_every_specification_of_the_plan_is_there_and_is_the_claims_own_estimate(
    tables, curve_of, name, module
):
    claim, table = plan.load()[name], curve_of[name].table
    estimators = table["estimator"].nunique() if "estimator" in table else 1
    assert len(table) == len(claim.specifications()) * estimators >= 1000
    assert len(table.drop(columns=["estimate", "low", "high", "p"]).drop_duplicates()) == len(table)
    assert table["primary"].sum() == 1
    own = table[table["estimator"] == "poisson"] if "estimator" in table else table
    for row in own.sample(60, random_state=1).to_dict("records"):
        selection = claim.selection(**row | {"drop_countries": _drop(row["drop_countries"])})
        options = {
            key: row.get(key, value)
            for key, value in claim.primary.items()
            if key not in vars(selection)
        }
        try:
            expected = module.estimate(tables, selection, **options)
        except NotTestable:
            assert np.isnan(row["estimate"])
        else:
            assert row["estimate"] == pytest.approx(expected, rel=1e-6)


@pytest.mark.slow
def test_the_parts_may_be_spread(tables, curve_of):
    with ThreadPoolExecutor(2) as executor:
        spread = curves.authority_curve(tables, PERMUTATIONS, seed=4, spread=executor.map)
    assert np.array_equal(spread.null, curve_of["authority"].null, equal_nan=True)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["authority", "strained"])
def test_permutations_on_a_dask_cluster_give_the_numbers_of_this_process(tables, name):
    """Two worker processes; a client's futures are gathered in order, as those of an executor are."""
    distributed = pytest.importorskip("distributed")
    few = {"collection": "protocol", "min_confidence": "low", "include_other_local": True}
    claim = specifications.narrowed(plan.load()[name], Selection(2010, 2020), **few)
    curve = {"authority": curves.authority_curve, "strained": curves.strained_curve}[name]
    here = curve(tables, 20, seed=4, claim=claim)
    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        there = curve(tables, 20, seed=4, claim=claim, spread=client.get_executor().map)
    assert np.array_equal(here.null, there.null, equal_nan=True)
    assert np.array_equal(here.null_p, there.null_p, equal_nan=True)
    assert here.table.equals(there.table)


@pytest.mark.slow
def test_estimators_agree_on_the_side_where_the_ratio_is_far_from_one(curve_of):
    table = curve_of["authority"].table
    choices = [
        name
        for name in table.columns
        if name not in ("estimator", "estimate", "low", "high", "p", "primary")
    ]
    wide = table.pivot(index=choices, columns="estimator", values="estimate")
    far = wide[(wide["poisson"] > 4) | (wide["poisson"] < 1 / 4)]
    assert len(far) > 50
    assert ((far["nb2"] > 1) == (far["poisson"] > 1)).mean() > 0.9


def test_an_order_without_a_country_is_an_order_of_the_others(tables):
    orders = curves._orders(tables, 200, seed=1)
    assert (orders[0] == np.arange(33)).all()
    left = curves._without(orders, tables, ("BRA", "ARG"))
    assert (np.sort(left, axis=1) == np.arange(31)).all()
    assert (left[0] == np.arange(31)).all()
