"""How a query runs, asked of the query itself: an option may make it run otherwise than its stream usually does."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyspark.sql.streaming.query import StreamingQuery


@dataclass(frozen=True)
class Trigger:
    """A query's trigger.

    Attributes:
        seconds: between two micro-batches as asked for; None: as fast as it can, or in real time.
    """

    realtime: bool
    seconds: float | None = None


def read_trigger(text: str) -> Trigger:
    """The trigger that Spark writes as `ProcessingTimeTrigger(5000)` or `RealTimeTrigger(60000)`."""
    found = re.fullmatch(r"(\w+?)(?:Trigger)?\((\d+)\)", text.strip())
    if found is None or found[1] == "RealTime":
        return Trigger(found is not None)
    return Trigger(False, int(found[2]) / 1000 or None)


def trigger_of(query: StreamingQuery) -> Trigger | None:
    """The trigger of a running query; None where Spark does not say."""
    try:
        return read_trigger(str(query._jsq.streamingQuery().trigger()))
    except Exception:
        return None
