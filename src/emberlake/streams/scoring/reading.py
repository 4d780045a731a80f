"""Messages as orders to be scored: only what a score needs is read, which takes a third of the time of reading all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyspark.sql import functions as F

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame

_LINES = "array<struct<line: int, product_id: bigint, unit_price: decimal(12,2)>>"
# Times stay texts: they go out as they came in, and only one of them is reckoned with.
_PLAIN = "order_id bigint, user_id bigint, ordered_at string, channel string, country string, sent_at string"
_READ = f"{_PLAIN}, lines {_LINES}"


def read_orders(messages: DataFrame) -> DataFrame:
    """Messages as orders; nothing is dropped and nothing raises.

    What else may be wrong with a message is the lake's business, which puts it in quarantine: it is scored as far as
    it can be read.

    Args:
        messages: rows of Spark's Kafka source: value, topic, partition, offset.

    Returns:
        order_id, user_id, ordered_at (UTC), channel, country, lines, `_ordered_at` and `_sent_at` (texts, as they
        came), `_topic`, `_partition`, `_offset`, and `_problem`: why it cannot be scored; null for one that can.
    """
    read = messages.select(
        F.col("topic").alias("_topic"), F.col("partition").alias("_partition"), F.col("offset").alias("_offset"),
        F.from_json(F.col("value").cast("string"), _READ).alias("_order"),
    )  # fmt: skip
    rows = read.select(
        "_topic", "_partition", "_offset", F.col("_order.ordered_at").alias("_ordered_at"),
        F.col("_order.sent_at").alias("_sent_at"), "_order.order_id", "_order.user_id",
        _time(F.col("_order.ordered_at")).alias("ordered_at"), "_order.channel", "_order.country", "_order.lines",
    )  # fmt: skip
    problems = [
        F.when(F.col(name).isNull(), F.lit(f"{name} is missing or cannot be read"))
        for name in ("order_id", "ordered_at")
    ]
    return rows.withColumn("_problem", F.coalesce(*problems))


def _time(text: Column) -> Column:
    """A time; null for what Spark would guess at: a year alone, a time of today."""
    dated = (F.substring(text, 5, 1) == "-") & (F.substring(text, 8, 1) == "-")
    return F.when(dated, text.try_cast("timestamp"))
