"""Each event once, and the watermark that all windows count on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emberlake.streams.events import DELAY, Event

if TYPE_CHECKING:
    from pyspark.sql import DataFrame


def once(events: DataFrame, event: Event, delay: str = DELAY) -> DataFrame:
    """The first row of each key, with the event's time as the watermark's column.

    A second row of a key is dropped while the watermark has not passed the first one's time by the delay. The door
    refuses copies older than the watermark, so no copy with the same time outlives that.

    Time: linear in the rows. State: one key for each event of the last two delays, whatever the length of the stream.

    Args:
        events: rows behind the door: a stream, or all of it as a batch.
        event: what they are.
        delay: how late an event may be; the door's.

    Returns:
        The same columns.
    """
    if not events.isStreaming:
        return events.dropDuplicates([event.key])
    return events.withWatermark(event.time, delay).dropDuplicatesWithinWatermark([event.key])
