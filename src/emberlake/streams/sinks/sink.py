"""What a sink of scores can do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from emberlake.streams.stream import Running

if TYPE_CHECKING:
    from pyspark.sql import DataFrame
    from pyspark.sql.streaming.readwriter import DataStreamWriter


def _nothing(running: Running) -> None:
    return None


def no_tail(running: Running, topic: str) -> dict[int, int]:
    """Of a sink that keeps nothing."""
    return {}


@dataclass(frozen=True)
class Sink:
    """Where scores go.

    Attributes:
        real_time: whether Real-Time Mode can write it.
        tail: of a topic, the last offset by partition that the sink holds scores of.
        write: from scores to the writer that puts them there.
        settle: waits until nothing that an earlier query of this process wrote is still on its way.
    """

    name: str
    real_time: bool
    write: Callable[[Running, DataFrame], DataStreamWriter]
    tail: Callable[[Running, str], dict[int, int]] = no_tail
    settle: Callable[[Running], None] = _nothing
