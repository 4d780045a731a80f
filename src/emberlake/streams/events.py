"""What a message is: JSON with the columns of its source, and for an order its lines."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pyspark.sql import functions as F

from emberlake.streams.topics import CLICKS, ORDERS, Topic
from emberlake.tables import SOURCES

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

# How long after the newest event seen an older one is still on time. The door and every window have this one delay:
# with a shorter one, a window would drop what the door let in; with a longer one, it would only wait.
DELAY = "10 minutes"

_NOT_SENT = ("source_key",)
_LINE = ("line", "product_id", "quantity", "unit_price", "discount")


@dataclass(frozen=True)
class Event:
    """One kind of event.

    Attributes:
        topic: where it travels.
        source: the source of the lake whose rows it brings.
        key: the column that identifies an event: two messages with one key are one event.
        time: the column with the event's time, UTC.
        ddl: its columns as a Spark SQL schema; times are ISO 8601 texts with an offset in JSON.
    """

    topic: Topic
    source: str
    key: str
    time: str
    ddl: str

    @property
    def names(self) -> list[str]:
        """The source's columns that a message carries."""
        return [c.name for c in SOURCES[self.source].columns if c.name not in _NOT_SENT]


def _ddl(source: str, names: tuple[str, ...] | None = None) -> str:
    chosen = [c for c in SOURCES[source].columns if c.name not in _NOT_SENT and (names is None or c.name in names)]
    return ", ".join(f"`{c.name}` {c.type}" for c in chosen)


def _struct(source: str, names: tuple[str, ...]) -> str:
    return ", ".join(f"`{c.name}`: {c.type}" for c in SOURCES[source].columns if c.name in names)


ORDER = Event(
    ORDERS, "orders", "order_id", "ordered_at",
    f"{_ddl('orders')}, lines array<struct<{_struct('order_items', _LINE)}>>, sent_at timestamp",
)  # fmt: skip
CLICK = Event(CLICKS, "events", "event_id", "occurred_at", f"{_ddl('events')}, sent_at timestamp")
EVENTS = {event.topic.name: event for event in (ORDER, CLICK)}


def parse(messages: DataFrame, event: Event) -> DataFrame:
    """Messages as typed rows; nothing is dropped and nothing raises.

    Args:
        messages: rows of Spark's Kafka source: key, value, topic, partition, offset, timestamp.
        event: what they should be.

    Returns:
        The event's columns (null where they cannot be read), `_raw` (the message as text), `_topic`, `_partition`,
        `_offset`, `_timestamp` (when the broker took it, UTC), and `_problem`: null for a message that can be read and
        has its key and time, else why not.
    """
    text = F.col("value").cast("string")
    read = F.from_json(
        text, f"{event.ddl}, _corrupt string", {"mode": "PERMISSIVE", "columnNameOfCorruptRecord": "_corrupt"}
    )
    rows = messages.select(
        F.col("topic").alias("_topic"), F.col("partition").alias("_partition"), F.col("offset").alias("_offset"),
        F.col("timestamp").alias("_timestamp"), text.alias("_raw"), read.alias("_event"),
    )  # fmt: skip
    missing = [
        F.when(F.col(f"_event.{name}").isNull(), F.lit(f"{name} is missing or cannot be read"))
        for name in (event.key, event.time)
    ]
    problem = F.coalesce(
        F.when(F.col("_raw").isNull(), F.lit("the message is empty")),
        F.when(F.col("_event._corrupt").isNotNull(), F.lit("the message is no JSON of this event")),
        *missing,
    )
    return rows.select(
        "_event.*", "_topic", "_partition", "_offset", "_timestamp", "_raw", problem.alias("_problem")
    ).drop("_corrupt")
