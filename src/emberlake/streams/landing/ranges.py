"""Ranges of offsets: of a micro-batch, told by its checkpoint, and of a topic, told by its broker."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from emberlake.errors import StreamError

if TYPE_CHECKING:
    from emberlake.engine.kafka import Connection

PATIENCE = 30.0


@dataclass(frozen=True)
class TopicOffsets:
    """What a broker has of a topic.

    Attributes:
        topic_id: its own name of the topic; one that is deleted and made anew has another.
        low: the first offset of each partition that is still there.
        high: the offset behind the last one.
    """

    topic_id: str
    low: dict[int, int]
    high: dict[int, int]


def is_begun(checkpoint: Path) -> bool:
    """Whether a checkpoint tells where its query stands."""
    return any(checkpoint.glob("offsets/[0-9]*")) or (checkpoint / "sources" / "0" / "0").exists()


def range_of(checkpoint: Path, batch: int, topic: str) -> tuple[dict[int, int], dict[int, int]]:
    """First offsets of a micro-batch and those behind its last, by partition.

    Spark writes them to the checkpoint's log before it gives the micro-batch away, and takes the same ones when it
    gives it away again.

    Raises:
        StreamError: if the checkpoint lacks them.
    """
    try:
        past = _offsets((checkpoint / "offsets" / str(batch)).read_text(), topic)
        before = checkpoint / "offsets" / str(batch - 1) if batch else checkpoint / "sources" / "0" / "0"
        first = _offsets(before.read_text(), topic)
    except (OSError, ValueError, KeyError) as e:
        raise StreamError(
            f"The checkpoint {checkpoint} does not tell the offsets of micro-batch {batch}: {e}.",
            "Restore it, or delete it and start the stream with from=ledger.",
        ) from e
    return {partition: first.get(partition, 0) for partition in past}, past


def _offsets(text: str, topic: str) -> dict[int, int]:
    # A version, then one JSON a line; the last line is the source's own.
    last = text.rstrip("\0\n").splitlines()[-1]
    told = json.loads(last[last.index("{") :])
    return {int(partition): offset for partition, offset in told[topic].items()}


def topic_offsets(connection: Connection, topic: str, patience: float = PATIENCE) -> TopicOffsets:
    """What the broker has of a topic.

    Raises:
        StreamError: if there is no such topic, or no broker answers within `patience` seconds.
    """
    from confluent_kafka import KafkaException, TopicCollection, TopicPartition
    from confluent_kafka.admin import OffsetSpec  # type: ignore[attr-defined]

    from emberlake.engine.kafka.reaching import open_admin

    admin = open_admin(connection)
    try:
        told = admin.describe_topics(TopicCollection([topic]), request_timeout=patience)[topic].result(patience)
        parts = [TopicPartition(topic, p.id) for p in told.partitions]
        ends = [
            {p.partition: f.result(patience).offset for p, f in admin.list_offsets(
                {part: spec for part in parts}, request_timeout=patience).items()}
            for spec in (OffsetSpec.earliest(), OffsetSpec.latest())
        ]  # fmt: skip
    except (KafkaException, TimeoutError) as e:
        raise StreamError(
            f"Kafka at {connection.bootstrap} does not tell the offsets of topic {topic}: {e}.",
            "Start it (emberlake kafka start) and make its topics, or wait until it answers.",
        ) from e
    return TopicOffsets(str(told.topic_id), *ends)
