"""A stream of the platform: what it is called, what it reads, and how its query is started."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from emberlake.engine.kafka import Connection
from emberlake.settings import Settings
from emberlake.tables import LAYERS

if TYPE_CHECKING:
    from pyspark.sql import SparkSession
    from pyspark.sql.streaming.query import StreamingQuery


@dataclass(frozen=True)
class Running:
    """What a stream is started with.

    Attributes:
        session: a classic Spark session.
        connection: the Kafka that it reads.
        checkpoint: its folder, which only it writes.
        options: what the command line gave beside (`sink`, `trigger`, …); unknown names are refused by the stream.
    """

    session: SparkSession
    settings: Settings
    connection: Connection
    checkpoint: Path
    options: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Stream:
    """One stream.

    Attributes:
        name: its name, its query's name and its folder's.
        reads: topics, or tables as `layer.name`.
        writes: topics, tables or databases, in words.
        start: starts the query, with its name and checkpoint set, and returns it.
        trigger: how it runs unless told otherwise.
        options: names of what it takes beside, each with its meaning.
        changed: asked every few seconds while it runs; another answer than at its start means that the query is
            stopped in good order and started again from its checkpoint (a new champion, say).
    """

    name: str
    title: str
    reads: tuple[str, ...]
    writes: tuple[str, ...]
    start: Callable[[Running], StreamingQuery]
    trigger: Literal["real-time", "micro-batch"] = "micro-batch"
    options: dict[str, str] = field(default_factory=dict)
    changed: Callable[[Running], str | None] | None = None

    @property
    def topics(self) -> tuple[str, ...]:
        """What it reads of Kafka; what else it reads are tables, as `layer.name`."""
        return tuple(name for name in self.reads if name.partition(".")[0] not in LAYERS)
