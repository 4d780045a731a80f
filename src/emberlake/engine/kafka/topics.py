"""Topics on a broker: made with the right partitions, grown, counted."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from emberlake.engine.kafka.connection import Connection
from emberlake.engine.kafka.reaching import PATIENCE, ask, open_admin, said
from emberlake.errors import StreamError

if TYPE_CHECKING:
    from confluent_kafka import KafkaException


@dataclass(frozen=True)
class TopicState:
    """One topic on a broker.

    Attributes:
        messages: how many it holds, which is at most how many were written.
    """

    name: str
    partitions: int
    messages: int


def ensure_partitions(connection: Connection, wanted: Mapping[str, int], patience: float = PATIENCE) -> dict[str, int]:
    """Make topics that are missing, and grow those that have fewer partitions than wanted.

    Args:
        wanted: partitions by topic.

    Returns:
        Partitions by topic as they are now: more than wanted where a topic had more, for none can be taken away.

    Raises:
        StreamError: if no broker answers within `patience` seconds, or it refuses.
    """
    from confluent_kafka.admin import NewPartitions, NewTopic  # type: ignore[attr-defined]

    there = {name: len(topic.partitions) for name, topic in ask(connection, patience).topics.items()}
    client = open_admin(connection)
    # The broker's time, as on our own: the messages of an old day are then not old messages.
    config = {"message.timestamp.type": "LogAppendTime"}
    new = [NewTopic(name, n, config=config) for name, n in wanted.items() if name not in there]
    grown = [NewPartitions(name, n) for name, n in wanted.items() if 0 < there.get(name, 0) < n]
    limits = {"operation_timeout": patience, "request_timeout": 2 * patience}
    if new:
        _carried_out("made", client.create_topics(new, **limits))
    if grown:
        _carried_out("grown", client.create_partitions(grown, **limits))
    return _led(connection, wanted, patience) if new or grown else {name: there[name] for name in wanted}


def topic_states(connection: Connection, patience: float = PATIENCE) -> list[TopicState]:
    """The topics of a broker by name, without Kafka's own."""
    topics = {name: topic for name, topic in ask(connection, patience).topics.items() if not name.startswith("__")}
    parts = [(name, number) for name, topic in topics.items() for number in topic.partitions]
    first, last = (_offsets(connection, parts, at, patience) for at in ("earliest", "latest"))
    counted = dict.fromkeys(sorted(topics), 0)
    for part in parts:
        counted[part[0]] += last[part] - first[part]
    return [TopicState(name, len(topics[name].partitions), n) for name, n in counted.items()]


def _offsets(
    connection: Connection, parts: list[tuple[str, int]], at: Literal["earliest", "latest"], patience: float
) -> dict[tuple[str, int], int]:
    """Offsets by topic and partition; partitions that have no leader yet are asked again."""
    from confluent_kafka import IsolationLevel, KafkaException, TopicPartition
    from confluent_kafka.admin import OffsetSpec  # type: ignore[attr-defined]

    client = open_admin(connection)
    level = IsolationLevel.READ_UNCOMMITTED
    spec = OffsetSpec.latest() if at == "latest" else OffsetSpec.earliest()
    found: dict[tuple[str, int], int] = {}
    deadline = time.monotonic() + patience
    while left := [part for part in parts if part not in found]:
        asked = {TopicPartition(*part): spec for part in left}
        for part, answer in client.list_offsets(asked, isolation_level=level, request_timeout=patience).items():
            try:
                found[part.topic, part.partition] = answer.result().offset
            except KafkaException as e:
                if time.monotonic() > deadline or not _passing(e):
                    raise StreamError(
                        f"Kafka at {connection.bootstrap} does not tell where {part.topic} begins and ends: {said(e)}.",
                        "Look at the broker's log, and at what we may do there.",
                    ) from None
        time.sleep(0 if len(found) == len(parts) else 0.02)
    return found


def _passing(error: KafkaException) -> bool:
    from confluent_kafka import KafkaError

    return error.args[0].code() in (
        KafkaError.NOT_LEADER_FOR_PARTITION, KafkaError.LEADER_NOT_AVAILABLE, KafkaError.UNKNOWN_TOPIC_OR_PART,
        KafkaError.UNKNOWN_LEADER_EPOCH, KafkaError.FENCED_LEADER_EPOCH,
    )  # fmt: skip


def _carried_out(what: str, answers: Mapping[str, object]) -> None:
    from confluent_kafka import KafkaError, KafkaException

    for name, answer in answers.items():
        try:
            answer.result()  # type: ignore[attr-defined]
        except KafkaException as e:
            # Another process was quicker: what we wanted is there.
            if e.args[0].code() == KafkaError.TOPIC_ALREADY_EXISTS:
                continue
            raise StreamError(
                f"Topic {name} could not be {what}: {said(e)}.",
                "Look at the broker's log, and at what we may do there.",
            ) from None


def _led(connection: Connection, wanted: Mapping[str, int], patience: float) -> dict[str, int]:
    """Wait until every partition can be written to: a topic just made is known a moment before it can."""
    deadline = time.monotonic() + patience
    while True:
        topics = ask(connection, patience).topics
        found = {name: len(topics[name].partitions) for name in wanted if name in topics}
        late = sorted(name for name, n in wanted.items() if found.get(name, 0) < n)
        if not late:
            parts = [(name, number) for name in wanted for number in topics[name].partitions]
            _offsets(connection, parts, "latest", patience)
            return found
        if time.monotonic() > deadline:
            raise StreamError(f"Topic {late[0]} is not there {patience:.0f} s after it was made.", "Look at the log.")
        time.sleep(0.02)
