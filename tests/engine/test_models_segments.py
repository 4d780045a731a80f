"""The recipe `segments` on the made shop: what was planted is found, told in words, and kept as one pipeline."""

from __future__ import annotations

import json

import numpy as np
import pyarrow.parquet as pq
import pytest
from sklearn.metrics import adjusted_rand_score

from emberlake.errors import ModelError
from emberlake.lake import Lake
from emberlake.models.recipe import Fitted, Fitting
from emberlake.models.segments import SEGMENTS
from emberlake.models.segments.behaviour import behaviour, main_channels
from emberlake.models.segments.clustering import cluster
from emberlake.models.segments.recipe import segments_of

# `up` trains it in test_up_models.py.
pytestmark = [pytest.mark.only("spark"), pytest.mark.timeout(900), pytest.mark.long]

RAW = "user_id long, orders double, recency_days double, average_order_value double, lines_per_order double, "
RAW += "coupon_share double, price_level double"


@pytest.fixture(scope="module")
def fitted(engine, made_lake: Lake) -> Fitted:
    tables = {name: made_lake.read(name) for name in SEGMENTS.reads}
    return SEGMENTS.fit(Fitting(engine.session, tables, made_lake.stage))


@pytest.fixture(scope="module")
def said(made_lake: Lake, fitted: Fitted) -> list[dict]:
    """Every customer with an order: the segment found, and the planted one."""
    rows = segments_of({name: made_lake.read(name) for name in SEGMENTS.reads}, fitted.model, 7)
    orders = made_lake.read("gold.customer_360").select("user_id", "orders")
    planted = pq.read_table(made_lake.settings.landing / "truth" / "users", columns=["user_id", "segment"]).to_pydict()
    by_user = dict(zip(planted["user_id"], planted["segment"], strict=True))
    found = rows.join(orders, "user_id").toArrow().to_pylist()
    return [{**row, "planted": by_user[row["user_id"]]} for row in found]


def test_the_planted_segments_are_found_among_those_who_came_again(said, fitted):
    again = [row for row in said if row["orders"] >= 2]
    assert fitted.params["k"] == 3
    assert adjusted_rand_score([row["planted"] for row in again], [row["cluster"] for row in again]) >= 0.9
    assert len(again) > 0.75 * len(said)


def test_every_customer_with_an_order_gets_a_segment(said, made_lake):
    assert len(said) == made_lake.read("gold.customer_360").where("orders > 0").count()
    assert {row["model_version"] for row in said} == {7}
    assert all(row["distance"] >= 0 for row in said)


def test_segments_are_told_by_what_their_customers_do(said):
    words = {}
    for planted in ("bargain", "regular", "premium"):
        mine = [row["segment"] for row in said if row["planted"] == planted]
        words[planted] = max(set(mine), key=mine.count)
    assert "with coupons" in words["bargain"] and "cheap products" in words["bargain"]
    assert "dear products" in words["premium"] and "many lines" in words["premium"]
    assert "full price" in words["regular"]
    assert len(set(words.values())) == 3


def test_k_has_the_best_silhouette_and_beats_the_baselines(fitted):
    by_k = {name: value for name, value in fitted.metrics.items() if name.startswith("silhouette_k")}
    assert len(by_k) == 5 and max(by_k, key=by_k.get) == "silhouette_k3"
    for name, baseline in fitted.baselines.items():
        assert fitted.metrics["silhouette"] > baseline["silhouette"] + 0.3, name
        assert fitted.metrics["spread"] < baseline["spread"], name


def test_the_silhouette_is_sparks_own(fitted):
    from pyspark.ml.evaluation import ClusteringEvaluator

    scored = fitted.model.transform(fitted.holdout)
    sparks = ClusteringEvaluator(featuresCol="behaviour", predictionCol="cluster").evaluate(scored)
    assert fitted.metrics["silhouette"] == pytest.approx(sparks, abs=1e-9)


def test_losses_are_one_a_customer_from_typical_to_undecided(fitted):
    losses = SEGMENTS.losses(fitted.model, fitted.holdout)
    assert losses.column_names == ["unit", "loss", "country", "age"]
    assert losses.num_rows == fitted.holdout_rows == len(set(losses.column("unit").to_pylist()))
    loss = losses.column("loss").to_numpy()
    assert loss.min() >= 0 and loss.max() <= 1
    # By hand for one customer: the distances to all centres, in numpy.
    row = fitted.model.transform(fitted.holdout).select("user_id", "behaviour").first()
    centres = np.array(fitted.model.stages[-1].clusterCenters())
    near, next_one, *_ = sorted(np.linalg.norm(centres - row.behaviour.toArray(), axis=1))
    assert loss[losses.column("unit").to_pylist().index(row.user_id)] == pytest.approx(near / next_one)


def test_the_model_reads_exactly_the_columns_of_its_sample(fitted):
    assert fitted.model.transform(fitted.sample).select("cluster").count() == 5
    assert set(fitted.sample.columns) == set(fitted.features.columns)


def test_what_a_run_keeps_is_plain(fitted):
    json.dumps([fitted.params, fitted.metrics, fitted.baselines, fitted.importance])
    assert sum(fitted.importance.values()) == pytest.approx(1)
    assert {name for name, draw in fitted.figures.items() if draw()} == {"segments", "centres", "silhouette_by_k"}


def test_behaviour_of_two_customers_by_hand(engine):
    orders = engine.rows(
        "order_id long, user_id long, ordered_at timestamp, channel string, amount decimal(12,2), lines long,"
        " has_coupon boolean",
        (1, 1, "2025-01-01 10:00", "web", "10.00", 1, True),
        (2, 1, "2025-01-11 10:00", "app", "30.00", 3, False),
        (3, 2, "2025-01-31 23:00", "web", "99.00", None, False),
    )
    items = engine.rows(
        "order_id long, product_id long, unit_price decimal(12,2)", (1, 1, "10.00"), (2, 1, "10.00"), (2, 2, "40.00")
    )
    products = engine.rows(
        "product_id long, category string, list_price decimal(12,2)", (1, "Toys", "10.00"), (2, "Toys", "40.00")
    )
    inputs = {"gold.order_features": orders, "silver.order_items": items, "silver.products": products}
    assert main_channels(orders) == ["channel_web", "channel_app"]
    one, other = behaviour(inputs, ["channel_web"]).orderBy("user_id").collect()
    # Toys typically cost 20: two lines at half of it and one at twice as much.
    assert one.price_level == pytest.approx(-np.log(2) / 3)
    assert (one.orders, one.recency_days, one.average_order_value, one.lines_per_order) == (2, 20, 20, 2)
    assert (one.coupon_share, one.channel_web, str(one.as_of)) == (0.5, 0.5, "2025-01-31")
    assert (other.recency_days, other.lines_per_order, other.price_level, other.channel_web) == (0, None, None, 1)


def test_too_few_customers_are_told(engine, made_lake):
    few = engine.rows(RAW, *[(i, 2.0, float(i), 10.0, 1.0, 0.0, 0.0) for i in range(19)])
    with pytest.raises(ModelError, match=r"19 customers .* too few .* At least 20"):
        cluster(few, [], made_lake.stage, 42)


def test_customers_who_all_do_the_same_have_no_segments(engine, made_lake):
    same = engine.rows(RAW, *[(i, 2.0, 5.0, 10.0, 1.0, 0.0, 0.0) for i in range(30)])
    with pytest.raises(ModelError, match="do the same"):
        cluster(same, [], made_lake.stage, 42)
