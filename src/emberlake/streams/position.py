"""Where scoring goes on: behind the last event that its output holds, whatever became of the checkpoint.

The output is the only record that cannot disagree with itself: a score is there or it is not. Spark's checkpoint of a
query in Real-Time Mode is written when a batch ends, which is minutes after the scores.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from emberlake.engine.kafka import Connection
from emberlake.errors import StreamError
from emberlake.streams.offsets import another_topic, topic_id

if TYPE_CHECKING:
    from confluent_kafka import Consumer

Starting = Literal["output", "earliest", "latest"]
EARLIEST, LATEST = -2, -1
_PATIENCE_S = 15.0
_LOOK_BACK = 64
_BEGUN, _TOPIC = "begun.json", "topic_id"


@dataclass(frozen=True)
class Ends:
    """First and next offset of each partition of a topic.

    Attributes:
        topic_id: the broker's own name of it; one that is made anew has another.
    """

    first: dict[int, int]
    next: dict[int, int]
    topic_id: str = ""


def ends(connection: Connection, topic: str) -> Ends:
    """What a topic holds now.

    Raises:
        StreamError: if the broker does not answer, or the topic is not there.
    """
    with _consumer(connection) as consumer:
        found = _ends(consumer, topic, connection)
    return replace(found, topic_id=topic_id(connection, topic, _PATIENCE_S))


def kafka_tail(connection: Connection, topic: str, source: str) -> dict[int, int]:
    """The last source offset in each partition of an output topic whose values name topic, partition and offset.

    Score and event have the same partition number, and a partition's scores are in the order of its events, so the
    end of the partition knows. A partition without scores of that source is left out.

    Raises:
        StreamError: if the broker does not answer, or the topic is not there.
    """
    with _consumer(connection) as consumer:
        held = _ends(consumer, topic, connection)
        found = {p: _last(consumer, topic, source, p, held) for p in held.next}
    return {p: offset for p, offset in found.items() if offset is not None}


def go_on(
    connection: Connection, topic: str, tail: Mapping[int, int], checkpoint: Path, starting: Starting = "output"
) -> dict[int, int]:
    """The first offset to read in each partition: behind the tail; without one, where the checkpoint is.

    Args:
        tail: the last source offset that the output holds, by partition.
        checkpoint: of the query's last life; may be gone.
        starting: `earliest` or `latest` leave output and checkpoint aside.

    Raises:
        StreamError: if the output knows of events that the topic does not have, or the next ones are gone from it.
    """
    held = ends(connection, topic)
    if starting != "output":
        return dict.fromkeys(held.next, EARLIEST if starting == "earliest" else LATEST)
    if (known := _noted(checkpoint).get(_TOPIC)) and known != held.topic_id:
        raise another_topic(topic, "Score it from its beginning with starting=earliest, or into another topic.")
    noted = {**_begun(checkpoint), **_committed(checkpoint, topic)}
    start = {p: tail[p] + 1 if p in tail else noted.get(p, EARLIEST) for p in held.next}
    for partition, offset in start.items():
        first, behind = held.first[partition], held.next[partition]
        if offset > behind:
            raise StreamError(
                f"Scores go up to offset {offset - 1} of {topic}, partition {partition}; it ends at {behind - 1}: it"
                " was made anew.",
                "Score it from its beginning with starting=earliest, or into another topic.",
            )
        if EARLIEST != offset < first:
            raise StreamError(
                f"Scoring stopped at offset {offset} of partition {partition} of {topic}, whose events now begin at"
                f" {first}: {first - offset} were deleted before they were scored.",
                "Go on with what is left: starting=earliest doubles what was scored and is still there, starting=latest"
                " skips it.",
            )
    return start


def begin_afresh(checkpoint: Path, start: Mapping[int, int], topic_id: str = "") -> None:
    """Note offsets and topic, and empty the checkpoint: Spark takes the offsets that it is told only without one."""
    checkpoint.parent.mkdir(parents=True, exist_ok=True)
    note = checkpoint.parent / _BEGUN
    fresh = note.with_suffix(".new")
    fresh.write_text(json.dumps({**start, _TOPIC: topic_id}), encoding="utf-8")
    fresh.replace(note)
    shutil.rmtree(checkpoint, ignore_errors=True)


def offsets_text(topic: str, start: Mapping[int, int]) -> str:
    """Offsets as Spark's Kafka source is told them."""
    return json.dumps({topic: {str(partition): offset for partition, offset in sorted(start.items())}})


