"""Scores to look at: printed batch by batch, or kept in memory for a query."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emberlake.streams.sinks.sink import Sink
from emberlake.streams.stream import Running

if TYPE_CHECKING:
    from pyspark.sql import DataFrame
    from pyspark.sql.streaming.readwriter import DataStreamWriter

READABLE = ("order_id", "user_id", "prediction", "version", "sent_at", "problem")


def _console(running: Running, scores: DataFrame) -> DataStreamWriter:
    columns = [name for name in READABLE if name in scores.columns] or scores.columns
    return scores.select(*columns).writeStream.format("console").option("truncate", "false").option("numRows", 20)


def _memory(running: Running, scores: DataFrame) -> DataStreamWriter:
    return scores.writeStream.format("memory")


CONSOLE = Sink("console", True, _console)
MEMORY = Sink("memory", True, _memory)
