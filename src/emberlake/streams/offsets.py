"""What a broker has of a topic: which one it is, where its partitions begin, and where they end."""

from __future__ import annotations

from dataclasses import dataclass
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
        raise _silent(connection, topic, e) from e
    return TopicOffsets(str(told.topic_id), *ends)


def topic_id(connection: Connection, topic: str, patience: float = PATIENCE) -> str:
    """The broker's own name of a topic: one that is deleted and made anew has another.

    Raises:
        StreamError: if there is no such topic, or no broker answers within `patience` seconds.
    """
    from confluent_kafka import KafkaException, TopicCollection

    from emberlake.engine.kafka.reaching import open_admin

    # Its answers end with it.
    admin = open_admin(connection)
    try:
        told = admin.describe_topics(TopicCollection([topic]), request_timeout=patience)
        return str(told[topic].result(patience).topic_id)
    except (KafkaException, TimeoutError) as e:
        raise _silent(connection, topic, e) from e


def require_topic(connection: Connection, topic: str, known: str, way: str) -> None:
    """Refuse a topic that was made anew while it was read; Spark would go on in it at the old one's offsets.

    Args:
        known: the broker's own name of the topic that was begun with.
        way: what to do then.

    Raises:
        StreamError: if it is another one, or the broker does not answer.
    """
    if topic_id(connection, topic) != known:
        raise another_topic(topic, way)


def another_topic(topic: str, way: str) -> StreamError:
    """That a topic is not the one that was read so far."""
    return StreamError(
        f"Topic {topic} is not the one that was read so far: it was deleted and made anew,"
        " and its offsets count from 0 again.",
        way,
    )


def _silent(connection: Connection, topic: str, why: Exception) -> StreamError:
    return StreamError(
        f"Kafka at {connection.bootstrap} does not tell the offsets of topic {topic}: {why}.",
        "Start it (emberlake kafka start) and make its topics, or wait until it answers.",
    )
