"""The streams of this room: which learners run, and on what."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emberlake.streams.events import ORDER
from emberlake.streams.online.learning import OPTIONS, TABLE, learn
from emberlake.streams.online.value import ValueLearner
from emberlake.streams.stream import Running, Stream

if TYPE_CHECKING:
    from pyspark.sql.streaming.query import StreamingQuery

_ORDER = ("order_id", "user_id", "ordered_at", "channel", "country", "amount", "coupon", "lines")


def _value(running: Running) -> StreamingQuery:
    return learn(running, ORDER, _ORDER, ValueLearner)


learn_value = Stream(
    "learn_value", "Order value, learned from each order as it comes", (ORDER.topic.name,), (TABLE,), _value,
    options=OPTIONS,
)  # fmt: skip
