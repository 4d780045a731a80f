"""How a learner runs: a stream of messages, learned in their order, each once."""

from __future__ import annotations

import json
import math
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from pyspark.sql import functions as F

from emberlake.errors import StreamError
from emberlake.lake import Lake
from emberlake.lake.lake import token_of
from emberlake.streams.events import Event, parse
from emberlake.streams.offsets import require_topic, topic_offsets
from emberlake.streams.online import diary
from emberlake.streams.online.once import OFFSET, PARTITION, Once, check_beginning, go_on
from emberlake.streams.online.reach import MADE_ANEW, check_reach, go_on_now
from emberlake.streams.online.standing import TABLE
from emberlake.streams.sources import messages
from emberlake.tables import find

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import pyarrow as pa
    from pyspark.sql import DataFrame, SparkSession
    from pyspark.sql.streaming.query import StreamingQuery

    from emberlake.settings import Settings
    from emberlake.streams.offsets import TopicOffsets
    from emberlake.streams.online.learner import Learner
    from emberlake.streams.online.state import Saved
    from emberlake.streams.stream import Running

OPTIONS = {
    "trigger": "once: take what is there and end; else how often, such as '10 seconds'",
    "at_most": "messages a micro-batch; 20000 unless said",
    "go_on": "yes: the checkpoint is gone; read on from the offsets that the learner's state names; now: messages are"
    " gone, too, or the topic was made anew; read on with what the broker has",
}
EVERY, AT_MOST = "10 seconds", 20_000


def learn(running: Running, event: Event, columns: tuple[str, ...], new: Callable[[], Learner]) -> StreamingQuery:
    """Start a learner of a topic.

    A micro-batch comes to the driver as Arrow, at most `at_most` messages of it: a model that learns event by event
    learns in one place.

    Args:
        event: what it reads, from the earliest message on.
        columns: of the event that it looks at.
        new: makes the untrained learner.

    Raises:
        StreamError: for an option it does not know, or a state and a checkpoint that do not belong together.
    """
    name, checkpoint = new().name, running.checkpoint
    running.accept(name, OPTIONS)
    folder = checkpoint.parent / "learner"
    there = topic_offsets(running.connection, event.topic.name)
    starting = _starting(running, event, folder, there)
    check_beginning(folder, checkpoint)
    check_reach(folder, event.topic.name, there)
    with Lake(running.session, running.settings) as lake:
        lake.create(TABLE)
    raw = messages(
        running.session, running.connection, event.topic.name, starting=starting,
        max_per_trigger=running.number("at_most", AT_MOST),
    )  # fmt: skip
    readable = parse(raw, event).where(F.col("_problem").isNull()).select(*columns, PARTITION, OFFSET)
    once, settings = Once(folder, new, there.topic_id, event.time), running.settings

    def take(batch: DataFrame, number: int) -> None:
        require_topic(running.connection, event.topic.name, there.topic_id, MADE_ANEW)
        query = running.query_id()
        undo = diary.last_request(settings, name)
        saved = once.take(query, number, lambda: _arrow(batch), undo)
        diary.write(settings, name, query, number, saved.happened)
        tell(batch.sparkSession, settings, name, saved)

    return running.triggered(readable.writeStream.queryName(name).foreachBatch(take), EVERY).start()


def tell(session: SparkSession, settings: Settings, name: str, saved: Saved) -> None:
    """Write how good the models are into the live table, once a micro-batch."""
    rows = live_rows(name, saved)
    if rows:
        with Lake(session, settings) as lake:
            lake.append(
                TABLE, session.createDataFrame(rows, find(TABLE).ddl), token=token_of(saved.query, str(saved.batch))
            )


def live_rows(name: str, saved: Saved) -> list[tuple[Any, ...]]:
    """Rows of the live table, in its columns' order, after a micro-batch; none before the first event."""
    learner: Learner = saved.learner
    come = learner.summary()
    at = datetime.fromtimestamp(come.at, UTC)
    return [
        (
            name, saved.query, saved.batch, row.model, row.role, row.measure.name, come.events, at,
            _known(row.measure.so_far), _known(row.measure.rolling), _known(row.measure.fading),
        )
        for row in learner.rows()
        if come.events
    ]  # fmt: skip


def _known(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _arrow(batch: DataFrame) -> pa.Table:
    return batch.toArrow()


def _starting(running: Running, event: Event, folder: Path, there: TopicOffsets) -> str:
    way, topic = running.options.get("go_on", ""), event.topic.name
    if way not in ("yes", "now"):
        return "earliest"
    if (running.checkpoint / "metadata").exists():
        raise StreamError(
            f"There is a checkpoint {running.checkpoint}: the learner goes on from it.", "Leave out the option go_on."
        )
    if way == "yes":
        check_reach(folder, topic, there)
        offsets = go_on(folder)
    else:
        offsets, events, gone = go_on_now(folder, there)
        if gone:
            diary.write_gap(running.settings, folder.parent.name, events, gone)
    # Spark wants every partition named; -2 is the earliest message.
    return json.dumps({topic: {str(p): offsets.get(p, -2) for p in there.low}})
