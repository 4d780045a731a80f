"""The stream `scores`: orders from Kafka, the champion's prediction of each, to Kafka or another sink."""

from __future__ import annotations

import datetime as dt
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast, get_args

from pyspark.sql import functions as F

from emberlake.errors import StreamError
from emberlake.lake import Lake
from emberlake.models.champion import champion, require_champion
from emberlake.models.recipes import recipe
from emberlake.models.store import open_store
from emberlake.streams.interval import interval
from emberlake.streams.offsets import topic_id
from emberlake.streams.position import Starting, begin_afresh, go_on, offsets_text
from emberlake.streams.scoring.features import live_features
from emberlake.streams.scoring.reading import read_orders
from emberlake.streams.scoring.snapshot import READS, Snapshot, take_snapshot
from emberlake.streams.sinks import Sink, find_sink
from emberlake.streams.sinks.kafka import linger
from emberlake.streams.sources import messages
from emberlake.streams.stream import Running, Stream
from emberlake.streams.topics import ORDERS, SCORES

if TYPE_CHECKING:
    from pyspark.sql import DataFrame
    from pyspark.sql.streaming.query import StreamingQuery
    from pyspark.sql.streaming.readwriter import DataStreamWriter

NAME = "scores"
MODEL = "order_value"
# Between two batches the query is planned again and the customers are sent to the tasks anew: for a moment nothing is
# scored. Long batches cost nothing, because where to go on is not taken from the checkpoint.
REAL_TIME, MICRO_BATCH = "1 hour", "1 second"
# What a micro-batch takes at most: its rows are brought together for a database's transaction.
MOST_A_BATCH = 20_000
_LOG = logging.getLogger("emberlake.streams")


@dataclass(frozen=True)
class Choice:
    """How the stream was asked to run.

    Attributes:
        sink: where scores go.
        trigger: `real-time`, or how often a micro-batch runs, such as `1 second`.
        as_of: what customers had done before is known up to then, UTC; None: all that the lake has.
        why: one sentence where it runs otherwise than asked.
    """

    sink: Sink
    trigger: str
    starting: Starting
    as_of: dt.datetime | None
    why: str = ""

    @property
    def real_time(self) -> bool:
        return self.trigger == "real-time"


def choose(options: dict[str, str]) -> Choice:
    """Read the options.

    Raises:
        StreamError: naming what is accepted.
    """
    sink, starting = find_sink(options.get("sink", "kafka")), options.get("starting", "output")
    if starting not in get_args(Starting):
        raise StreamError(f"starting={starting!r} is not known.", f"Accepted are {', '.join(get_args(Starting))}.")
    try:
        as_of = _moment(options["as_of"]) if "as_of" in options else None
    except ValueError as e:
        raise StreamError(
            f"as_of={options['as_of']!r} is no date or time.", "Such as 2025-11-28 or 2025-11-28T12:00."
        ) from e
    trigger, why = options.get("trigger", "real-time" if sink.real_time else MICRO_BATCH), ""
    if trigger == "real-time" and not sink.real_time:
        trigger = MICRO_BATCH
        why = f"The sink {sink.name} cannot be written in Real-Time Mode: micro-batches of {trigger} instead."
    if trigger != "real-time":
        interval(trigger, "trigger")
    return Choice(sink, trigger, cast(Starting, starting), as_of, why)


def _moment(text: str) -> dt.datetime:
    moment = dt.datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)


