"""Where a landing begins: after the last one in the ledger, or not at all."""

from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING

from emberlake.errors import StreamError
from emberlake.lake import Lake
from emberlake.lake.landings import Landing, Landings
from emberlake.streams.events import DELAY
from emberlake.streams.interval import interval
from emberlake.streams.landing.batch import Door
from emberlake.streams.landing.ranges import is_begun
from emberlake.streams.offsets import TopicOffsets, another_topic, topic_offsets

if TYPE_CHECKING:
    from collections.abc import Mapping

    from emberlake.streams.events import Event
    from emberlake.streams.stream import Running

LOG = logging.getLogger("emberlake.streams")
_WAY = "Nothing was written. If that is meant, delete the checkpoint and start the stream with from=now."
MADE_ANEW = f"{_WAY} It then begins at the new topic's first message."


def open_door(running: Running, event: Event) -> tuple[Door, str]:
    """The door of a topic, and the offsets at which a new checkpoint begins, in Spark's words.

    Raises:
        StreamError: if the checkpoint, the ledger and the broker do not agree on where to go on; nothing is written.
    """
    topic = event.topic.name
    there = topic_offsets(running.connection, topic)
    door = Door(event, there.topic_id, interval(DELAY))
    with Landings(running.settings) as landings:
        last = landings.last(topic)
        if last is None:
            if is_begun(running.checkpoint):
                raise StreamError(
                    f"The checkpoint {running.checkpoint} knows messages of {topic} that the lake does not.",
                    "The lake was cleaned, or is another one: delete that folder, and the topic is read from its"
                    " begin.",
                )
            return door, running.options.get("starting", "earliest")
        begun, way = is_begun(running.checkpoint), running.options.get("from", "")
        if way == "now":
            _forbid_checkpoint(running, begun)
            to = _reachable(there, last)
            _say_gone(last, to, there)
            landings.jump(topic, there.topic_id, to)
            last = landings.last(topic) or last
        _require_same_topic(last, there)
        if not begun and way not in ("ledger", "now"):
            raise StreamError(
                f"The lake has {topic} up to {_told(last.past)}, but the checkpoint {running.checkpoint} is gone."
                " Read from its begin, its messages would be taken for new ones.",
                "Restore that folder; or go on behind the last message in the lake: start the stream with from=ledger.",
            )
    if not begun:
        _finish(running, door)
    with Landings(running.settings) as landings:
        last = landings.last(topic)
    assert last is not None
    return door, _starting(topic, last.past, there)


def _forbid_checkpoint(running: Running, begun: bool) -> None:
    if begun:
        raise StreamError(
            f"from=now needs a new checkpoint, and {running.checkpoint} is one that has begun.",
            "Delete that folder first.",
        )


def _reachable(there: TopicOffsets, last: Landing) -> dict[int, int]:
    """Where to go on when the last landing's end cannot be reached: at the first message that is still there."""
    if there.topic_id != last.topic_id:
        return there.low
    return {p: min(max(last.past.get(p, 0), low), there.high[p]) for p, low in there.low.items()}


def _say_gone(last: Landing, to: Mapping[int, int], there: TopicOffsets) -> None:
    if there.topic_id != last.topic_id:
        LOG.warning("%s was made anew: what the old topic had behind %s and had not landed is gone",
                    last.topic, _told(last.past))  # fmt: skip
    elif gone := sum(max(offset - last.past.get(p, 0), 0) for p, offset in to.items()):
        LOG.warning("%s: %d messages were deleted before they landed; it goes on at %s", last.topic, gone, _told(to))


def _require_same_topic(last: Landing, there: TopicOffsets) -> None:
    if there.topic_id != last.topic_id:
        raise another_topic(last.topic, MADE_ANEW)
    behind = {p: past for p, past in last.past.items() if past > there.high.get(p, 0)}
    if behind:
        raise StreamError(
            f"The lake has {last.topic} up to {_told(behind)}, but the broker only up to"
            f" {_told({p: there.high.get(p, 0) for p in behind})}: it lost messages that it had confirmed.",
            f"{_WAY} New messages would else be taken for ones that landed.",
        )
    gone = {p: low for p, low in there.low.items() if last.past.get(p, 0) < low}
    if gone:
        raise StreamError(
            f"The broker has deleted messages of {last.topic} before they landed: the lake goes up to"
            f" {_told({p: last.past.get(p, 0) for p in gone})}, the broker begins at {_told(gone)}.",
            f"{_WAY} Keep messages longer: retention.ms of the topic.",
        )


def _finish(running: Running, door: Door) -> None:
    """Carry out a landing that was begun and whose checkpoint is gone: the same messages, read once more."""
    topic = door.event.topic.name
    with Landings(running.settings) as landings:
        left = landings.last(topic)
    if left is None or left.ended:
        return
    ranges = {"startingOffsets": _offsets(topic, left.first), "endingOffsets": _offsets(topic, left.past)}
    reader = running.session.read.format("kafka").options(**running.connection.spark(), subscribe=topic, **ranges)
    with Lake(running.session, running.settings) as lake:
        door.land(lake, reader.load(), left.first, left.past)


def _starting(topic: str, past: Mapping[int, int], there: TopicOffsets) -> str:
    # Spark wants each partition named; one that was added since begins at its begin.
    return _offsets(topic, {p: past.get(p, low) for p, low in there.low.items()})


def _offsets(topic: str, offsets: Mapping[int, int]) -> str:
    return json.dumps({topic: {str(p): offset for p, offset in sorted(offsets.items())}})


def _told(offsets: Mapping[int, int]) -> str:
    return ", ".join(f"partition {p}: {offset}" for p, offset in sorted(offsets.items()))
