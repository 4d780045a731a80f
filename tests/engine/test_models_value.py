"""Order value at check-out: its features by hand and by DuckDB, the check for leaks, and the model on the made shop."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import duckdb
import numpy as np
import pytest
from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from tests.fitting import fitting
from tests.made_shop import look_at
from tests.planted import expected_amounts, parameters
from tests.rows import assert_rows

from emberlake.errors import ModelError
from emberlake.models.leaks import Leak, World, find_leaks, require_no_leaks
from emberlake.models.recipe import Fitted
from emberlake.models.value import ORDER_VALUE, checkout_features
from emberlake.models.value.features import AFTER_CHECKOUT, KNOWN_FROM, NAMES, NUMBERS

pytestmark = pytest.mark.only("spark")

ORDERS = (
    "order_id long, user_id long, ordered_at timestamp, received_at timestamp, status string, channel string, "
    "country string, items_amount decimal(12,2), discount decimal(12,2), shipping decimal(12,2), "
    "amount decimal(12,2), coupon string"
)
ITEMS = "order_id long, line int, product_id long, quantity int, unit_price decimal(12,2), discount decimal(12,2)"
PRODUCTS = "product_id long, category string, list_price decimal(12,2), launched_at timestamp"
WORLD = World("silver.orders", "order_id", "user_id", KNOWN_FROM, ("silver.order_items",), AFTER_CHECKOUT)


@pytest.fixture(scope="module")
def shop(engine) -> dict[str, DataFrame]:
    """Two customers: 7 orders three times, 8 once without any line."""
    at = "2026-03-02 00:00"
    return {
        "silver.orders": engine.rows(
            ORDERS,
            (1, 7, "2026-03-01 10:00", at, "paid", "web", "DE", "40.00", "4.00", "5.00", "41.00", "SAVE10"),
            (2, 7, "2026-03-02 22:30", at, "cancelled", "app", "DE", "100.00", "0.00", "0.00", "100.00", None),
            (3, 7, "2026-03-04 10:00", at, "paid", None, "FR", "30.00", "0.00", "5.00", "35.00", None),
            (4, 8, "2026-03-04 12:00", at, None, "web", None, "9.00", "0.00", "0.00", "9.00", None),
        ),
        "silver.order_items": engine.rows(
            ITEMS,
            (1, 1, 1, 2, "20.00", "0.00"),
            (2, 1, 1, 4, "25.00", "20.00"),
            (2, 2, 2, 1, "20.00", "0.00"),
            (3, 1, 1, 1, "25.00", "0.00"),
            (3, 2, 9, 1, "5.00", "0.00"),
        ),
        "silver.products": engine.rows(
            PRODUCTS, (1, "Toys", "20.00", "2026-01-01 00:00"), (2, "Books", "16.00", "2026-01-01 00:00")
        ),
    }


@pytest.fixture(scope="module")
def known(engine, shop, tmp_path_factory) -> DataFrame:
    return fitting(engine.session, {}, tmp_path_factory.mktemp("known")).stage(checkout_features(shop))


def test_a_basket_is_seen_at_one_piece_each(known):
    basket = known.select(
        "order_id", "lines", "categories", "basket_price", "dearest", "cheapest", "basket_list", "price_level",
        "category",
    )  # fmt: skip
    assert_rows(
        basket,
        [
            (1, 1.0, 1.0, 20.0, 20.0, 20.0, 20.0, 1.0, "Toys"),
            (2, 2.0, 2.0, 45.0, 25.0, 20.0, 36.0, 1.25, "Toys"),
            # Product 9 is not in the catalogue: its price is its list price.
            (3, 2.0, 2.0, 30.0, 25.0, 5.0, 25.0, 1.2, "Toys"),
            (4, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, "unknown"),
        ],
    )


def test_what_a_category_usually_comes_to_is_known_up_to_yesterday(known):
    # Until 2 March toys came to 40 for 20 of list price, never yet at a quarter more; until 4 March, at a quarter more,
    # to 80 for 20. Books and what is in no catalogue are new each time. Yesterday nobody bought.
    assert_rows(
        known.select("order_id", "basket_usual", "promotion"),
        [(1, 20.0, 0.0), (2, 20 * 2.0 + 16, 0.0), (3, 20 * 4.0 + 5, 0.0), (4, 0.0, 0.0)],
    )


def test_a_promotion_is_the_share_taken_off_yesterday(engine, shop):
    later = shop | {
        "silver.orders": shop["silver.orders"].withColumn(
            "ordered_at",
            F.when(F.col("order_id") == 3, F.lit("2026-03-03 01:00")).otherwise(F.col("ordered_at")).cast("timestamp"),
        )
    }
    # Of 100 for toys on 2 March 20 were taken off, and toys are 25 of the basket's 30.
    promoted = checkout_features(later).where("order_id = 3").select("promotion")
    assert_rows(promoted, [(0.2 * 25 / 30,)])


def test_history_is_what_the_customer_did_before_even_if_cancelled_since(known):
    history = known.select(
        "order_id", "orders_before", "days_since_previous", "mean_amount_before", "last_amount", "largest_before",
        "coupon_share_before", "lines_before", "paid_to_basket_before",
    )  # fmt: skip
    assert_rows(
        history,
        [
            (1, 0.0, -1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0),
            (2, 1.0, 36.5 / 24, 41.0, 41.0, 41.0, 1.0, 1.0, 41 / 20),
            (3, 2.0, 35.5 / 24, 70.5, 100.0, 100.0, 0.5, 1.5, 141 / 65),
            (4, 0.0, -1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0),
        ],
    )


def test_time_is_utc_and_names_are_never_null(known):
    times = known.select("order_id", "hour", "weekday", "month", "channel", "country")
    assert_rows(
        times,
        [
            (1, 10.0, 7.0, 3.0, "web", "DE"),
            (2, 22.0, 1.0, 3.0, "app", "DE"),
            (3, 10.0, 3.0, 3.0, "unknown", "FR"),
            (4, 12.0, 3.0, 3.0, "web", "unknown"),
        ],
    )


def day(number: int) -> dt.datetime:
    return dt.datetime(2026, 3, number, tzinfo=dt.UTC)


def leaky(inputs):
    """Features of which each knows too much in another way, and one that does not."""
    orders = inputs["silver.orders"]
    ever = orders.groupBy("user_id").agg(
        F.avg("amount").cast("double").alias("mean_of_all_time"), F.max("ordered_at").alias("last")
    )
    pieces = inputs["silver.order_items"].groupBy("order_id").agg(F.sum("quantity").cast("double").alias("pieces"))
    rows = orders.join(ever, "user_id").join(pieces, "order_id", "left")
    return rows.select(
        "order_id", "mean_of_all_time", "pieces", F.hour("ordered_at").alias("hour"),
        F.when(F.col("last") > F.col("ordered_at"), F.lit("yes")).alias("comes_again"),
    )  # fmt: skip


def test_features_that_know_the_future_or_their_own_outcome_are_caught(shop):
    names = ["mean_of_all_time", "pieces", "hour", "comes_again"]
    found = find_leaks(leaky, shop, WORLD, names, day(3), day(2))
    assert {(leak.feature, leak.kind) for leak in found} == {
        # The mean over all time holds later orders, and the order's own amount.
        ("mean_of_all_time", "future"),
        ("mean_of_all_time", "outcome"),
        ("pieces", "outcome"),
        # Null until the next order comes.
        ("comes_again", "future"),
    }


def test_the_real_features_know_nothing(shop):
    assert find_leaks(checkout_features, shop, WORLD, (*NUMBERS, *NAMES), day(3), day(2)) == []


def test_a_check_that_compares_nothing_says_so(shop):
    with pytest.raises(ModelError, match="leaks cannot be looked for"):
        find_leaks(
            checkout_features,
            shop,
            WORLD,
            NUMBERS,
            day(4),
            day(3),
        )


def test_leaks_stop_the_training():
    with pytest.raises(ModelError, match="pieces knows what the row itself came to"):
        require_no_leaks([Leak("pieces", "outcome", 3, 3)])


def test_a_shop_that_is_too_small_is_told_so(engine, shop, tmp_path):
    with pytest.raises(ModelError, match="4 orders"):
        ORDER_VALUE.fit(fitting(engine.session, shop, tmp_path))


@pytest.fixture(scope="module")
def inputs(made_lake) -> dict[str, DataFrame]:
    return {name: made_lake.read(name) for name in ORDER_VALUE.reads}


@pytest.fixture(scope="module")
def fitted(engine, inputs, tmp_path_factory) -> Fitted:
    return ORDER_VALUE.fit(fitting(engine.session, inputs, tmp_path_factory.mktemp("value")))


@pytest.fixture(scope="module")
def truth(made_lake) -> duckdb.DuckDBPyConnection:
    return look_at(made_lake.settings)


def r2(actual, said) -> float:
    return 1 - float(((actual - said) ** 2).sum() / ((actual - actual.mean()) ** 2).sum())


def test_the_model_reaches_what_the_planted_noise_allows(made_lake, fitted, truth):
    best = expected_amounts(truth, parameters(made_lake.settings.landing))
    scored = fitted.model.transform(fitted.holdout).select("order_id", "prediction", F.col("ordered_at").cast("string"))
    rows = scored.toPandas().set_index("order_id").join(best[["amount", "expected", "odd"]], how="inner")
    assert len(rows) == fitted.holdout_rows
    assert rows["ordered_at"].min() >= fitted.windows["holdout"][0]
    # Odd orders are noise that nobody can foresee, the oracle neither.
    assert r2(rows["amount"], rows["prediction"]) == pytest.approx(fitted.metrics["r2"], abs=1e-9)
    assert fitted.metrics["r2"] >= 0.9 * r2(rows["amount"], rows["expected"])
    ordinary = rows[~rows["odd"]]
    assert r2(ordinary["amount"], ordinary["expected"]) > 0.85
    assert r2(ordinary["amount"], ordinary["prediction"]) >= 0.9 * r2(ordinary["amount"], ordinary["expected"])


def test_the_model_beats_every_baseline(fitted):
    for name, measures in fitted.baselines.items():
        assert fitted.metrics["r2_ordinary"] > measures["r2_ordinary"], name
        assert fitted.metrics["mae"] < measures["mae"], name


def test_features_of_the_made_shop_are_those_that_duckdb_finds(fitted, truth):
    truth.execute(
        """CREATE OR REPLACE TEMP TABLE mine AS
        WITH basket AS (SELECT order_id, count(*) AS lines, sum(unit_price)::DOUBLE AS price
            FROM good_items GROUP BY order_id)
        SELECT order_id, coalesce(lines, 0)::DOUBLE AS lines, coalesce(price, 0) AS basket_price,
            (count(*) OVER before)::DOUBLE AS orders_before,
            coalesce(avg(amount::DOUBLE) OVER before, 0) AS mean_amount_before,
            coalesce(avg((coupon IS NOT NULL)::INT) OVER before, 0)::DOUBLE AS coupon_share_before
        FROM good_orders LEFT JOIN basket USING (order_id)
        WINDOW before AS (PARTITION BY user_id ORDER BY ordered_at, order_id
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)"""
    )
    columns = ["lines", "basket_price", "orders_before", "mean_amount_before", "coupon_share_before"]
    theirs = truth.execute("FROM mine").df().set_index("order_id")
    ours = fitted.holdout.select("order_id", *columns).toPandas().set_index("order_id")
    theirs = theirs.loc[ours.index]
    for name in columns:
        np.testing.assert_allclose(ours[name], theirs[name], rtol=1e-9, atol=1e-9, err_msg=name)


def test_raw_rows_are_scored_with_unknown_names_and_missing_numbers(fitted):
    odd = fitted.sample.limit(2).withColumn("country", F.lit("ZZ")).withColumn("hour", F.lit(None).cast("double"))
    said = [row["prediction"] for row in fitted.model.transform(odd).collect()]
    assert len(said) == 2
    assert all(np.isfinite(said))


def test_losses_are_the_error_of_each_order_in_eur(fitted):
    table = ORDER_VALUE.losses(fitted.model, fitted.holdout)
    assert table.column_names == ["unit", "loss", "country", "age"]
    assert table.num_rows == fitted.holdout_rows
    assert np.mean(table["loss"].to_numpy()) == pytest.approx(fitted.metrics["mae"], rel=1e-9)
    assert {"18-24", "25-34", "65+"} <= set(table["age"].to_pylist())


def test_importance_and_pictures_go_by_the_raw_names(fitted, tmp_path: Path):
    assert set(fitted.importance) == {*NUMBERS, *NAMES}
    assert sum(fitted.importance.values()) == pytest.approx(1)
    for name, draw in fitted.figures.items():
        draw().savefig(tmp_path / f"{name}.png")
        assert (tmp_path / f"{name}.png").stat().st_size > 10_000
