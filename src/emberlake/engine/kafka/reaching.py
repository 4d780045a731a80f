"""Asking a broker: the only proof that it is there."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING

from emberlake.engine.kafka.connection import Connection
from emberlake.errors import StreamError

if TYPE_CHECKING:
    from confluent_kafka import KafkaError
    from confluent_kafka.admin import AdminClient, ClusterMetadata  # type: ignore[attr-defined]

# A broker of this machine answers in milliseconds, one across a network within a second.
PATIENCE = 5.0


def open_admin(connection: Connection, heard: list[str] | None = None) -> AdminClient:
    """An administrator's client that tries again quickly, prints nothing, and notes in `heard` why it cannot connect.

    Raises:
        StreamError: if the client refuses the connection's settings.
    """
    from confluent_kafka import KafkaError, KafkaException
    from confluent_kafka.admin import AdminClient

    def listen(error: KafkaError) -> None:
        # "All brokers are down" follows the reason and says less.
        if heard is not None and error.code() != KafkaError._ALL_BROKERS_DOWN:
            heard.append(said(error))

    quick = {"reconnect_backoff_ms": 50, "reconnect_backoff_max_ms": 250, "error_cb": listen}
    try:
        return AdminClient(connection.client(**quick))
    except (KafkaException, ValueError) as e:
        raise StreamError(
            f"Kafka's client does not accept the settings for {connection.bootstrap}: {said(e)}.",
            "Look at the file that --kafka-config names.",
        ) from None


def ask(connection: Connection, patience: float = PATIENCE) -> ClusterMetadata:
    """What the brokers say of themselves: nodes, topics, partitions and their leaders.

    Raises:
        StreamError: if none answers within `patience` seconds, with what the last attempt met.
    """
    from confluent_kafka import KafkaException

    heard: list[str] = []
    client = open_admin(connection, heard)
    deadline = time.monotonic() + patience
    while True:
        try:
            return client.list_topics(timeout=max(0.1, deadline - time.monotonic()))
        except KafkaException as e:
            # What is heard is told by poll alone.
            client.poll(0)
            if time.monotonic() >= deadline:
                raise no_answer(connection, patience, heard[-1] if heard else said(e)) from None


def no_answer(connection: Connection, patience: float, why: str) -> StreamError:
    """The error of a broker that is not there, or does not let us in."""
    return StreamError(f"No Kafka answers at {connection.bootstrap} within {patience:.0f} s: {why}.", connection.remedy)


def said(error: Exception | KafkaError) -> str:
    """What librdkafka says, without the names of its threads."""
    first = error.args[0] if isinstance(error, Exception) and error.args else error
    text = first.str() if hasattr(first, "str") else str(first)
    text = re.sub(r"^(?:\S*\[thrd:[^\]]*\]: )?(?:\S+/(?:bootstrap|\d+): )?", "", text)
    return re.sub(r" \(after \d+ms in state [^)]*\)", "", text).strip().rstrip(".")
