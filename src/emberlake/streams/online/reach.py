"""Whether the broker still has what a learner has not learned yet, and how to go on where it has not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emberlake.errors import StreamError
from emberlake.streams.offsets import another_topic
from emberlake.streams.online.once import taken_up
from emberlake.streams.online.state import load, save

if TYPE_CHECKING:
    from pathlib import Path

    from emberlake.streams.offsets import TopicOffsets

_WAY = "Remove the checkpoint and start with go_on=now, which keeps what was learned"
MADE_ANEW = f"{_WAY} and reads the new topic from its beginning; or remove the learner's folder, too, to learn anew."


def check_reach(folder: Path, topic: str, there: TopicOffsets) -> None:
    """Refuse to start where messages are gone that were not learned yet, or where the offsets are another topic's.

    Raises:
        StreamError: saying which, and how to go on.
    """
    saved = load(folder)
    if saved is None:
        return
    if saved.topic_id not in ("", there.topic_id):
        raise another_topic(topic, MADE_ANEW)
    for partition, offset in saved.offsets.items():
        low, high = there.low.get(partition, 0), there.high.get(partition, 0)
        if offset > high:
            raise StreamError(
                f"Partition {partition} of {topic} was learned up to {offset}, but the broker has it only up to {high}:"
                " it lost messages that it had confirmed.",
                f"{_WAY} and reads on from there; or remove {folder}, too, to learn anew.",
            )
        if offset < low:
            raise StreamError(
                f"{low - offset} messages of {topic}, partition {partition}, were deleted before they were learned.",
                f"{_WAY} and reads on behind the gap; or remove {folder}, too, to learn anew.",
            )


def go_on_now(folder: Path, there: TopicOffsets) -> tuple[dict[int, int], int, str]:
    """Let a state be taken up by a new checkpoint, at the first messages behind its own that the broker still has.

    Returns:
        By partition the offset at which that must begin; how many events were learned; and what was not, in a
        sentence, "" for nothing.

    Raises:
        StreamError: if there is no state.
    """
    saved = taken_up(folder)
    if saved.topic_id not in ("", there.topic_id):
        saved.offsets, said = dict(there.low), "the topic was made anew: the rest of the old one was not learned"
    else:
        known = saved.offsets
        saved.offsets = {p: min(max(known.get(p, low), low), there.high[p]) for p, low in there.low.items()}
        gone = sum(max(offset - known.get(p, offset), 0) for p, offset in saved.offsets.items())
        said = f"{gone} messages were deleted before they were learned" if gone else ""
    saved.topic_id = there.topic_id
    save(folder, saved)
    return saved.offsets, saved.learner.summary().events, said
