"""What live windows read: events that came through the door in time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyspark.sql import functions as F

from emberlake.streams.events import CLICK, LINES, ORDER, Event
from emberlake.streams.landing.batch import ON_TIME
from emberlake.tables.live.landing import LIVE_ORDERS

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

# Where they lie. Clicks are written once on their way: in bronze, on-time ones have folders of their own.
DOORS = {ORDER: f"silver.{LIVE_ORDERS.name}", CLICK: f"bronze.{CLICK.source}"}


def on_time(rows: DataFrame, event: Event) -> DataFrame:
    """Events that are on time, doubles among them.

    Args:
        rows: the event's table of `DOORS`: a stream, or all of it as a batch.
        event: what they are.

    Returns:
        The event's columns; of orders `lines`, too, as an array. Each has its key and time.
    """
    kept = rows.where(F.col("_load_id").startswith(ON_TIME) & F.col(event.time).isNotNull())
    kept = kept.drop(*(name for name in rows.columns if name.startswith("_")))
    return kept.withColumn(LINES, F.from_json(LINES, event.lines)) if event.line else kept
