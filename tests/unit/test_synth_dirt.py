"""The planted dirt is in the files in exact numbers, and refusing it refuses nothing else."""

from __future__ import annotations

import duckdb
import pytest
from tests.made_shop import look_at, one

from emberlake.progress import silent
from emberlake.settings import Settings
from emberlake.synth import Truth, write_shop


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return Settings(root=tmp_path_factory.mktemp("shop"))


@pytest.fixture(scope="module")
def told(settings: Settings) -> Truth:
    return write_shop(settings, silent)


@pytest.fixture(scope="module")
def shop(settings: Settings, told: Truth) -> duckdb.DuckDBPyConnection:
    return look_at(settings)


DIRT = {
    ("orders", "missing_user"): "SELECT count(*) FROM orders WHERE user_id IS NULL",
    ("orders", "missing_amount"): "SELECT count(*) FROM orders WHERE amount IS NULL",
    ("orders", "malformed_amount"): r"SELECT count(*) FROM legacy WHERE regexp_matches(amount, '^\d\.\d\d\d,\d\d$')",
    ("orders", "malformed_date"): "SELECT count(*) FROM legacy WHERE ordered_at = '31/02/2026'",
    ("orders", "malformed_id"): r"SELECT count(*) FROM legacy WHERE regexp_matches(order_id, '^A \d+$')",
    ("orders", "negative_amount"): "SELECT count(*) FROM orders WHERE amount < 0",
    ("orders", "in_the_future"): "SELECT count(*) FROM orders WHERE ordered_at >= '2099-01-01'",
    ("orders", "unknown_user"): "SELECT count(*) FROM orders o WHERE user_id IS NOT NULL AND NOT EXISTS "
    "(FROM users u WHERE u.user_id = o.user_id)",
    ("orders", "duplicate"): "SELECT count(*) - count(DISTINCT (order_id, received_at)) FROM orders",
    # The last of an order's versions stands before the older one: it came late.
    ("orders", "stale_version"): """SELECT count(*) FROM (SELECT received_at < lag(received_at) OVER
        (PARTITION BY order_id ORDER BY file_row_number) AS late FROM read_parquet('{landing}/orders/*.parquet',
        file_row_number = true)) WHERE late""",
    ("orders", "update"): """SELECT count(*) FROM (SELECT received_at > lag(received_at) OVER
        (PARTITION BY order_id ORDER BY file_row_number) AS late FROM read_parquet('{landing}/orders/*.parquet',
        file_row_number = true)) WHERE late""",
    ("orders", "updated"): """SELECT count(DISTINCT order_id) FROM (SELECT order_id, received_at > lag(received_at)
        OVER (PARTITION BY order_id ORDER BY file_row_number) AS late FROM read_parquet('{landing}/orders/*.parquet',
        file_row_number = true)) WHERE late""",
    ("orders", "late"): "SELECT count(*) FROM orders WHERE received_at - ordered_at > INTERVAL 48 HOUR",
    ("orders", "legacy"): """SELECT count(*) FROM legacy WHERE try_cast(order_id AS BIGINT) IS NOT NULL
        AND try_cast(amount AS DECIMAL(12,2)) IS NOT NULL AND try_cast(ordered_at AS TIMESTAMP) IS NOT NULL""",
    ("order_items", "zero_quantity"): "SELECT count(*) FROM order_items WHERE quantity = 0",
    ("order_items", "unknown_product"): "SELECT count(*) FROM order_items ANTI JOIN products USING (product_id)",
    ("order_items", "unknown_order"): "SELECT count(*) FROM order_items ANTI JOIN good_orders USING (order_id)",
    ("order_items", "duplicate"): "SELECT count(*) - count(DISTINCT (order_id, line)) FROM order_items "
    "SEMI JOIN good_orders USING (order_id)",
    ("payments", "unknown_order"): "SELECT count(*) FROM payments ANTI JOIN good_orders USING (order_id)",
    ("payments", "duplicate"): "SELECT count(*) - count(DISTINCT payment_id) FROM payments",
    ("returns", "unknown_order"): "SELECT count(*) FROM returns ANTI JOIN good_orders USING (order_id)",
    ("inventory", "unknown_product"): "SELECT count(*) FROM inventory ANTI JOIN products USING (product_id)",
    ("events", "duplicate"): "SELECT count(*) - count(DISTINCT event_id) FROM events",
    ("events", "unknown_order"): "SELECT count(*) FROM events ANTI JOIN good_orders USING (order_id) "
    "WHERE order_id IS NOT NULL",
    ("events", "broken_line"): "SELECT count(*) FROM app WHERE json IS NULL",
    ("events", "malformed_date"): "SELECT count(*) FROM app WHERE json ->> 'occurred_at' = 'yesterday evening'",
    ("events", "duplicate_line"): "SELECT count(*) - count(DISTINCT line) FROM app",
    ("events", "legacy"): "SELECT count(DISTINCT line) FROM app WHERE json IS NOT NULL "
    "AND json ->> 'occurred_at' <> 'yesterday evening'",
    ("ratings", "out_of_range"): "SELECT count(*) FROM ratings WHERE rating = 7",
    ("ratings", "unknown_product"): "SELECT count(*) FROM ratings ANTI JOIN products USING (product_id)",
    ("ratings", "duplicate"): "SELECT count(*) - count(DISTINCT (user_id, product_id)) FROM ratings",
    ("users", "duplicate"): "SELECT count(*) - count(DISTINCT (user_id, updated_at)) FROM users",
    ("users", "stale_version"): """SELECT count(*) FROM (SELECT updated_at < lag(updated_at) OVER (PARTITION BY user_id
        ORDER BY file_row_number) AS late FROM read_parquet('{landing}/users/*.parquet', file_row_number = true))
        WHERE late""",
    ("users", "update"): """SELECT count(*) FROM (SELECT updated_at > lag(updated_at) OVER (PARTITION BY user_id
        ORDER BY file_row_number) AS late FROM read_parquet('{landing}/users/*.parquet', file_row_number = true))
        WHERE late""",
    ("users", "updated"): """SELECT count(DISTINCT user_id) FROM (SELECT user_id, updated_at > lag(updated_at) OVER
        (PARTITION BY user_id ORDER BY file_row_number) AS late FROM read_parquet('{landing}/users/*.parquet',
        file_row_number = true)) WHERE late""",
}  # fmt: skip


