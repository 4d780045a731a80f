"""The Kafka that the settings name: an external one, or the broker of our own."""

from __future__ import annotations

from emberlake.engine.kafka.connection import Connection
from emberlake.engine.kafka.place import HOST, Place
from emberlake.engine.kafka.reaching import PATIENCE, ask
from emberlake.errors import StreamError
from emberlake.settings import Settings


def open_connection(settings: Settings, patience: float = PATIENCE) -> Connection:
    """How to reach the Kafka of the settings, after it has answered.

    Raises:
        StreamError: if it does not answer within `patience` seconds, and what to do about it.
    """
    connection = connection_of(settings)
    ask(connection, patience)
    return connection


def connection_of(settings: Settings) -> Connection:
    """How to reach the Kafka of the settings, without asking whether it is there.

    Raises:
        StreamError: if the broker of our own was never started.
    """
    if settings.kafka_bootstrap:
        remedy = "Look at --kafka-bootstrap, the network, and the settings in --kafka-config."
        return Connection(settings.kafka_bootstrap, {}, remedy)
    ports = Place.of(settings).ports
    if ports is None:
        raise StreamError(
            f"The broker of {settings.root} was never started.",
            "Start it: emberlake kafka start; or name another Kafka: --kafka-bootstrap host:9092.",
        )
    return Connection(f"{HOST}:{ports.client}")
