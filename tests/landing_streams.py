"""The stream that lands clicks, of a topic that a test names in `EMBERLAKE_TEST_TOPIC`."""

from __future__ import annotations

import os
from dataclasses import replace

from emberlake.streams.events import CLICK
from emberlake.streams.landing import LAND_CLICKS
from emberlake.streams.landing.query import land
from emberlake.streams.stream import Stream
from emberlake.streams.topics import Topic


def landing_streams() -> dict[str, Stream]:
    topic = os.environ["EMBERLAKE_TEST_TOPIC"]
    event = replace(CLICK, topic=Topic(topic, "", CLICK.topic.key, 2))
    return {"land_clicks": replace(LAND_CLICKS, reads=(topic,), start=lambda running: land(running, event))}
