"""The streams of this room: which learners run, and on what."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emberlake.streams.events import CLICK, ORDER
from emberlake.streams.online.clicks import ClickLearner
from emberlake.streams.online.learning import OPTIONS, learn
from emberlake.streams.online.segments import SegmentLearner
from emberlake.streams.online.standing import TABLE
from emberlake.streams.online.value import ValueLearner
from emberlake.streams.stream import Running, Stream

if TYPE_CHECKING:
    from pyspark.sql.streaming.query import StreamingQuery

_ORDER = ("order_id", "user_id", "ordered_at", "channel", "country", "amount", "coupon", "lines")
_CLICK = ("event_id", "session_id", "user_id", "event", "occurred_at", "device", "product_id")


def _value(running: Running) -> StreamingQuery:
    return learn(running, ORDER, _ORDER, ValueLearner)


def _clicks(running: Running) -> StreamingQuery:
    return learn(running, CLICK, _CLICK, ClickLearner)


def _segments(running: Running) -> StreamingQuery:
    return learn(running, ORDER, _ORDER, SegmentLearner)


learn_value = Stream(
    "learn_value", "Order value, learned from each order as it comes", (ORDER.topic.name,), (TABLE,), _value,
    options=OPTIONS,
)  # fmt: skip
learn_clicks = Stream(
    "learn_clicks", "Whether a visit fills its cart, learned when it is known", (CLICK.topic.name,), (TABLE,), _clicks,
    options=OPTIONS,
)  # fmt: skip
live_segments = Stream(
    "live_segments", "Customers in groups that follow their orders", (ORDER.topic.name,), (TABLE,), _segments,
    options=OPTIONS,
)  # fmt: skip
