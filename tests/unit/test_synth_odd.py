"""Odd orders are planted at exact counts, are good rows, and are unlike all others: measured by DuckDB."""

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


def test_odd_orders_are_good_rows_at_exact_counts(shop, told):
    counts = dict(shop.execute("SELECT kind, count(*) FROM odd_orders GROUP BY kind").fetchall())
    assert counts == told.parameters["odd_orders"]["counts"] == {"amount": 30, "velocity": 120, "address": 40}
    assert one(shop, "SELECT count(DISTINCT order_id) FROM odd_orders SEMI JOIN good_orders USING (order_id)") == 190
    cancelled = "good_orders SEMI JOIN odd_orders USING (order_id) WHERE status = 'cancelled'"
    assert one(shop, f"SELECT count(*) FROM {cancelled}") == 0


def test_odd_amounts_have_many_pieces_of_one_product(shop):
    pieces = "(SELECT order_id, max(quantity) AS most, sum(quantity) AS pieces FROM good_items GROUP BY order_id)"
    least = f"SELECT min(most), min(pieces) FROM odd_orders JOIN {pieces} USING (order_id) WHERE kind = '%s'"
    assert one(shop, least % "amount")[0] >= 20
    assert one(shop, least % "address")[1] >= 8
    ordinary = "good_orders ANTI JOIN odd_orders USING (order_id)"
    assert one(shop, f"SELECT max(most) FROM {ordinary} JOIN {pieces} USING (order_id)") < 8
    large = "SELECT median(amount) FROM good_orders JOIN odd_orders USING (order_id) WHERE kind = 'amount'"
    assert one(shop, large) > one(shop, f"SELECT quantile_disc(amount, 0.9999) FROM {ordinary}")


def test_bursts_are_six_orders_within_an_hour(shop):
    bursts = shop.execute("""SELECT count(*), date_diff('second', min(ordered_at), max(ordered_at))
        FROM odd_orders JOIN good_orders USING (order_id) WHERE kind = 'velocity'
        GROUP BY user_id, date_trunc('hour', ordered_at)""").fetchall()
    assert sum(orders for orders, _ in bursts) == 120
    assert {orders % 6 for orders, _ in bursts} == {0} and max(seconds for _, seconds in bursts) < 3600
    by_chance = """SELECT max(n) FROM (SELECT count(*) AS n FROM good_orders ANTI JOIN odd_orders USING (order_id)
        GROUP BY user_id, date_trunc('hour', ordered_at))"""
    assert one(shop, by_chance) <= 2


def test_odd_addresses_are_abroad_and_dear_and_gifts_are_only_abroad(shop):
    abroad = """FROM good_orders o LEFT JOIN odd_orders USING (order_id)
        WHERE country NOT IN (SELECT country FROM addresses a WHERE a.user_id = o.user_id)"""
    assert one(shop, f"SELECT count(*) {abroad} AND kind = 'address'") == 40
    assert one(shop, f"SELECT count(*) {abroad} AND kind IN ('amount', 'velocity')") < 5
    gifts = one(shop, f"SELECT count(*) {abroad} AND kind IS NULL")
    assert gifts == pytest.approx(200, abs=45)
    usual = one(shop, "SELECT median(amount) FROM good_orders")
    assert one(shop, f"SELECT median(amount) {abroad} AND kind IS NULL") < 1.3 * float(usual)
    assert one(shop, f"SELECT median(amount) {abroad} AND kind = 'address'") > 8 * float(usual)
