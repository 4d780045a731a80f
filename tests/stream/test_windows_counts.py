"""Planted late, doubled and disordered events: every one is in a window or in quarantine, and none in two."""

from __future__ import annotations

import pytest
from tests.rows import assert_rows
from tests.stream_tools import Shop, clicks, door, orders

from emberlake.settings import read_settings

MINUTES = [
    ("2026-03-01 10:00", 2, 1, "30.00", 2, 0.5),
    ("2026-03-01 10:01", 0, 0, "0.00", 1, 0.0),
    ("2026-03-01 10:02", 1, 1, "5.00", 0, None),
    ("2026-03-01 10:09", 1, 1, "7.00", 0, None),
    ("2026-03-01 10:20", 0, 0, "0.00", 1, 0.0),
    ("2026-03-01 10:21", 1, 1, "1.50", 0, None),
    ("2026-03-01 11:00", 1, 1, "2.00", 1, 1.0),
]
# order_id, user_id, time, amount, status, channel
ORDERED = [
    [(1, 7, "10:00:10", "10.00"), (2, 8, "10:00:59", "20.00", "paid", "store"), (1, 7, "10:00:10", "10.00")],
    [(3, 9, "10:02", "5.00"), (4, 9, "10:02:30", "99.00", "cancelled", "web")],
    # A copy of a later batch, and one that is out of order but on time.
    [(5, 6, "10:21", "1.50"), (3, 9, "10:02", "5.00"), (6, 5, "10:09", "7.00")],
    # 10:21 - 10 minutes: these two are late, the second is an old copy.
    [(7, 5, "10:10:59", "1000.00"), (1, 7, "10:00:10", "10.00"), (8, 5, "11:00", "2.00")],
]
CLICKED = [
    [(1, 70, None, "session_start", "10:00:01"), (2, 71, 8, "session_start", "10:00:30")],
    [(4, 72, 9, "session_start", "10:01"), (2, 71, 8, "session_start", "10:00:30"), (3, 71, 8, "search", "10:00:31")],
    [(5, 73, 6, "session_start", "10:20")],
    [(6, 74, 6, "session_start", "10:05"), (7, 75, 6, "session_start", "11:00")],
]  # fmt: skip


@pytest.fixture(scope="module")
def shop(spark, tmp_path_factory) -> Shop:
    """Each batch comes, and the streams go over it, in a query of their own: four restarts from the checkpoint."""
    shop = Shop(spark, read_settings(root=tmp_path_factory.mktemp("counts")))
    ordered, _ = door(ORDERED, 2)
    clicked, _ = door(CLICKED, 4)
    for number, (some_orders, some_clicks) in enumerate(zip(ordered, clicked, strict=True)):
        shop.come(orders(spark, *some_orders))
        shop.come(clicks(spark, *some_clicks))
        if number:
            shop.run("revenue_by_minute")
    shop.run("revenue_by_five_minutes")
    return shop


def test_the_door_keeps_what_is_late():
    assert [row[0] for row in door(ORDERED, 2)[1]] == [7, 1]
    assert [row[0] for row in door(CLICKED, 4)[1]] == [6]


def test_each_minute_counts_each_event_once(shop):
    assert_rows(shop.table("live_minutes"), MINUTES)


def test_spark_drops_nothing_behind_the_door(shop):
    assert shop.dropped == {"revenue_by_minute": 0, "revenue_by_five_minutes": 0}


def test_five_minutes_are_written_when_they_are_final_only(shop):
    rows = shop.table("live_five_minutes").where("orders > 0").orderBy("window_start")
    # The watermark is 10:50: windows of 11:00 are still open.
    assert_rows(
        rows.select("window_start", "window_end", "orders", "revenue", "visits"),
        [
            ("2026-03-01 09:56", "2026-03-01 10:01", 2, "30.00", 2),
            ("2026-03-01 09:57", "2026-03-01 10:02", 2, "30.00", 3),
            ("2026-03-01 09:58", "2026-03-01 10:03", 3, "35.00", 3),
            ("2026-03-01 09:59", "2026-03-01 10:04", 3, "35.00", 3),
            ("2026-03-01 10:00", "2026-03-01 10:05", 3, "35.00", 3),
            ("2026-03-01 10:01", "2026-03-01 10:06", 1, "5.00", 1),
            ("2026-03-01 10:02", "2026-03-01 10:07", 1, "5.00", 0),
            *[(f"2026-03-01 10:0{m}", f"2026-03-01 10:{m + 5:02}", 1, "7.00", 0) for m in range(5, 10)],
            *[(f"2026-03-01 10:{m}", f"2026-03-01 10:{m + 5}", 1, "1.50", int(m < 21)) for m in range(17, 22)],
        ],
    )  # fmt: skip


def test_keys_and_windows_are_forgotten_behind_the_watermark(shop):
    kept = shop.states["revenue_by_minute"]
    assert max(counts["stateStoreSave"] for counts in kept) >= 4
    # 11:00 alone: both keys of the last batch, and its minute.
    assert kept[-1] == {"stateStoreSave": 1, "dedupeWithinWatermark": 1}


def test_state_lies_in_rocksdb(shop):
    operator = shop.progress["revenue_by_minute"].stateOperators[0]
    assert any(name.startswith("rocksdb") for name in operator.customMetrics)
    assert list((shop.settings.streams / "revenue_by_minute" / "checkpoint" / "state" / "0" / "0").glob("*.zip"))


@pytest.mark.parametrize(
    ("name", "table"), [("revenue_by_minute", "live_minutes"), ("revenue_by_five_minutes", "live_five_minutes")]
)
def test_a_batch_that_was_written_and_not_noted_is_not_written_again(shop, name, table):
    before, rows = shop.version(table), sorted(map(str, shop.table(table).collect()))
    shop.forget_last_commit(name)
    shop.run(name)
    assert shop.version(table) == before
    assert sorted(map(str, shop.table(table).collect())) == rows


def test_the_number_of_state_partitions_stays_what_it_was_at_the_first_start(shop, spark):
    first = shop.progress["revenue_by_minute"].stateOperators[0].numShufflePartitions
    had = spark.conf.get("spark.sql.shuffle.partitions")
    shop.come(orders(spark, (9, 5, "11:01", "3.00")))
    try:
        spark.conf.set("spark.sql.shuffle.partitions", first + 3)
        shop.run("revenue_by_minute")
    finally:
        spark.conf.set("spark.sql.shuffle.partitions", had)
    assert shop.progress["revenue_by_minute"].stateOperators[0].numShufflePartitions == first