def start(running: Running) -> StreamingQuery:
    """Start scoring with today's champion, behind the last event that the output holds.

    Raises:
        StreamError: for an option that is not accepted, or where events would be lost or scored twice.
        ModelError: if there is no champion.
    """
    running.accept(NAME, OPTIONS)
    choice, wait = choose(running.options), linger(running)
    if choice.why:
        _LOG.warning(choice.why)
    model, version = champion(running.settings, MODEL)
    snapshot = _snapshot(running, choice.as_of)
    choice.sink.settle(running)
    topic = running.options.get("orders", ORDERS.name)
    begin = go_on(running.connection, topic, choice.sink.tail(running, topic), running.checkpoint, choice.starting)
    if choice.real_time:
        _require_slots(running, len(begin))
    begin_afresh(running.checkpoint, begin, topic_id(running.connection, topic))
    events = messages(
        running.session, running.connection, topic, starting=offsets_text(topic, begin),
        max_per_trigger=None if choice.real_time else MOST_A_BATCH, linger=wait,
    )  # fmt: skip
    rows = scored(read_orders(events), model, version, snapshot)
    return _triggered(choice.sink.write(running, rows), choice, running).queryName(NAME).start()


def _require_slots(running: Running, partitions: int) -> None:
    """Spark says nothing: the partitions that find no slot are not read."""
    slots = running.session.sparkContext.defaultParallelism
    if slots < partitions:
        raise StreamError(
            f"Real-Time Mode needs a task slot for each of the {partitions} partitions, and this Spark has {slots}.",
            f"Give --master 'local[{partitions + 2}]' (slots may be more than cores), or trigger='{MICRO_BATCH}'.",
        )


def changed(running: Running) -> str:
    """Which champion scores; another answer means that the query starts again."""
    return str(require_champion(open_store(running.settings), recipe(MODEL)).number)


def scored(orders: DataFrame, model: Any, version: int, snapshot: Snapshot) -> DataFrame:
    """One row a message, in the order of the messages of each partition.

    Args:
        orders: as `read_orders` gives them.
        model: a fitted pipeline that reads the columns of `live_features`.

    Returns:
        order_id, user_id, ordered_at (text, as it came), prediction (EUR; null for a message that cannot be scored),
        model, version, topic, partition and offset of the message, sent_at (text, as it came), and problem: why it
        cannot be scored.
    """
    return model.transform(live_features(orders, snapshot)).select(
        "order_id", "user_id", F.col("_ordered_at").alias("ordered_at"),
        F.when(F.col("_problem").isNull(), F.col("prediction")).alias("prediction"),
        F.lit(MODEL).alias("model"), F.lit(version).alias("version"),
        F.col("_topic").alias("topic"), F.col("_partition").alias("partition"), F.col("_offset").alias("offset"),
        F.col("_sent_at").alias("sent_at"), F.col("_problem").alias("problem"),
    )  # fmt: skip


def _snapshot(running: Running, as_of: dt.datetime | None) -> Snapshot:
    with Lake(running.session, running.settings) as lake:
        return take_snapshot({name: lake.read(name) for name in READS}, as_of).kept(running.session)


def _triggered(writer: DataStreamWriter, choice: Choice, running: Running) -> DataStreamWriter:
    writer = writer.option("checkpointLocation", str(running.checkpoint))
    if choice.real_time:
        return writer.outputMode("update").trigger(realTime=REAL_TIME)  # type: ignore[call-overload]
    return writer.outputMode("append").trigger(processingTime=choice.trigger)


OPTIONS = {
    "sink": "where scores go: kafka (default), delta, database, console or memory",
    "trigger": "real-time (default for kafka, console and memory), or how often a micro-batch runs, such as '1 second'",
    "starting": "output (default): behind the last event that was scored; earliest or latest: leave that aside",
    "as_of": "what customers did before this date or time is known (UTC); default: all that the lake has",
    "linger": "for how many ms the broker and the producer wait for company, each: 0 (default), the shortest time; "
    "5, several times as many orders a second on the same cores",
    "orders": f"the topic that orders come from; default: {ORDERS.name}",
    "scores": f"the topic that scores go to, with as many partitions; default: {SCORES.name}",
    "url": "the database, such as sqlite:////folder/scores.sqlite; default: EMBERLAKE_DATABASE_URL",
}
STREAM = Stream(
    name=NAME,
    title="What each live order will come to, said by the champion in milliseconds",
    reads=(ORDERS.name,),
    writes=(SCORES.name,),
    start=start,
    trigger="real-time",
    options=OPTIONS,
    changed=changed,
)
