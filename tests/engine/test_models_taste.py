"""The recipe `recommendations` on the made shop: it beats simpler answers, and everybody gets ten new products."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from datetime import date

import duckdb
import pytest
from tests.fitting import fitting

from emberlake.errors import ModelError
from emberlake.lake import Lake
from emberlake.models.recipe import Fitted
from emberlake.models.taste import RECOMMENDATIONS, rivals, training
from emberlake.models.taste.recipe import recommendations

# `up` trains and writes it in test_up_models.py.
pytestmark = [pytest.mark.only("spark"), pytest.mark.timeout(900), pytest.mark.long]

# NDCG@10 of what sold most in the year before, for customers with a past who bought something new afterwards.
POPULARITY = """
WITH bought AS (
  SELECT o.user_id, i.product_id, o.ordered_at::date AS day FROM orders o JOIN items i USING (order_id)
), cut AS (SELECT max(day) + 1 - 28 AS day FROM bought),
past AS (SELECT * FROM bought WHERE day < (SELECT day FROM cut)),
sold AS (
  SELECT product_id, count(*) FILTER (day >= (SELECT day FROM cut) - 365) AS lines FROM past GROUP BY 1
), wanted AS (
  SELECT DISTINCT user_id, product_id FROM bought WHERE day >= (SELECT day FROM cut)
  EXCEPT SELECT user_id, product_id FROM past
), judged AS (SELECT DISTINCT user_id FROM wanted WHERE user_id IN (SELECT user_id FROM past)),
shown AS (
  SELECT j.user_id, s.product_id, row_number() OVER (PARTITION BY j.user_id ORDER BY lines DESC, s.product_id) AS place
  FROM judged j CROSS JOIN sold s ANTI JOIN past p ON p.user_id = j.user_id AND p.product_id = s.product_id
), gained AS (
  SELECT user_id, sum(1 / log2(place + 1)) AS dcg FROM shown JOIN wanted USING (user_id, product_id)
  WHERE place <= 10 GROUP BY 1
), ideal AS (
  SELECT user_id, list_sum([1 / log2(place + 1) for place in range(1, least(count(*), 10) + 1)]) AS dcg
  FROM wanted WHERE user_id IN (SELECT user_id FROM judged) GROUP BY 1
)
SELECT avg(coalesce(gained.dcg, 0) / ideal.dcg), count(*) FROM ideal LEFT JOIN gained USING (user_id)
"""
LINES = "user_id long, product_id long, day date, channel string, has_coupon boolean, category string, level int"


@pytest.fixture(scope="module")
def inputs(made_lake: Lake) -> dict:
    return {name: made_lake.read(name) for name in RECOMMENDATIONS.reads}


@pytest.fixture(scope="module")
def fitted(engine, inputs, tmp_path_factory) -> Fitted:
    return RECOMMENDATIONS.fit(fitting(engine.session, inputs, tmp_path_factory.mktemp("taste")))


@pytest.fixture(scope="module")
def bought(inputs) -> dict[int, set[int]]:
    orders = inputs["gold.order_features"].select("order_id", "user_id")
    rows = orders.join(inputs["silver.order_items"], "order_id").select("user_id", "product_id").toArrow().to_pydict()
    found = defaultdict(set)
    for user, product in zip(rows["user_id"], rows["product_id"], strict=True):
        found[user].add(product)
    return found


@pytest.fixture(scope="module")
def lists(inputs, fitted: Fitted) -> dict[int, list[dict]]:
    found = defaultdict(list)
    for row in recommendations(inputs, fitted.model, 3).toArrow().to_pylist():
        found[row["user_id"]].append(row)
    return found


def test_the_model_beats_every_simpler_answer(fitted):
    assert len(fitted.baselines) == 3
    best = max(of["ndcg_at_10"] for of in fitted.baselines.values())
    assert fitted.metrics["ndcg_at_10"] > 1.05 * best


def test_everybody_gets_ten_products_that_they_have_not_bought(inputs, lists, bought):
    users = set(inputs["silver.users"].select("user_id").toArrow()["user_id"].to_pylist())
    assert set(lists) == users | set(bought)
    for user, rows in lists.items():
        products = {row["product_id"] for row in rows}
        assert sorted(row["rank"] for row in rows) == list(range(1, 11)) and len(products) == 10
        assert not products & bought.get(user, set())
        ordered = [row["score"] for row in sorted(rows, key=lambda row: row["rank"])]
        assert ordered == sorted(ordered, reverse=True)


def test_who_has_no_order_gets_what_is_popular(lists, bought):
    sources = {user: {row["source"] for row in rows} for user, rows in lists.items()}
    assert set(lists) - set(bought)
    assert all(said == ({"als"} if user in bought else {"popular"}) for user, said in sources.items())


def test_losses_are_one_less_the_measure(fitted):
    losses = RECOMMENDATIONS.losses(fitted.model, fitted.holdout).to_pydict()
    assert len(set(losses["unit"])) == fitted.holdout_rows
    mean = sum(losses["loss"]) / len(losses["loss"])
    assert 1 - mean == pytest.approx(fitted.metrics["ndcg_at_10"])


def test_the_model_is_plain_values(fitted):
    assert json.loads(json.dumps(fitted.model)) == fitted.model


def test_cosines_by_hand(engine):
    pairs = {(1, 10), (1, 20), (2, 10), (2, 20), (3, 10), (3, 30), (4, 10)}
    found = rivals.cosines(engine.rows("user_id int, product_id int", *pairs)).collect()
    cosines = {(row.product_id, row.other_id): row.cosine for row in found}
    expected = {(10, 20): 2 / 8**0.5, (10, 30): 1 / 4**0.5}
    assert cosines == pytest.approx(expected | {(b, a): c for (a, b), c in expected.items()})


def test_of_who_bought_most_the_best_sellers_count(engine, monkeypatch):
    monkeypatch.setattr(rivals, "MOST_PRODUCTS", 2)
    pairs = [(1, 10), (1, 20), (1, 30), (2, 20), (3, 30)]
    found = rivals.cosines(engine.rows("user_id int, product_id int", *pairs)).collect()
    # Of 10, 20 and 30 the first sold least, though its number is the lowest.
    assert {(row.product_id, row.other_id) for row in found} == {(20, 30), (30, 20)}


def test_popularity_is_the_share_of_the_last_years_lines(engine):
    import numpy as np

    rows = [(1, 7, "2025-06-01"), (2, 7, "2025-06-02"), (1, 8, "2025-06-01"), (1, 9, "2023-01-01")]
    lines = engine.rows(LINES, *[(*row, "web", False, "toys", 0) for row in rows])
    document = training.document_of(np.array([7]), np.zeros((1, 2)), lines, date(2025, 7, 1))
    assert dict(zip(document["products"], document["popularity"], strict=True)) == pytest.approx(
        {7: 2 / 3, 8: 1 / 3, 9: 0.0}
    )


@pytest.mark.parametrize("products", [1, 9])
def test_too_few_products_are_told(engine, products):
    rows = [(1, p, "2025-06-01", "web", False, "toys", 0) for p in range(products)]
    with pytest.raises(ModelError, match=f"Only {products} products were ever sold"):
        training.check(engine.rows(LINES, *rows), 10)


def test_an_order_log_alone_still_gives_lists(inputs, fitted, bought):
    names = ("silver.users", "silver.products", "silver.events")
    alone = {**inputs, **{name: inputs[name].limit(0) for name in names}}
    counts = Counter(recommendations(alone, fitted.model, 3).toArrow()["user_id"].to_pylist())
    assert set(counts) == set(bought) and set(counts.values()) == {10}


def test_popularity_scores_what_sql_finds(inputs, fitted):
    with duckdb.connect() as db:
        db.register("orders", inputs["gold.order_features"].select("order_id", "user_id", "ordered_at").toArrow())
        db.register("items", inputs["silver.order_items"].select("order_id", "product_id").toArrow())
        [(ndcg, customers)] = db.sql(POPULARITY).fetchall()
    assert fitted.holdout_rows == customers
    # Products that sold equally often stand in an order of their own.
    assert fitted.baselines["popularity"]["ndcg_at_10"] == pytest.approx(ndcg, rel=0.02)
    assert date.fromisoformat(fitted.windows["train"][1]) < date.fromisoformat(fitted.windows["holdout"][0])
