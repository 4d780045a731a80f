"""Where live rows come from: Kafka, a folder of JSON lines, and the workshop's orders out of a clock."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from pyspark.sql import functions as F

from emberlake.errors import StreamError
from emberlake.streams.events import Event

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame, SparkSession

    from emberlake.engine.kafka import Connection

SEGMENTS = ("AUTOMOBILE", "BUILDING", "FURNITURE", "HOUSEHOLD", "MACHINERY")
_LEAST_BALANCE, _BALANCES = -1_000.0, 100_000
_CENTS = 10_000_000


def messages(
    session: SparkSession, connection: Connection, topic: str, *, starting: str = "latest",
    max_per_trigger: int | None = None, lossy: bool = False, linger: int = 0,
) -> DataFrame:  # fmt: skip
    """A topic as a stream of raw messages.

    Args:
        connection: the Kafka that it is read from.
        topic: its name; several with commas.
        starting: earliest, latest, or offsets by topic and partition as JSON; a query with a checkpoint goes on from
            there instead.
        max_per_trigger: at most so many messages a micro-batch; None: all there are. Not for Real-Time Mode.
        lossy: go on where messages are gone that were not read yet (the topic's retention took them, or it was made
            anew). The default fails: a count that is short should not look whole.
        linger: the broker answers after so many ms, or as soon as there are 64 KiB; 0: with each message.

    Returns:
        key, value, topic, partition, offset, timestamp, timestampType.

    Raises:
        StreamError: if `starting` is none of these.
    """
    options = {
        **connection.spark(), "subscribe": topic, "startingOffsets": _starting(starting),
        "failOnDataLoss": str(not lossy).lower(),
    }  # fmt: skip
    if linger:
        options |= {"kafka.fetch.min.bytes": str(2**16), "kafka.fetch.max.wait.ms": str(linger)}
    if max_per_trigger is not None:
        options["maxOffsetsPerTrigger"] = str(max_per_trigger)
    return session.readStream.format("kafka").options(**options).load()


def _starting(given: str) -> str:
    if given in ("earliest", "latest"):
        return given
    try:
        offsets = json.loads(given)
        if all(isinstance(n, int) for partitions in offsets.values() for n in partitions.values()) and offsets:
            return json.dumps(offsets)
    except (ValueError, AttributeError):
        pass
    raise StreamError(
        f"A stream cannot start at {given!r}.",
        'Say earliest, latest, or offsets as JSON: {"emberlake.orders": {"0": 17, "1": -2}} (-2 earliest, -1 latest).',
    )


def files(session: SparkSession, folder: Path, event: Event, *, max_files: int = 10) -> DataFrame:
    """A folder of JSON lines as a stream of raw messages, in the shape of `messages`; new files are taken as they come.

    A file must appear whole (written elsewhere and moved in). `*.json`, `*.jsonl` and their `.gz` are read.

    Args:
        folder: where they lie; folders within are read too.
        event: what the lines are.
        max_files: at most so many a micro-batch.

    Returns:
        key (null), value, topic, partition (0), offset (null: a file's line has none), timestamp (the file's), path.

    Raises:
        StreamError: if there is no such folder.
    """
    if not folder.is_dir():
        raise StreamError(f"There is no folder {folder}.", "Make it first; files may come later.")
    lines = (
        session.readStream.format("text")
        .options(maxFilesPerTrigger=max_files, recursiveFileLookup=True, pathGlobFilter="*.json*")
        .load(str(folder))
    )
    return lines.where(F.trim("value") != "").select(
        F.lit(None).cast("binary").alias("key"), F.col("value").cast("binary").alias("value"),
        F.lit(event.topic.name).alias("topic"), F.lit(0).alias("partition"), F.lit(None).cast("long").alias("offset"),
        F.col("_metadata.file_modification_time").alias("timestamp"), F.col("_metadata.file_path").alias("path"),
    )  # fmt: skip


def ticks(session: SparkSession, *, per_second: int = 1) -> DataFrame:
    """Spark's rate source: timestamp (UTC) and value (long, from 0), so many a second."""
    return session.readStream.format("rate").option("rowsPerSecond", per_second).load()


def simulated_orders(ticks: DataFrame, seed: int = 42) -> DataFrame:
    """The workshop's live orders: each row is decided by its number and the seed, so that a restart makes the same.

    `rand()` would draw again for a batch that is run again.

    Args:
        ticks: timestamp, value.

    Returns:
        order_time, month (int, 1 to 12), c_acctbal (double, USD, from -1,000 to under 99,000) and c_mktsegment (one of
        the five of TPC-H), as the workshop's model takes them.
    """

    def drawn(what: int, below: int) -> Column:
        return F.pmod(F.xxhash64("value", F.lit(seed), F.lit(what)), F.lit(below))

    segments = F.array(*(F.lit(name) for name in SEGMENTS))
    balance = F.lit(_LEAST_BALANCE) + drawn(2, _CENTS).cast("double") / (_CENTS / _BALANCES)
    return ticks.select(
        F.col("timestamp").alias("order_time"), (drawn(1, 12) + 1).cast("int").alias("month"),
        balance.alias("c_acctbal"), F.get(segments, drawn(3, len(SEGMENTS)).cast("int")).alias("c_mktsegment"),
    )  # fmt: skip