def _noted(checkpoint: Path) -> dict[str, Any]:
    try:
        return dict(json.loads((checkpoint.parent / _BEGUN).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return {}


def _begun(checkpoint: Path) -> dict[int, int]:
    offsets = {int(p): offset for p, offset in _noted(checkpoint).items() if p.isdecimal()}
    return {p: offset for p, offset in offsets.items() if isinstance(offset, int) and offset >= 0}


def _committed(checkpoint: Path, topic: str) -> dict[int, int]:
    """Where the last whole batch of a checkpoint ended; empty without one."""
    done = [path for path in (checkpoint / "commits").glob("*") if path.name.isdigit()]
    if not done:
        return {}
    last = max(done, key=lambda path: int(path.name)).name
    try:
        lines = (checkpoint / "offsets" / last).read_text(encoding="utf-8").splitlines()
        return {int(partition): int(offset) for partition, offset in json.loads(lines[-1])[topic].items()}
    except (OSError, ValueError, KeyError, IndexError, TypeError):
        return {}


class _consumer:  # noqa: N801 - a context manager, read as a verb
    def __init__(self, connection: Connection) -> None:
        from confluent_kafka import Consumer

        given: Any = connection.client(
            group_id="emberlake-position", enable_auto_commit=False, enable_partition_eof=True,
            auto_offset_reset="earliest",
        )  # fmt: skip
        self._consumer = Consumer(given)

    def __enter__(self) -> Consumer:
        return self._consumer

    def __exit__(self, *_: object) -> None:
        self._consumer.close()


def _ends(consumer: Consumer, topic: str, connection: Connection) -> Ends:
    from confluent_kafka import KafkaException, TopicPartition

    try:
        told = consumer.list_topics(topic, timeout=_PATIENCE_S).topics[topic]
        if told.error is not None:
            raise StreamError(
                f"There is no topic {topic} at {connection.bootstrap}.", "Make it: emberlake kafka start."
            )
        held = {
            p: consumer.get_watermark_offsets(TopicPartition(topic, p), timeout=_PATIENCE_S) for p in told.partitions
        }
    except KafkaException as e:
        raise StreamError(f"Kafka at {connection.bootstrap} does not answer: {e.args[0]}.",
                          "Start it: emberlake kafka start.") from e  # fmt: skip
    return Ends({p: low for p, (low, _) in held.items()}, {p: high for p, (_, high) in held.items()})


def _last(consumer: Consumer, topic: str, source: str, partition: int, held: Ends) -> int | None:
    low, high, back = held.first[partition], held.next[partition], _LOOK_BACK
    until = high
    while until > low:
        begin = max(low, high - back)
        found = [score for score in _values(consumer, topic, partition, begin, until) if score is not None]
        mine = [
            score["offset"] for score in found if (score.get("topic"), score.get("partition")) == (source, partition)
        ]
        if mine:
            return int(max(mine))
        until, back = begin, back * 8
    return None


def _values(consumer: Consumer, topic: str, partition: int, begin: int, until: int) -> list[Any]:
    from confluent_kafka import KafkaError, TopicPartition

    consumer.assign([TopicPartition(topic, partition, begin)])
    values: list[Any] = []
    while True:
        message = consumer.poll(_PATIENCE_S)
        if message is None:
            raise StreamError(f"Kafka does not give the end of {topic}, partition {partition}.", "Look at the broker.")
        if error := message.error():
            if error.code() == KafkaError._PARTITION_EOF:
                return values
            raise StreamError(
                f"The end of {topic}, partition {partition}, cannot be read: {error}.", "Look at the broker."
            )
        values.append(_score(message.value()))
        if (message.offset() or 0) >= until - 1:
            return values


def _score(value: bytes | None) -> Any:
    try:
        score = json.loads(value or b"")
        return score if isinstance(score, dict) and isinstance(score.get("offset"), int) else None
    except ValueError:
        return None
