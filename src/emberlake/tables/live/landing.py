"""Tables that landing writes beside bronze and silver."""

from __future__ import annotations

from dataclasses import replace

from emberlake.tables.definition import Column as C
from emberlake.tables.definition import Table
from emberlake.tables.definition import need as N
from emberlake.tables.shop import SHOP

_LOAD = N("_load_id", "string", "Which landing brought the row: see `emberlake lake loads`.")
_ORDERS = next(table for table in SHOP if table.name == "orders")

LIVE_ORDERS = Table(
    "live_orders", "silver",
    "Orders as they came through the live door in time, doubles among them; live windows read it.",
    (
        *(replace(c, required=c.name in ("order_id", "ordered_at")) for c in _ORDERS.columns if c.name != "source_key"),
        C("lines", "string", "The order's lines, as JSON."),
        _LOAD,
    ),
    ("_load_id", "order_id"), owner="sales", reads=("source.orders",),
)  # fmt: skip

LIVE_LATE = Table(
    "live_late", "quarantine",
    "Live events that no window may count, because they came too late or too early; bronze and silver have them.",
    (
        N("source", "string", "orders or events."),
        N("topic", "string", "Where it travelled: topic and partition."),
        N("offset", "long", "Its offset there."),
        N("event_time", "timestamp", "When it happened, by its own word.", "UTC"),
        C("watermark", "timestamp", "The door's watermark then: what is older is late.", "UTC"),
        N("reason", "string", "late, or ahead: later than the broker's clock allows."),
        N("payload", "string", "The event's columns, as JSON."),
        _LOAD,
    ),
    ("topic", "offset", "_load_id"), owner="sales", reads=("bronze.orders", "bronze.events"),
    partition=("_load_id",),
)  # fmt: skip

LANDING_TABLES = (LIVE_ORDERS, LIVE_LATE)
