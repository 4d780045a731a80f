"""A stream of the platform: what it is called, what it reads, and how its query is started."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from emberlake.engine.kafka import Connection
from emberlake.errors import StreamError
from emberlake.settings import Settings
from emberlake.streams.interval import interval
from emberlake.tables import LAYERS

if TYPE_CHECKING:
    from pyspark.sql import SparkSession
    from pyspark.sql.streaming.query import StreamingQuery
    from pyspark.sql.streaming.readwriter import DataStreamWriter


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

    def accept(self, name: str, known: Mapping[str, str]) -> None:
        """Refuse options that the stream of that name does not know, by name and meaning.

        Raises:
            StreamError: for the first of them.
        """
        if unknown := sorted(set(self.options) - set(known)):
            raise StreamError(
                f"The stream {name} has no option {unknown[0]!r}.",
                "It has: " + "; ".join(f"{option} ({meaning})" for option, meaning in known.items()) + ".",
            )

    def number(self, option: str, default: int) -> int:
        """An option that is a number of messages.

        Raises:
            StreamError: if it is none, or below 1.
        """
        given = self.options.get(option, str(default))
        if not given.isdecimal() or int(given) < 1:
            raise StreamError(f"{option}={given!r} is no number of messages.", "Say 1 or more.")
        return int(given)

    def milliseconds(self, option: str, default: int, most: int) -> int:
        """An option that is a time in ms, from 0 to `most`.

        Raises:
            StreamError: if it is none.
        """
        given = self.options.get(option, str(default))
        if not given.isdecimal() or int(given) > most:
            raise StreamError(f"{option}={given!r} is no time in ms.", f"Say 0 to {most:,}, without a unit.")
        return int(given)

    def triggered(self, writer: DataStreamWriter, every: str) -> DataStreamWriter:
        """The writer of a micro-batch query, on the option `trigger` or else `every` so often, with its checkpoint.

        Raises:
            StreamError: if the option is neither `once`, `fast` nor a duration.
        """
        writer = writer.option("checkpointLocation", str(self.checkpoint))
        given = self.options.get("trigger", every)
        if given == "once":
            return writer.trigger(availableNow=True)
        if given == "fast":
            return writer.trigger(processingTime="0 seconds")
        interval(given, "trigger")
        return writer.trigger(processingTime=given)

    def query_id(self) -> str:
        """The query's id, which lives as long as its checkpoint."""
        return str(json.loads((self.checkpoint / "metadata").read_text())["id"])


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
