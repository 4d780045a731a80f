"""The recipe `recommendations` where there is little to learn from."""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np
import pytest
from tests.fitting import fitting

from emberlake.errors import ModelError
from emberlake.models.recipe import Fitted
from emberlake.models.taste import RECOMMENDATIONS, history, training
from emberlake.models.taste.factors import Factors, Histories

# The same model as in test_models_taste.py, at its edges.
pytestmark = [pytest.mark.only("spark"), pytest.mark.timeout(900), pytest.mark.long]

ORDERS = "order_id long, user_id long, ordered_at timestamp, channel string, has_coupon boolean"
ITEMS = "order_id long, product_id long, unit_price decimal(12,2)"
PRODUCTS = "product_id long, category string, list_price decimal(12,2)"
USERS = "user_id long, country string, birth_year int"
EVENTS = "user_id long, product_id long, occurred_at timestamp"
DAYS = 120
FIRST = datetime(2025, 1, 1, 12)


def tables(engine, bought, catalogue: bool = True) -> dict:
    """What the recipe reads, from (user, product, day) with one order each; without a catalogue: an order log alone."""
    orders = [(n, user, FIRST + timedelta(days=day), "web", False) for n, (user, _, day) in enumerate(bought)]
    items = [(n, product, "10.00") for n, (_, product, _) in enumerate(bought)]
    users, products = ({row[place] for row in bought} if catalogue else set() for place in (0, 1))
    return {
        "gold.order_features": engine.rows(ORDERS, *orders),
        "silver.order_items": engine.rows(ITEMS, *items),
        "silver.products": engine.rows(PRODUCTS, *[(p, f"c{p % 3}", "10.00") for p in products]),
        "silver.users": engine.rows(USERS, *[(u, "DE", 1980) for u in users]),
        "silver.events": engine.rows(EVENTS),
    }


def fit(engine, folder, bought, catalogue: bool = True) -> Fitted:
    return RECOMMENDATIONS.fit(fitting(engine.session, tables(engine, bought, catalogue), folder))


# Twenty customers, all alike: product p on day 8 p, the last three of them within the last 28 days.
ALIKE = [(user, product, 8 * product) for user in range(20) for product in range(15)]


def test_customers_who_are_all_alike_are_no_reason_to_fail(engine, tmp_path):
    fitted = fit(engine, tmp_path, ALIKE)
    assert fitted.holdout_rows == 20
    vectors = np.array(fitted.model["factors"])
    assert np.isfinite(vectors).all()
    # 12 products had been bought by everybody, and the three that followed were unknown: nothing could be right.
    assert fitted.metrics["ndcg_at_10"] == 0.0
    assert any("does NOT beat" in limit for limit in fitted.limits)


def test_an_order_log_alone_is_learnt_from(engine, tmp_path):
    some = [(user, (user + step) % 30, 4 * step) for user in range(40) for step in range(30)]
    fitted = fit(engine, tmp_path, some, catalogue=False)
    assert fitted.holdout_rows == 40
    assert 0 < fitted.metrics["ndcg_at_10"] <= 1
    assert set(fitted.model["categories"]) == {None}


def test_what_a_community_buys_beyond_the_usual_is_a_habit_of_all_who_bought(engine):
    # Everybody buys of "a" most; the first community more of "b" than others do, the second of "c". 9 bought nothing.
    few = [(1, "a", 3), (1, "b", 2), (2, "a", 2), (2, "b", 2), (3, "a", 4), (3, "c", 1), (4, "a", 4), (4, "c", 2)]
    lines = [(user, category) for user, category, count in few for _ in range(100 * count)]
    bought = engine.rows("user_id long, category string", *lines)
    of = engine.rows("user_id long, community long", (1, 7), (2, 7), (3, 8), (4, 8), (5, None), (9, 8))
    found = {row.user_id: (row.item, row.weight) for row in history.fellows(of, bought).collect()}
    assert set(found) == {1, 2, 3, 4} and {weight for _, weight in found.values()} == {history.FELLOWS_WEIGHT}
    assert found[1] == found[2] != found[3] == found[4]
    # The same habit under whatever number the community goes.
    renamed = engine.rows("user_id long, community long", (1, 30), (2, 30), (3, 20), (4, 20))
    assert {row.user_id: (row.item, row.weight) for row in history.fellows(renamed, bought).collect()} == found


def test_a_past_that_is_too_short_is_told(engine, tmp_path):
    short = [(user, product, product) for user in range(5) for product in range(60)]
    with pytest.raises(ModelError, match="60 days of orders are too short a past to hold out the last 28 of them"):
        fit(engine, tmp_path, short)


def test_that_nobody_came_back_is_told(engine, tmp_path):
    # In the last four weeks people only bought what they had bought before.
    again = [(user, product, 5 * product) for user in range(5) for product in range(15)]
    again += [(user, 3, DAYS - 1) for user in range(5)]
    with pytest.raises(ModelError, match="No customer of before bought something new in the last 28 days"):
        fit(engine, tmp_path, again)


def test_no_order_lines_are_told(engine, tmp_path):
    with pytest.raises(ModelError, match="No order has a line"):
        fit(engine, tmp_path, [])


def test_a_customers_vector_is_the_one_that_the_factorisation_gave_them(engine, tmp_path):
    from pyspark.ml.recommendation import ALS

    some = [(user, (user * 7 + step * step) % 40, 3 * step) for user in range(50) for step in range(30)]
    rows = history.interactions(history.lines(tables(engine, some))).localCheckpoint()
    model = ALS(
        rank=training.RANK, maxIter=training.ITERATIONS, regParam=training.REGULARISATION, alpha=training.ALPHA,
        implicitPrefs=True, seed=1, userCol="user_id", itemCol="item", ratingCol="weight",
    ).fit(rows)  # fmt: skip
    theirs = {row.id: np.array(row.features) for row in model.userFactors.collect()}
    items = model.itemFactors.orderBy("id").collect()
    factors = Factors({
        "alpha": training.ALPHA, "regularisation": training.REGULARISATION, "items": [row.id for row in items],
        "factors": [list(row.features) for row in items], "products": [], "popularity": [], "categories": [],
    })  # fmt: skip
    batch = history.histories(rows).toArrow().combine_chunks().to_batches()[0]
    ours = dict(zip(batch["user_id"].to_pylist(), factors.vectors(Histories.of(batch)), strict=True))
    assert set(ours) == set(theirs)
    # MLlib solves in single precision.
    for user, vector in theirs.items():
        np.testing.assert_allclose(ours[user], vector, rtol=2e-3, atol=2e-4)