def test_every_kind_of_dirt_is_recounted(told):
    assert {(d.table, d.kind) for d in told.dirt} == set(DIRT)


@pytest.mark.parametrize(("table", "kind"), DIRT)
def test_dirt_is_there_in_the_exact_number(shop, told, settings, table, kind):
    assert told.count(table, kind) > 0
    assert one(shop, DIRT[table, kind].format(landing=settings.landing)) == told.count(table, kind)


def test_each_kind_of_bad_order_is_two_in_a_thousand(told):
    assert told.count("orders", "missing_user") == 100
    assert told.count("orders", "late") == 100


def test_what_the_rules_leave_is_one_row_a_key(shop, told):
    assert told.accepted("orders") == 50_000
    assert told.accepted("users") == 10_000
    assert told.accepted("order_items") == one(shop, "SELECT count(*) FROM good_items")


@pytest.mark.parametrize(
    ("child", "column", "parent", "key"),
    [
        ("addresses", "user_id", "users", "user_id"),
        ("prices", "product_id", "products", "product_id"),
        ("follows", "follower_id", "users", "user_id"),
        ("follows", "followee_id", "users", "user_id"),
        ("ratings", "user_id", "users", "user_id"),
        ("events", "user_id", "users", "user_id"),
        ("events", "product_id", "products", "product_id"),
        ("good_items", "order_id", "good_orders", "order_id"),
        ("good_orders", "user_id", "users", "user_id"),
        ("truth", "user_id", "users", "user_id"),
    ],
)
def test_what_a_row_points_to_exists(shop, child, column, parent, key):
    lost = f"SELECT count(*) FROM {child} c WHERE {column} IS NOT NULL AND {column} NOT IN (SELECT {key} FROM {parent})"
    assert one(shop, lost) == 0


def test_refusing_the_dirty_orders_refuses_nothing_else(shop, told):
    orphans = "SELECT count(*) FROM {} ANTI JOIN good_orders USING (order_id)"
    for table in ("order_items", "payments", "returns"):
        assert one(shop, orphans.format(table)) == told.count(table, "unknown_order")
