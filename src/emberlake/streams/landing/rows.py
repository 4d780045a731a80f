"""Messages as the rows of bronze, of the live tables and of quarantine."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from pyspark.sql import functions as F

from emberlake.tables import BRONZE
from emberlake.tables.live.landing import LIVE_LATE, LIVE_ORDERS

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame

    from emberlake.streams.events import Event

# An order line is numbered within its message, which has at most a million bytes.
LINES = 1_000_000
AHEAD = timedelta(days=1)


@dataclass(frozen=True)
class Names:
    """What the loads of one landing are called, by partition.

    Attributes:
        on_time: of events that windows may count, and of messages that cannot be read.
        off_time: of events that are late, or ahead of the broker's clock.
        lines: of the lines of orders; empty for clicks.
    """

    on_time: dict[int, str]
    off_time: dict[int, str]
    lines: dict[int, str]


def judged(parsed: DataFrame, event: Event, watermark: datetime | None) -> DataFrame:
    """Parsed messages with `_off`: whether no window may count the event; false for what cannot be read.

    Args:
        parsed: what `events.parse` gives.
        event: what they are.
        watermark: events before it are late; those more than a day ahead of the broker's clock are off, too: one of
            them would lift the watermark over all that comes after it.
    """
    at = F.col(event.time)
    off = _before(event, watermark) | (at > F.col("_timestamp") + F.lit(AHEAD))
    return parsed.withColumn("_off", F.coalesce(F.col("_problem").isNull() & off, F.lit(False)))


def bronze_rows(judged: DataFrame, event: Event, names: Names, loaded_at: datetime) -> DataFrame:
    """Judged messages as bronze rows of their source; one row a message, in folders by partition and punctuality.

    A message that cannot be read is a line that cannot be read: without values, its text in `_rescued`.
    """
    readable = F.col("_problem").isNull()
    load = F.when(F.col("_off"), _by_partition(names.off_time)).otherwise(_by_partition(names.on_time))
    sent = {name: F.when(readable, F.col(name)) for name in event.names}
    return _select(judged, event.source, sent, F.col("_offset"), load, loaded_at, _unread(readable))


def line_rows(parsed: DataFrame, event: Event, names: Names, loaded_at: datetime) -> DataFrame:
    """The lines of parsed orders as bronze rows of order_items; `_row` is offset x 1,000,000 + place in the message."""
    lines = parsed.where(F.col("_problem").isNull()).select(
        "order_id", "_topic", "_partition", "_offset", F.posexplode("lines").alias("_place", "_line")
    )
    sent = {name: F.col("_line")[name] for name, _ in event.line} | {"order_id": F.col("order_id")}
    row = F.col("_offset") * LINES + F.col("_place") + 1
    return _select(
        lines, "order_items", sent | {"order_id": F.col("order_id")}, row, _by_partition(names.lines), loaded_at
    )


def door_rows(judged: DataFrame, names: Names) -> DataFrame:
    """Judged orders that can be read and are on time, as rows of silver.live_orders."""
    kept = judged.where(F.col("_problem").isNull() & ~F.col("_off"))
    texts = kept.withColumn("lines", F.to_json("lines")).withColumn("_load_id", _by_partition(names.on_time))
    return texts.select(*LIVE_ORDERS.names)


def off_time_rows(bronze: DataFrame, event: Event, watermark: datetime | None) -> DataFrame:
    """Bronze rows of loads of off-time events as rows of quarantine.live_late."""
    late = _before(event, watermark)
    return bronze.select(
        F.lit(event.source).alias("source"), F.substring("_source_file", len("kafka:") + 1, 1000).alias("topic"),
        F.col("_row").alias("offset"), F.col(event.time).alias("event_time"),
        F.lit(watermark).cast("timestamp").alias("watermark"),
        F.when(late, F.lit("late")).otherwise(F.lit("ahead")).alias("reason"),
        F.to_json(F.struct(*event.names)).alias("payload"), "_load_id",
    ).select(*LIVE_LATE.names)  # fmt: skip


def _before(event: Event, watermark: datetime | None) -> Column:
    return F.lit(False) if watermark is None else F.col(event.time) < F.lit(watermark)


def _select(
    rows: DataFrame, source: str, sent: dict[str, Column], row: Column, load: Column, loaded_at: datetime,
    rescued: Column | None = None,
) -> DataFrame:  # fmt: skip
    nothing = F.lit(None).cast("string")
    own = {
        "_rescued": nothing if rescued is None else rescued,
        "_source_file": F.concat(F.lit("kafka:"), "_topic", F.lit("/"), F.col("_partition").cast("string")),
        "_row": row, "_loaded_at": F.lit(loaded_at), "_load_id": load,
    }  # fmt: skip
    given = sent | own
    return rows.select(*[given.get(c.name, F.lit(None)).cast(c.type).alias(c.name) for c in BRONZE[source].columns])


def _unread(readable: Column) -> Column:
    # As of a line of a file that cannot be split; `_problem` says why.
    return F.when(~readable, F.to_json(F.struct(F.coalesce("_raw", F.lit("")).alias("_line"), "_problem")))


def _by_partition(names: dict[int, str]) -> Column:
    chain = F.lit(None).cast("string")
    for partition, name in names.items():
        chain = F.when(F.col("_partition") == partition, F.lit(name)).otherwise(chain)
    return chain
