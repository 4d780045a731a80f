"""The workshop's forest on TPC-H: no better than the mean, and what makes it work."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from tests.fitting import fitting
from tests.rows import assert_rows

from emberlake.errors import ModelError
from emberlake.lake import Lake
from emberlake.models.workshop import TPCH_ORDER_VALUE, TPCH_ORDER_VALUE_LINES
from emberlake.models.workshop.features import line_rows, order_rows
from emberlake.settings import read_settings

pytestmark = pytest.mark.only("spark")


@pytest.fixture(scope="module")
def shop(engine):
    return {
        "silver.tpch_orders": engine.rows(
            "o_orderkey long, o_custkey long, o_totalprice decimal(15,2), o_orderdate date",
            (1, 20, "150.00", "1995-03-31"),
            (20, 1, "70.00", "1996-12-01"),
            (3, 99, "10.00", "1996-12-01"),
        ),
        "silver.tpch_customer": engine.rows(
            "c_custkey long, c_acctbal decimal(15,2), c_mktsegment string",
            (1, "-5.50", "BUILDING"),
            (20, "100.00", "MACHINERY"),
        ),
        "silver.tpch_lineitem": engine.rows(
            "l_orderkey long, l_quantity decimal(15,2), l_extendedprice decimal(15,2), l_discount decimal(15,2), "
            "l_tax decimal(15,2)",
            (1, "2.00", "100.00", "0.10", "0.00"),
            (1, "1.00", "60.00", "0.00", "0.08"),
        ),
    }


def test_orders_get_their_own_customer_and_not_the_one_of_their_number(shop):
    assert_rows(
        order_rows(shop),
        [
            (1, 150.0, 100.0, 3.0, "MACHINERY"),
            (20, 70.0, -5.5, 12.0, "BUILDING"),
            (3, 10.0, None, 12.0, None),
        ],
    )


def test_lines_are_summed_up_by_order(shop):
    rows = line_rows(shop).select("o_orderkey", "lines", "quantity", "dearest", "mean_price", "discount", "tax")
    nothing = (None,) * 6
    assert_rows(rows, [(1, 2.0, 3.0, 100.0, 80.0, 0.05, 0.04), (20, *nothing), (3, *nothing)])


def test_too_few_orders_are_refused(engine, shop, tmp_path):
    with pytest.raises(ModelError, match="2 orders with a customer"):
        TPCH_ORDER_VALUE.fit(fitting(engine.session, shop, tmp_path))


@pytest.fixture(scope="module")
def tpch(engine, tmp_path_factory):
    """TPC-H at scale factor 0.01 (15,000 orders), in silver."""
    root = tmp_path_factory.mktemp("tpch")
    for command in (["synth", "--tpch", "0.01"], ["build", "--to", "silver", "--scale", "0.001", "--engine", "sail"]):
        subprocess.run(
            [sys.executable, "-m", "emberlake.cli", *command, "--root", str(root)], check=True, capture_output=True
        )
    with Lake(engine.session, read_settings(root=root)) as lake:
        yield {name: lake.read(name) for name in TPCH_ORDER_VALUE_LINES.reads}


@pytest.fixture(scope="module")
def fitted(engine, tpch, tmp_path_factory):
    return TPCH_ORDER_VALUE.fit(fitting(engine.session, tpch, tmp_path_factory.mktemp("workshop")))


def test_the_workshops_features_say_nothing_and_the_card_says_so(fitted):
    assert abs(fitted.metrics["r2"]) < 0.02
    assert fitted.metrics["rmse"] == pytest.approx(fitted.baselines["mean"]["rmse"], rel=0.01)
    assert any("cannot work" in said for said in fitted.limits)


def test_the_holdout_is_a_fifth_and_nothing_of_it_was_learnt(fitted, tpch):
    orders = tpch["silver.tpch_orders"].count()
    assert fitted.train_rows + fitted.holdout_rows == orders
    assert fitted.holdout_rows == pytest.approx(orders / 5, rel=0.05)


def test_a_second_training_splits_and_measures_alike(engine, tpch, fitted, tmp_path):
    # The tables' rows in another order, and in more partitions.
    shuffled = {name: rows.repartition(5) for name, rows in tpch.items()}
    again = TPCH_ORDER_VALUE.fit(fitting(engine.session, shuffled, tmp_path))
    keys = [{row[0] for row in each.holdout.select("o_orderkey").collect()} for each in (fitted, again)]
    assert keys[0] == keys[1]
    assert again.metrics["rmse"] == pytest.approx(fitted.metrics["rmse"], rel=1e-3)


def test_raw_rows_are_scored(engine, fitted):
    raw = engine.rows(
        "c_acctbal double, c_mktsegment string, month double", (100.0, "BUILDING", 3.0), (0.0, "never seen", 12.0)
    )
    said = [row["prediction"] for row in fitted.model.transform(raw).collect()]
    assert all(np.isfinite(said))


def test_lines_make_it_work(engine, tpch, tmp_path):
    fitted = TPCH_ORDER_VALUE_LINES.fit(fitting(engine.session, tpch, tmp_path))
    assert fitted.metrics["r2"] > 0.9
    assert fitted.metrics["rmse"] < 0.3 * fitted.baselines["mean"]["rmse"]
    losses = TPCH_ORDER_VALUE_LINES.losses(fitted.model, fitted.holdout)
    assert np.mean(losses["loss"].to_numpy()) == pytest.approx(fitted.metrics["mae"], rel=1e-9)
