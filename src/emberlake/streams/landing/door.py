"""What live windows read: events that came through the door in time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyspark.sql import functions as F

from emberlake.errors import StreamError
from emberlake.lake import Lake
from emberlake.streams.events import LINES
from emberlake.streams.landing.batch import ON_TIME
from emberlake.tables.live.landing import LIVE_ORDERS

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

    from emberlake.streams.events import Event
    from emberlake.streams.stream import Running


def behind_the_door(running: Running, event: Event) -> DataFrame:
    """Events that are on time as a stream: all there are, then each landing's, doubles among them.

    Orders come from silver.live_orders, with their lines. Clicks come from bronze, where the loads of a landing's
    on-time events have folders of their own: so a click is written once on its way. A micro-batch takes whole commits
    only: the first part of one would raise a watermark over events of the second.

    Args:
        running: the stream's.
        event: what is asked for.

    Returns:
        The event's columns; of orders `lines`, too. Each has its key and time.

    Raises:
        StreamError: if none has landed yet.
    """
    name = f"silver.{LIVE_ORDERS.name}" if event.line else f"bronze.{event.source}"
    with Lake(running.session, running.settings) as lake:
        if not lake.exists(name):
            raise StreamError(
                f"Nothing of {event.topic.name} has landed yet.",
                "Start landing first: emberlake stream start land_orders land_clicks.",
            )
        path = lake.engine_path(name)
    rows = running.session.readStream.format("delta").option("maxFilesPerTrigger", str(2**31 - 1)).load(path)
    kept = rows.where(F.col("_load_id").startswith(ON_TIME) & F.col(event.time).isNotNull())
    lines = [F.from_json(LINES, event.lines).alias(LINES)] if event.line else []
    return kept.select(*event.names, *lines)
