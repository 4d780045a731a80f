"""How a window's rows come into their live table: exactly once, by the Delta sink or by a MERGE with a token."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyspark.sql import functions as F

from emberlake.errors import StreamError
from emberlake.lake import Lake
from emberlake.lake.lake import token_of
from emberlake.tables import find

if TYPE_CHECKING:
    from pyspark.sql import DataFrame
    from pyspark.sql.streaming.query import StreamingQuery
    from pyspark.sql.streaming.readwriter import DataStreamWriter

    from emberlake.streams.stream import Running

OPTIONS = {
    "trigger": "once: take what is there and end; else how often, such as '10 seconds'",
    "again": "yes: empty the table and make it again from all that is behind the door",
}
EVERY = "10 seconds"


def append(running: Running, name: str, table: str, rows: DataFrame) -> StreamingQuery:
    """Start adding final rows to a table; Delta's log remembers each query's last micro-batch, so none is added twice.

    Args:
        running: the stream's.
        name: the query's name.
        table: the table, as `layer.name`, with the columns of `rows`.
        rows: a stream whose rows are final (append mode).

    Raises:
        StreamError: for an option it does not know, or when the table has rows that no checkpoint knows of.
    """
    _check(running, name, table)
    with Lake(running.session, running.settings) as lake:
        path = lake.engine_path(table)
    typed = rows.select(*[F.col(c.name).cast(c.type).alias(c.name) for c in find(table).columns])
    return _writer(running, name, typed).outputMode("append").format("delta").start(path)


def update(running: Running, name: str, table: str, rows: DataFrame) -> StreamingQuery:
    """Start keeping a table up by its key: each micro-batch brings the rows that it changed, whole (update mode).

    A micro-batch that is tried again is known by its token (query and number) and left alone; and a row that is merged
    twice is the same row.

    Args:
        running: the stream's.
        name: the query's name.
        table: the table, as `layer.name`, with the columns of `rows`.
        rows: an aggregate of a stream by the table's key.

    Raises:
        StreamError: see `append`.
    """
    _check(running, name, table)
    settings, key = running.settings, find(table).key

    def merge(batch: DataFrame, number: int) -> None:
        # The batch has a session of its own, and a thread: the lake is opened on both.
        typed = batch.select(*[F.col(c.name).cast(c.type).alias(c.name) for c in find(table).columns]).persist()
        try:
            if not typed.isEmpty():
                with Lake(batch.sparkSession, settings) as lake:
                    lake.merge(table, typed, key, token=token_of(running.query_id(), str(number)))
        finally:
            typed.unpersist()

    return _writer(running, name, rows).outputMode("update").foreachBatch(merge).start()


def _writer(running: Running, name: str, rows: DataFrame) -> DataStreamWriter:
    return running.triggered(rows.writeStream.queryName(name), EVERY)


def _check(running: Running, name: str, table: str) -> None:
    running.accept(name, OPTIONS)
    known = (running.checkpoint / "metadata").exists()
    with Lake(running.session, running.settings) as lake:
        lake.create(table)
        if running.options.get("again") == "yes":
            if known:
                raise StreamError(
                    f"Stream {name} cannot begin again: its checkpoint {running.checkpoint} is there.",
                    "Remove that folder first, or leave out the option.",
                )
            lake.overwrite(table, running.session.createDataFrame([], find(table).ddl))
        elif not known and lake.rows(table):
            raise StreamError(
                f"Stream {name} has no checkpoint at {running.checkpoint}, but {table} has rows.",
                "They would come twice. Put the checkpoint back, or start with the option again=yes: it empties the"
                " table and makes it anew from all that is behind the door.",
            )
