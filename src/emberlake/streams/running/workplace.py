"""What streams run on: one classic Spark session, and the Kafka that they read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from emberlake.engine.kafka import Connection
from emberlake.settings import Settings
from emberlake.streams.stream import Stream
from emberlake.streams.topics import TOPICS, ensure_topics

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


@dataclass(frozen=True)
class Workplace:
    """What the streams of one process share.

    Attributes:
        jvm: pid of the session's JVM; 0: none.
    """

    session: SparkSession | Any
    connection: Connection | Any
    jvm: int = 0


@contextmanager
def open_workplace(settings: Settings, streams: Sequence[Stream], log: str) -> Iterator[Workplace]:
    """Reach Kafka, then open Spark with room for all of these streams.

    Raises:
        StreamError: if a stream reads Kafka and it does not answer.
        EngineError: if Spark does not start.
    """
    from emberlake.engine import committing_process, open_engine

    connection = _connection(settings, streams) if any(stream.topics for stream in streams) else Connection("")
    settings = settings.model_copy(update={"master": master_for(settings.master, streams)})
    with open_engine(settings, "spark", log=log) as engine:
        yield Workplace(engine.session, connection, committing_process(engine.session))


def master_for(master: str, streams: Sequence[Stream]) -> str:
    """The master with task slots enough.

    A real-time query keeps one slot a partition for as long as it runs: on `local[*]` with two cores, four
    partitions would wait for ever, and whatever else runs in the session with them.
    """
    from emberlake.engine.machine import cores

    held = sum(
        TOPICS[topic].partitions
        for stream in streams
        if stream.trigger == "real-time"
        for topic in stream.topics
        if topic in TOPICS
    )
    return f"local[{cores() + held}]" if held and master == "local[*]" else master


def _connection(settings: Settings, streams: Sequence[Stream]) -> Connection:
    """The Kafka of the settings, with the topics that these streams read and write."""
    from emberlake.engine.kafka import open_connection

    connection = open_connection(settings)
    named = {topic for stream in streams for topic in (*stream.topics, *stream.writes)}
    ensure_topics(connection, [TOPICS[name] for name in sorted(named) if name in TOPICS])
    return connection
