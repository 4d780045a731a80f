"""The workshop's fourth part: orders out of a clock, the workshop's model, and what it says on the screen."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from pyspark.sql import functions as F

from emberlake.streams.sources import simulated_orders, ticks

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession
    from pyspark.sql.streaming.query import StreamingQuery

COLUMNS = ("order_time", "month", "c_acctbal", "c_mktsegment", "prediction")


def predicted_orders(orders: DataFrame, model: Any) -> DataFrame:
    """Live orders with the model's prediction.

    Args:
        orders: order_time, month, c_acctbal and c_mktsegment, streaming or not.
        model: the workshop's fitted pipeline.

    Returns:
        order_time, month, c_acctbal, c_mktsegment and prediction (double, USD).
    """
    return model.transform(orders.withColumn("month", F.col("month").cast("double"))).select(*COLUMNS)


def start_workshop(
    session: SparkSession, model: Any, *, to: Literal["console", "memory"] = "console", per_second: int = 1,
    name: str = "live_orders", every: str = "1 second", checkpoint: Path | None = None,
) -> StreamingQuery:  # fmt: skip
    """Score simulated orders as they come: `start_workshop(spark, model)`; end it with `.stop()`.

    The clock source has no Real-Time Mode: these are micro-batches.

    Args:
        to: console prints each batch; memory keeps all rows in the temporary view `name`.
        per_second: orders a second.
        every: how often a micro-batch runs.
        checkpoint: a folder to go on from; None: it begins anew each time.
    """
    rows = predicted_orders(simulated_orders(ticks(session, per_second=per_second)), model)
    writer = rows.writeStream.format(to).queryName(name).outputMode("append").trigger(processingTime=every)
    if to == "console":
        writer = writer.option("truncate", "false")
    if checkpoint is not None:
        writer = writer.option("checkpointLocation", str(checkpoint))
    return writer.start()
