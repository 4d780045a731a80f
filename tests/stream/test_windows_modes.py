"""What append, update and complete emit of one aggregate; how a split commit would lose events; what is refused."""

from __future__ import annotations

import pytest
from pyspark.sql import functions as F
from tests.rows import assert_rows, make_rows
from tests.stream_tools import DAY, Shop, clicks, landed, orders, stream

from emberlake.errors import StreamError
from emberlake.lake import Lake
from emberlake.settings import read_settings
from emberlake.streams.events import DELAY, ORDER
from emberlake.streams.landing import behind_the_door
from emberlake.streams.windows import by_five_minutes, by_minute, moments, once
from emberlake.tables import find

MOMENTS = "at timestamp, orders long, online_orders long, visits long, revenue decimal(12,2)"
FIRST = [("10:00:10", 1, 1, 0, "10.00"), ("10:01", 1, 1, 0, "20.00")]
SECOND = [("10:00:50", 1, 1, 0, "5.00"), ("10:15", 1, 1, 0, "1.00")]
# What each micro-batch hands to the sink: minute and revenue. After the second one the watermark is 10:05.
EMITTED = {
    "append": [[("10:00", "15.00"), ("10:01", "20.00")]],
    "update": [[("10:00", "10.00"), ("10:01", "20.00")], [("10:00", "15.00"), ("10:15", "1.00")]],
    "complete": [
        [("10:00", "10.00"), ("10:01", "20.00")],
        [("10:00", "15.00"), ("10:01", "20.00"), ("10:15", "1.00")],
    ],
}


@pytest.fixture
def shop(spark, tmp_path) -> Shop:
    return Shop(spark, read_settings(root=tmp_path))


def test_append_tells_final_rows_update_changed_ones_and_complete_all(spark, tmp_path):
    told: dict[str, list[list[tuple[str, str]]]] = {mode: [] for mode in EMITTED}

    def listen(mode):
        def hear(batch, number):
            told[mode].append(sorted((str(row.minute)[11:16], str(row.revenue)) for row in batch.collect()))

        return hear

    def come(*rows):
        some = make_rows(spark, MOMENTS, [(DAY + at, *rest) for at, *rest in rows])
        some.coalesce(1).write.format("delta").mode("append").save(str(tmp_path / "moments"))

    come(*FIRST)
    source = spark.readStream.format("delta").load(str(tmp_path / "moments")).withWatermark("at", DELAY)
    counted = by_minute(source).withColumn("minute", F.col("minute").cast("string"))
    queries = [
        counted.writeStream.outputMode(mode)
        .option("checkpointLocation", str(tmp_path / mode))
        .foreachBatch(listen(mode))
        .start()
        for mode in EMITTED
    ]
    try:
        for query in queries:
            query.processAllAvailable()
        come(*SECOND)
        for query in queries:
            query.processAllAvailable()
    finally:
        for query in queries:
            query.stop()
    # Batches without events follow when the watermark moves: in them update has nothing to tell, complete all again.
    heard = {mode: [b for i, b in enumerate(batches) if b and b not in batches[:i]] for mode, batches in told.items()}
    assert heard == EMITTED


def test_a_commit_that_is_split_loses_events_and_ours_is_never_split(shop, spark):
    path = str(shop.settings.lake / "silver" / "live_orders")
    # A file for each channel. Before the second commit the door's watermark is 9:50: all of it is on time.
    # Spark drops by the watermark of the micro-batch before, so the third file is the first to lose.
    second = [
        (number, 7, at, "1.00", "paid", ("web", "app", "store")[number % 3])
        for number, at in enumerate(["10:30"] * 3 + ["10:05"] * 3, start=3)
    ]
    for batch in ([(1, 7, "10:00", "1.00")], second):
        rows = landed(orders(spark, *batch), "silver.live_orders").coalesce(1)
        rows.write.format("delta").mode("append").partitionBy("channel").save(path)
    split = spark.readStream.format("delta").option("maxFilesPerTrigger", "1").load(path)
    whole = behind_the_door(shop.running("split"), ORDER)
    assert (_lost(split, shop, "split") > 0, _lost(whole, shop, "whole")) == (True, 0)


def test_a_checkpoint_that_is_gone_is_told_and_the_table_can_be_made_again(shop, spark):
    with pytest.raises(StreamError, match=r"Nothing of emberlake\.orders has landed yet"):
        stream("priced_lines").start(shop.running("priced_lines"))
    shop.come(orders(spark, (1, 7, "10:00", "1.00")))
    with pytest.raises(StreamError, match=r"no option 'speed'.*trigger"):
        stream("priced_lines").start(shop.running("priced_lines", speed="2"))
    old = make_rows(spark, find("gold.live_lines").ddl, [(1, 1, 1, DAY + "10:00", 1, "1.00", None)])
    with Lake(spark, shop.settings) as lake:
        lake.append("gold.live_lines", old)
    with pytest.raises(StreamError, match=r"gold\.live_lines has rows.*again=yes"):
        stream("priced_lines").start(shop.running("priced_lines"))
    shop.run("priced_lines", again="yes")
    assert_rows(shop.table("live_lines"), [])
    with pytest.raises(StreamError, match="cannot begin again"):
        stream("priced_lines").start(shop.running("priced_lines", again="yes"))


def test_minutes_and_sliding_windows_of_a_batch(spark):
    counted = moments(
        once(
            orders(
                spark,
                (1, 7, "10:04:59", "1.00"),
                (1, 7, "10:04:59", "1.00"),
                (2, 7, "10:05", "2.00"),
                (3, 7, "10:05", None),
            ),
            ORDER,
        ),
        clicks(spark, (1, 70, None, "session_start", "10:04"), (2, 70, None, "page_view", "10:05")),
    )
    assert_rows(
        by_minute(counted),
        [("2026-03-01 10:04", 1, 1, "1.00", 1, 1.0), ("2026-03-01 10:05", 1, 1, "2.00", 0, None)],
    )
    # Begin is inside, end is not: the order of 10:05 is in 10:01 to 10:06 and not in 10:00 to 10:05.
    assert_rows(
        by_five_minutes(counted).select("window_start", "orders", "revenue"),
        [
            ("2026-03-01 10:00", 1, "1.00"),
            *[(f"2026-03-01 10:0{minute}", 2, "3.00") for minute in range(1, 5)],
            ("2026-03-01 10:05", 1, "2.00"),
        ],
    )


def _lost(rows, shop: Shop, name: str) -> int:
    checkpoint = str(shop.settings.streams / name)
    counted = once(rows, ORDER).groupBy(F.window("ordered_at", "1 minute")).count()
    query = (
        counted.writeStream.format("noop").outputMode("update").option("checkpointLocation", checkpoint)
        .trigger(availableNow=True).start()
    )  # fmt: skip
    query.awaitTermination(300)
    return sum(op.numRowsDroppedByWatermark for each in query.recentProgress for op in each.stateOperators)
