"""The queries that land orders and clicks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emberlake.errors import StreamError
from emberlake.lake import Lake, refine
from emberlake.streams.disk import is_full
from emberlake.streams.events import ORDER, Event
from emberlake.streams.interval import interval
from emberlake.streams.landing.attendant import FOLD, REFINE, Attendant
from emberlake.streams.landing.batch import Door
from emberlake.streams.landing.ranges import range_of
from emberlake.streams.landing.start import MADE_ANEW, open_door
from emberlake.streams.offsets import require_topic, topic_offsets
from emberlake.streams.sources import messages

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
    "fold": "how often folders of a hundred micro-batches become one, '15 minutes'; or never",
}
EVERY, LIMIT = "5 seconds", 500_000


def land(running: Running, event: Event) -> StreamingQuery:
    """Start landing a topic.

    Raises:
        StreamError: if the checkpoint, the ledger and the broker do not agree on where to go on, the topic lands
            already, or an option is not known.
    """
    name = "land_orders" if event.line else "land_clicks"
    _check(running, name)
    attendant = Attendant(running, event)
    try:
        door, starting = open_door(running, event)
        rows = messages(
            running.session, running.connection, event.topic.name, starting=starting,
            max_per_trigger=running.number("limit", LIMIT),
        )  # fmt: skip
        writer = rows.writeStream.queryName(name).foreachBatch(_taking(running, door, attendant))
        query = running.triggered(writer, EVERY).start()
    except BaseException:
        attendant.dismiss()
        raise
    attendant.attend(query)
    return query


def _taking(running: Running, door: Door, attendant: Attendant) -> Callable[[DataFrame, int], None]:
    topic = door.event.topic.name
    each = running.options.get("refine", REFINE) == "each"

    def take(batch: DataFrame, number: int) -> None:
        attendant.raise_failure()
        require_topic(running.connection, topic, door.topic_id, MADE_ANEW)
        first, past = range_of(running.checkpoint, number, topic)
        # Few rows of a task go to another folder: two open files cost less than sorting all rows by folder.
        batch.sparkSession.conf.set("spark.sql.maxConcurrentOutputFileWriters", "8")
        try:
            with Lake(batch.sparkSession, running.settings) as lake:
                door.land(lake, batch, first, past, _after(running, door.event))
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
    if is_full(str(failure)):
        return StreamError(
            f"The disk of {running.settings.root} is full: messages of {topic} could not be written.",
            "Nothing of this micro-batch is in the lake half. Free some space: the stream then goes on with it.",
        )
    return failure


def _check(running: Running, name: str) -> None:
    running.accept(name, OPTIONS)
    if (every := running.options.get("refine", REFINE)) not in ("each", "never"):
        interval(every, "refine")
    if (every := running.options.get("fold", FOLD)) != "never":
        interval(every, "fold")
    if (way := running.options.get("from", "ledger")) not in ("ledger", "now"):
        raise StreamError(f"from={way} is not known.", "Accepted are from=ledger and from=now.")
