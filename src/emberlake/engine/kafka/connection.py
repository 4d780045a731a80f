"""How to reach a Kafka, told to Spark and to librdkafka, each in its own words."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from emberlake.engine.kafka.words import to_java

# Some of librdkafka's warnings come whatever its level is.
_SILENT = logging.getLogger("emberlake.librdkafka")
_SILENT.setLevel(logging.CRITICAL)


@dataclass(frozen=True)
class Connection:
    """Where the brokers are, and how to speak with them.

    Attributes:
        bootstrap: `host:port`, several separated by commas.
        options: settings of Kafka's clients beside it, by librdkafka's names (`security.protocol`, `sasl.password`, …);
            never shown.
        remedy: what to do when none of them answers.
    """

    bootstrap: str
    options: Mapping[str, str] = field(default_factory=dict, repr=False)
    remedy: str = field(default="Start it: emberlake kafka start.", repr=False, compare=False)

    def spark(self) -> dict[str, str]:
        """Options of Spark's Kafka source and sink."""
        said = to_java(self.options)
        return {"kafka.bootstrap.servers": self.bootstrap, **{f"kafka.{name}": value for name, value in said.items()}}

    def client(self, **more: object) -> dict[str, Any]:
        """Settings of a confluent-kafka client, with `more` of them (underscores stand for dots).

        The library writes nothing to the terminal: what matters comes as an error of the call or of the delivery.
        """
        return {
            "bootstrap.servers": self.bootstrap,
            "log_level": 0,
            "logger": _SILENT,
            **self.options,
            **{_librdkafka(name): value for name, value in more.items()},
        }


def _librdkafka(name: str) -> str:
    # Its few names with underscores.
    return name if name in ("log_level", "logger") or name.endswith("_cb") else name.replace("_", ".")
