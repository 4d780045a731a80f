"""What the broker itself knows: where partitions end, and when a message came."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from emberlake.streams.monitor.progress import Place

if TYPE_CHECKING:
    from emberlake.engine.kafka import Connection

_ASK_SECONDS = 3.0
# A look reads some messages a partition, not the topic.
_BYTES_A_FETCH = 256 * 1024


class Broker:
    """A consumer that only looks on: no group, nothing committed.

    Raises:
        KafkaException: from every method, while the broker does not answer.
    """

    def __init__(self, connection: Connection) -> None:
        from confluent_kafka import Consumer

        more: dict[str, Any] = {
            "group.id": "emberlake-monitor", "enable.auto.commit": False, "enable.partition.eof": True,
            "fetch.message.max.bytes": _BYTES_A_FETCH, "queued.max.messages.kbytes": 4096, "fetch.wait.max.ms": 50,
        }  # fmt: skip
        self._consumer = Consumer({**connection.client(), **more})

    def close(self) -> None:
        """Let go of the broker."""
        self._consumer.close()

    def ends(self, topics: Iterable[str]) -> dict[Place, int]:
        """The offset that each partition's next message will have; topics that do not exist have none."""
        from confluent_kafka import TopicPartition

        found = {}
        for topic in topics:
            told = self._consumer.list_topics(topic, timeout=_ASK_SECONDS).topics.get(topic)
            for number in () if told is None or told.error else told.partitions:
                place = TopicPartition(topic, number)
                found[topic, number] = self._consumer.get_watermark_offsets(place, timeout=_ASK_SECONDS)[1]
        return found

    def messages(
        self, begins: Mapping[Place, int], counts: Mapping[Place, int], patience: float = _ASK_SECONDS
    ) -> dict[Place, list[Any]]:
        """Messages of each partition from an offset on: at most so many, and no more than there are now."""
        from confluent_kafka import KafkaError, TopicPartition

        found: dict[Place, list[Any]] = {place: [] for place in begins if counts[place] > 0}
        open_, deadline = set(found), time.monotonic() + patience
        self._consumer.assign([TopicPartition(*place, max(begins[place], 0)) for place in found])
        while open_ and time.monotonic() < deadline:
            for message in self._consumer.consume(500, timeout=0.2):
                place = (message.topic(), message.partition())
                if (error := message.error()) is not None:
                    if error.code() == KafkaError._PARTITION_EOF:
                        open_.discard(place)
                    continue
                if place in open_:
                    found[place].append(message)
                    if len(found[place]) >= counts[place]:
                        open_.discard(place)
        self._consumer.unassign()
        return found


def moment(message: Any) -> float | None:
    """When a message was sent, or taken by the broker, as its topic is set: seconds since 1970."""
    kind, milliseconds = message.timestamp()
    return milliseconds / 1000 if kind else None


def value_of(message: Any) -> dict[str, Any]:
    """A message's JSON object; empty if it is none."""
    try:
        told = json.loads(message.value() or b"")
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}
