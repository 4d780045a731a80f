"""Messages into Kafka: acknowledged by all replicas, in order, and none lost without a word."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from emberlake.errors import StreamError

if TYPE_CHECKING:
    from emberlake.engine.kafka import Connection

_POLL_EVERY = 500
_PATIENCE = 60.0
_FULL = 0.05


class Sender:
    """An idempotent producer that counts what could not be delivered.

    Args:
        prompt: send each message at once; else wait some milliseconds for more of them, which is faster in all.
    """

    def __init__(self, connection: Connection, prompt: bool) -> None:
        from confluent_kafka import Producer

        self.failed, self.reason = 0, ""
        self._since_poll = 0
        settings = connection.client(
            enable_idempotence=True, acks="all", linger_ms=0 if prompt else 20, batch_size=262_144,
            queue_buffering_max_messages=200_000, queue_buffering_max_kbytes=131_072,
            delivery_timeout_ms=int(_PATIENCE * 1000),
        )  # fmt: skip
        # A call for each message that went well would cost as much as sending it.
        settings |= {"delivery.report.only.error": True, "on_delivery": self._told, "compression.type": "lz4"}
        self._producer = Producer(settings)

    def send(self, topic: str, key: str, body: str) -> None:
        """Hand over one message; waits while the queue is full."""
        while True:
            try:
                self._producer.produce(topic, body, key)
                break
            except BufferError:
                self._producer.poll(_FULL)
        self._since_poll += 1
        if self._since_poll >= _POLL_EVERY:
            self.rest(0.0)

    def rest(self, seconds: float) -> None:
        """Let time pass, and hear what became of earlier messages.

        Raises:
            StreamError: if one of them could not be delivered.
        """
        self._since_poll = 0
        self._producer.poll(seconds)
        if self.failed:
            raise StreamError(
                f"Kafka did not take {self.failed:,} messages: {self.reason}.",
                "Is it running? emberlake kafka status. Then go on with --resume.",
            )

    def settle(self, patience: float = _PATIENCE) -> int:
        """Wait until all is acknowledged; how many are not."""
        return self._producer.flush(patience) + self.failed

    def _told(self, error: object, message: object) -> None:
        if error is not None:
            self.failed += 1
            self.reason = self.reason or str(error)


def stamped(text: str) -> str:
    """An event's text, closed, with the time of its sending: UTC, microseconds."""
    return f'{text},"sent_at":"{dt.datetime.now(dt.UTC):%Y-%m-%dT%H:%M:%S.%f}Z"}}'
