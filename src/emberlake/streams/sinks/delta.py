"""Scores to the lake: micro-batches, each a commit of one table, which itself says where to go on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyspark.sql import functions as F

from emberlake.lake import Lake
from emberlake.lake.lake import token_of
from emberlake.streams.sinks.batches import batch_name, typed
from emberlake.streams.sinks.sink import Sink
from emberlake.streams.stream import Running
from emberlake.tables import find

if TYPE_CHECKING:
    from pyspark.sql import DataFrame
    from pyspark.sql.streaming.readwriter import DataStreamWriter

TABLE = "gold.live_scores"


def append_scores(lake: Lake, scores: DataFrame) -> None:
    """Append a micro-batch's scores once, however often it is tried; those without a prediction are left out.

    Args:
        scores: as `typed` gives them.
    """
    if (name := batch_name(scores)) is None:
        return
    rows = scores.where(F.col("prediction").isNotNull()).withColumnRenamed("version", "model_version")
    lake.append(TABLE, rows.select(*find(TABLE).names), token=token_of(name))


def _write(running: Running, scores: DataFrame) -> DataStreamWriter:
    def into_the_lake(rows: DataFrame, number: int) -> None:
        kept = typed(rows).persist()
        try:
            with Lake(running.session, running.settings) as lake:
                append_scores(lake, kept)
        finally:
            kept.unpersist()

    return scores.writeStream.foreachBatch(into_the_lake)


def _tail(running: Running, topic: str) -> dict[int, int]:
    with Lake(running.session, running.settings) as lake:
        if not lake.exists(TABLE):
            return {}
        rows = lake.read(TABLE).where(F.col("topic") == topic).groupBy("partition").agg(F.max("offset"))
        return {int(partition): int(offset) for partition, offset in rows.collect()}


DELTA = Sink("delta", False, _write, _tail)
