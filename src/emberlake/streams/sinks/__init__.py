"""Sinks: Kafka, a Delta table, a database, the terminal, memory.

Public: `Sink`, `SINKS`, `find_sink`.
"""

from __future__ import annotations

from emberlake.errors import StreamError
from emberlake.streams.sinks.database import DATABASE
from emberlake.streams.sinks.delta import DELTA
from emberlake.streams.sinks.kafka import KAFKA
from emberlake.streams.sinks.shown import CONSOLE, MEMORY
from emberlake.streams.sinks.sink import Sink

SINKS: dict[str, Sink] = {sink.name: sink for sink in (KAFKA, DELTA, DATABASE, CONSOLE, MEMORY)}

__all__ = ["SINKS", "Sink", "find_sink"]


def find_sink(name: str) -> Sink:
    """The sink of that name.

    Raises:
        StreamError: if there is none; the message lists those there are.
    """
    if name not in SINKS:
        raise StreamError(f"There is no sink {name!r}.", f"There are: {', '.join(SINKS)}.")
    return SINKS[name]
