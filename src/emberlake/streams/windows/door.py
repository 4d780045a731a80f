"""What windows read: events that came through the door on time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emberlake.errors import StreamError
from emberlake.lake import Lake
from emberlake.streams.events import CLICK, ORDER, Event

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

    from emberlake.streams.stream import Running

DOOR = {ORDER: "silver.live_orders", CLICK: "silver.live_clicks"}


def behind_the_door(running: Running, event: Event) -> DataFrame:
    """Events that are on time as a stream: all there are, then each commit.

    A micro-batch takes every commit that is there, and so each of them whole. Delta's default splits what is more than
    1,000 files; the first part of a commit would then raise the watermark over events of the second part.

    Args:
        running: the stream's.
        event: what is asked for.

    Raises:
        StreamError: if none has come yet.
    """
    name = DOOR[event]
    with Lake(running.session, running.settings) as lake:
        path = lake.path(name)
    if not (path / "_delta_log").exists():
        raise StreamError(
            f"Nothing of {event.topic.name} has landed yet: there is no table {name}.",
            "Start landing first: emberlake stream start land_orders land_clicks.",
        )
    return running.session.readStream.format("delta").option("maxFilesPerTrigger", str(2**31 - 1)).load(str(path))
