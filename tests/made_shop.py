"""A made shop seen through DuckDB: what its generator said about itself is judged without its code."""

from __future__ import annotations

from typing import Any

import duckdb

from emberlake.settings import Settings

TABLES = (
    "users", "addresses", "products", "prices", "orders", "order_items", "payments", "returns", "inventory", "events",
    "follows", "ratings",
)  # fmt: skip


def look_at(settings: Settings) -> duckdb.DuckDBPyConnection:
    """Views of the Parquet files, the text exports as tables of texts, and `good_…`: rows without the planted dirt."""
    con = duckdb.connect()
    con.execute("SET TimeZone = 'UTC'")
    for table in TABLES:
        con.execute(f"CREATE VIEW {table} AS FROM read_parquet('{settings.landing}/{table}/*.parquet')")
    con.execute(f"CREATE VIEW truth AS FROM read_parquet('{settings.landing}/truth/users/*.parquet')")
    con.execute(f"CREATE VIEW odd_orders AS FROM read_parquet('{settings.landing}/truth/odd_orders/*.parquet')")
    con.execute(f"CREATE TABLE legacy AS FROM read_csv('{settings.landing}/orders/legacy.csv', all_varchar = true)")
    con.execute(
        f"""CREATE TABLE app AS SELECT line, try_cast(line AS JSON) AS json
        FROM read_csv('{settings.landing}/events/app.jsonl', header = false, delim = '\x01', quote = '',
            columns = {{line: 'varchar'}})"""
    )
    con.execute(
        """CREATE TABLE good_orders AS
        SELECT DISTINCT ON (order_id) * FROM (
            FROM orders UNION ALL BY NAME
            SELECT order_id::BIGINT AS order_id, user_id::BIGINT AS user_id, ordered_at::TIMESTAMPTZ AS ordered_at,
                received_at::TIMESTAMPTZ AS received_at, status, channel, country, currency,
                items_amount::DECIMAL(12,2) AS items_amount, discount::DECIMAL(12,2) AS discount,
                shipping::DECIMAL(12,2) AS shipping, amount::DECIMAL(12,2) AS amount, coupon
            FROM legacy WHERE order_id NOT LIKE 'A%' AND amount NOT LIKE '%,%' AND ordered_at NOT LIKE '%/%')
        WHERE user_id IN (SELECT user_id FROM users) AND amount >= 0 AND ordered_at < '2090-01-01'
        ORDER BY order_id, received_at DESC"""
    )
    con.execute(
        """CREATE TABLE good_items AS SELECT DISTINCT * FROM order_items WHERE quantity > 0
        AND product_id IN (SELECT product_id FROM products) AND order_id IN (SELECT order_id FROM good_orders)"""
    )
    return con


def one(shop: duckdb.DuckDBPyConnection, sql: str) -> Any:
    """The only row of an answer, or its only value."""
    rows = shop.execute(sql).fetchall()
    assert len(rows) == 1
    return rows[0][0] if len(rows[0]) == 1 else rows[0]
