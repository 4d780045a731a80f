"""The Kafka that the settings name: an external one, or the broker of our own."""

from __future__ import annotations

from emberlake.engine.kafka.connection import Connection
from emberlake.engine.kafka.place import HOST, Place, is_free
from emberlake.engine.kafka.reaching import PATIENCE, ask
from emberlake.engine.kafka.words import read_file
from emberlake.errors import StreamError
from emberlake.settings import Settings


def open_connection(settings: Settings, patience: float = PATIENCE) -> Connection:
    """How to reach the Kafka of the settings, after it has answered.

    Raises:
        StreamError: if it does not answer within `patience` seconds, and what to do about it.
    """
    connection = connection_of(settings)
    own = None if settings.kafka_bootstrap else Place.of(settings).ports
    if own is not None and is_free(own.client):
        raise StreamError(f"The broker of {settings.root} does not run.", connection.remedy)
    ask(connection, patience)
    return connection


def connection_of(settings: Settings) -> Connection:
    """How to reach the Kafka of the settings, without asking whether it is there.

    Raises:
        StreamError: if the broker of our own was never started, or a setting is not accepted.
    """
    if settings.kafka_bootstrap:
        remedy = "Look at --kafka-bootstrap, the network, and the settings in --kafka-config."
        options = read_file(settings.kafka_config) if settings.kafka_config else {}
        return Connection(_checked(settings.kafka_bootstrap), options, remedy)
    if settings.kafka_config:
        raise StreamError(
            "There is a --kafka-config, but no --kafka-bootstrap that it is for.",
            "Give both, or neither: the broker of our own needs no settings.",
        )
    ports = Place.of(settings).ports
    if ports is None:
        raise StreamError(
            f"The broker of {settings.root} was never started.",
            "Start it: emberlake kafka start; or name another Kafka: --kafka-bootstrap host:9092.",
        )
    return Connection(f"{HOST}:{ports.client}")


def _checked(bootstrap: str) -> str:
    for address in bootstrap.split(","):
        host, _, port = address.strip().rpartition(":")
        if not host or not port.isdigit() or not 0 < int(port) < 65536:
            raise StreamError(
                f"The setting kafka_bootstrap is {bootstrap!r}, where {address.strip()!r} is no host:port.",
                "Give --kafka-bootstrap host:9092, several separated by commas.",
            )
    return bootstrap
