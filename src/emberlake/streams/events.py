"""What a message is: JSON with the columns of its source, and for an order its lines."""

from __future__ import annotations

from dataclasses import dataclass

from emberlake.streams.parsing import parse
from emberlake.streams.topics import CLICKS, ORDERS, Topic
from emberlake.tables import SOURCES

__all__ = ["CLICK", "DELAY", "EVENTS", "LINES", "ORDER", "SENT_AT", "Event", "parse"]

# How long after the newest event seen an older one is still on time. The door and every window have this one delay:
# with a shorter one, a window would drop what the door let in; with a longer one, it would only wait.
DELAY = "10 minutes"

_NOT_SENT = ("source_key",)
_LINE = ("line", "product_id", "quantity", "unit_price", "discount")
SENT_AT = "sent_at"
LINES = "lines"


@dataclass(frozen=True)
class Event:
    """One kind of event.

    Attributes:
        topic: where it travels.
        source: the source of the lake whose rows it brings.
        key: the column that identifies an event: two messages with one key are one event.
        time: the column with the event's time, UTC.
        line: columns of each of its lines, by their Spark SQL types; empty where it has none.
    """

    topic: Topic
    source: str
    key: str
    time: str
    line: tuple[tuple[str, str], ...] = ()

    @property
    def columns(self) -> dict[str, str]:
        """The source's columns that a message carries, with their Spark SQL types."""
        return {c.name: c.type for c in SOURCES[self.source].columns if c.name not in _NOT_SENT}

    @property
    def names(self) -> list[str]:
        """The source's columns that a message carries."""
        return list(self.columns)

    @property
    def lines(self) -> str:
        """The type of its lines; empty where it has none."""
        return f"array<struct<{', '.join(f'`{name}`: {kind}' for name, kind in self.line)}>>" if self.line else ""

    @property
    def ddl(self) -> str:
        """Its columns as a Spark SQL schema, as `parse` gives them."""
        columns = self.columns | ({LINES: self.lines} if self.line else {}) | {SENT_AT: "timestamp"}
        return ", ".join(f"`{name}` {kind}" for name, kind in columns.items())


_ITEM = tuple((c.name, c.type) for c in SOURCES["order_items"].columns if c.name in _LINE)
ORDER = Event(ORDERS, "orders", "order_id", "ordered_at", _ITEM)
CLICK = Event(CLICKS, "events", "event_id", "occurred_at")
EVENTS = {event.topic.name: event for event in (ORDER, CLICK)}
