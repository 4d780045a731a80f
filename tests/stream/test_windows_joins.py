"""A stream with a stream, and a stream with a table that changes under it."""

from __future__ import annotations

from decimal import Decimal

import pytest
from tests.rows import assert_rows, make_rows
from tests.stream_tools import Shop, clicks, orders, stream

from emberlake.lake import Lake
from emberlake.settings import read_settings
from emberlake.streams.windows import clicks_to_orders, priced_lines
from emberlake.tables import find

CLICKED = [
    (1, 70, 7, "page_view", "10:00", 500),
    (2, 70, 7, "checkout", "10:20"),
    (3, 71, 8, "page_view", "10:05", 501),
    (4, 72, None, "page_view", "10:05", 501),
    (5, 70, 7, "search", "10:06"),
    (6, 73, 9, "page_view", "10:00", 502),
]
# 7's order is 30 minutes after the first click to the second; 8's is one too late; 9's came before the click.
ORDERED = [(1, 7, "10:30", "10.00"), (2, 8, "10:35:01", "20.00"), (3, 9, "09:59", "5.00")]
PAIRS = [
    (1, 7, "page_view", 500, "2026-03-01 10:00", 1, "2026-03-01 10:30", "10.00"),
    (2, 7, "checkout", None, "2026-03-01 10:20", 1, "2026-03-01 10:30", "10.00"),
]
ALONE = [
    (3, 8, "page_view", 501, "2026-03-01 10:05", None, None, None),
    (6, 9, "page_view", 502, "2026-03-01 10:00", None, None, None),
]
PRICES = "product_id long, price decimal(12,2), changed_at timestamp, valid_from timestamp, valid_to timestamp"


@pytest.fixture(scope="module")
def shop(spark, tmp_path_factory) -> Shop:
    return Shop(spark, read_settings(root=tmp_path_factory.mktemp("joins")))


def test_a_batch_joins_clicks_with_the_orders_of_the_half_hour_after(spark):
    some = clicks(spark, *CLICKED), orders(spark, *ORDERED)
    assert_rows(clicks_to_orders(*some, "inner"), PAIRS)
    assert_rows(clicks_to_orders(*some), [*PAIRS, *ALONE])


def test_clicks_without_an_order_come_when_none_can_come_any_more(shop, spark):
    shop.come(clicks(spark, *CLICKED))
    shop.come(orders(spark, *ORDERED))
    shop.run("clicks_to_orders")
    # The watermark is 10:10 for clicks and 10:25 for orders: the slower one counts.
    assert_rows(shop.table("live_attribution"), PAIRS)
    full = shop.states["clicks_to_orders"][0]["symmetricHashJoin"]
    # One topic alone moves nothing: the other's rows may still come.
    shop.come(clicks(spark, (7, 74, 5, "page_view", "11:30", 503)))
    shop.run("clicks_to_orders")
    assert_rows(shop.table("live_attribution"), PAIRS)
    # A query that was started again waits for both to speak again: it remembers their slower one only.
    shop.come(orders(spark, (4, 4, "11:30", "1.00")))
    shop.come(clicks(spark, (8, 75, 5, "page_view", "11:31", 503)))
    shop.run("clicks_to_orders")
    assert_rows(shop.table("live_attribution"), [*PAIRS, *ALONE])
    assert shop.dropped["clicks_to_orders"] == 0
    # Four clicks and three orders were kept; in the end two clicks and the order of 11:30.
    assert (full, shop.states["clicks_to_orders"][-1]["symmetricHashJoin"]) == (7, 3)


def test_a_line_gets_the_price_that_held_when_it_was_ordered(spark):
    line = (1, 500, 2, "9.00")
    prices = make_rows(
        spark,
        PRICES,
        [
            (500, "10.00", "2026-01-01", "2026-01-01", "2026-03-01 10:00"),
            (500, "9.00", "2026-03-01 10:00", "2026-03-01 10:00", None),
        ],
    )
    bought = orders(
        spark,
        (1, 7, "09:59:59", "18.00", "paid", "web", [_line(line)]),
        (2, 7, "10:00", "18.00", "paid", "web", [_line(line), _line((2, 999, 1, "1.00")), (3, None, 1, None)]),
    )
    assert_rows(
        priced_lines(bought, prices).select("order_id", "line", "price"),
        [(1, 1, "10.00"), (2, 1, "9.00"), (2, 2, None)],
    )


@pytest.mark.long
def test_a_price_that_changes_while_the_stream_runs_counts_from_the_next_batch(spark, tmp_path):
    shop = Shop(spark, read_settings(root=tmp_path))
    _price(shop, "10.00", "2026-01-01")
    _buy(shop, 11, "10:00")
    query = stream("priced_lines").start(shop.running("priced_lines", trigger="1 second"))
    try:
        query.processAllAvailable()
        _price(shop, "12.00", "2026-03-01 10:30")
        _buy(shop, 12, "10:31")
        _buy(shop, 13, "10:29")
        query.processAllAvailable()
    finally:
        query.stop()
    rows = shop.table("live_lines").select("order_id", "price")
    assert_rows(rows, [(11, "10.00"), (12, "12.00"), (13, "10.00")])


def _line(values):
    return (*values[:3], Decimal(values[3]))


def _buy(shop: Shop, order_id: int, at: str) -> None:
    shop.come(orders(shop.session, (order_id, 1, at, "9.00", "paid", "web", [_line((1, 500, 1, "9.00"))])))


def _price(shop: Shop, price: str, since: str) -> None:
    """A new version of the price, as silver's history writes it."""
    table = find("silver.prices")
    with Lake(shop.session, shop.settings) as lake:
        there = [tuple(row) for row in lake.read("silver.prices").collect()]
        old = [(*row[:4], since, False, row[6]) for row in there]
        rows = make_rows(shop.session, table.ddl, [*old, (500, price, since, since, None, True, "load")])
        lake.overwrite("silver.prices", rows)
