"""The queries that land orders and clicks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from emberlake.errors import EmberlakeError, StreamError
from emberlake.lake import Lake, refine
from emberlake.streams.events import ORDER, Event
from emberlake.streams.landing.attendant import Attendant
from emberlake.streams.landing.batch import Door
from emberlake.streams.landing.ranges import range_of, topic_offsets
from emberlake.streams.landing.start import open_door

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pyspark.sql import DataFrame
    from pyspark.sql.streaming.query import StreamingQuery

    from emberlake.streams.stream import Running

OPTIONS = {
    "trigger": "once: take what is there and end; fast: one micro-batch after the other; else how often, '5 seconds'",
    "from": "ledger: where the checkpoint is gone, go on behind the last message in the lake; now: where the topic"
    " was made anew or messages are lost, go on with what the broker has",
    "starting": "earliest or latest: where a topic begins that never landed",
    "limit": "how many messages a micro-batch takes at most",
    "refine": "each: silver after each micro-batch; never; else how often, '30 seconds'",
}
EVERY, LIMIT, REFINE = "5 seconds", 500_000, "30 seconds"
_FULL = ("No space left on device", "Disk quota exceeded", "File too large", "database or disk is full")


def land(running: Running, event: Event) -> StreamingQuery:
    """Start landing a topic.

    Raises:
        StreamError: if the checkpoint, the ledger and the broker do not agree on where to go on, the topic lands
            already, or an option is not known.
    """
    _check(running)
    name = "land_orders" if event.line else "land_clicks"
    attendant = Attendant(running, event.topic.name)
    try:
        door, starting = open_door(running, event)
        reader = running.session.readStream.format("kafka").options(
            **running.connection.spark(), subscribe=event.topic.name, startingOffsets=starting,
            maxOffsetsPerTrigger=running.options.get("limit", str(LIMIT)),
        )  # fmt: skip
        writer = reader.load().writeStream.queryName(name).foreachBatch(_taking(running, door, attendant))
        query = writer.option("checkpointLocation", str(running.checkpoint)).trigger(**_trigger(running)).start()
    except BaseException:
        attendant.dismiss()
        raise
    attendant.attend(query)
    return query


def _taking(running: Running, door: Door, attendant: Attendant) -> Callable[[DataFrame, int], None]:
    topic = door.event.topic.name
    each = running.options.get("refine", REFINE) == "each"

    def take(messages: DataFrame, batch: int) -> None:
        attendant.raise_failure()
        first, past = range_of(running.checkpoint, batch, topic)
        # Few rows of a task go to another folder: two open files cost less than sorting all rows by folder.
        messages.sparkSession.conf.set("spark.sql.maxConcurrentOutputFileWriters", "8")
        try:
            with Lake(messages.sparkSession, running.settings) as lake:
                door.land(lake, messages, first, past, _after(running, door.event))
                if each:
                    refine(lake)
        except Exception as e:
            raise _told(running, topic, e) from e

    return take


def _after(running: Running, event: Event) -> tuple[str, Mapping[int, int]] | None:
    # A purchase is clicked when its order is placed: judged before that order, it would refer to nothing.
    if event.line:
        return None
    orders = ORDER.topic.name
    try:
        return orders, topic_offsets(running.connection, orders).high
    except StreamError:
        return None  # a Kafka with clicks only


def _told(running: Running, topic: str, failure: Exception) -> Exception:
    text = str(failure)
    if any(said in text for said in _FULL):
        return StreamError(
            f"The disk of {running.settings.root} is full: messages of {topic} could not be written.",
            "Nothing of this micro-batch is in the lake half. Free some space: the stream then goes on with it.",
        )
    return failure if isinstance(failure, EmberlakeError) else failure


def _trigger(running: Running) -> dict[str, Any]:
    given = running.options.get("trigger", EVERY)
    if given == "once":
        return {"availableNow": True}
    return {"processingTime": "0 seconds" if given == "fast" else given}


def _check(running: Running) -> None:
    for name in running.options:
        if name not in OPTIONS:
            raise StreamError(f"There is no option {name!r}.", f"Options are: {', '.join(OPTIONS)}.")
    if (way := running.options.get("from", "ledger")) not in ("ledger", "now"):
        raise StreamError(f"from={way} is not known.", "Accepted are from=ledger and from=now.")
