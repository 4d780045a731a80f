"""The broker's own settings, each with its reason, and the command that starts it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from emberlake.engine.jars import Jars
from emberlake.engine.java import Java
from emberlake.engine.kafka.place import HOST, Place, Ports

# Twice what 400,000 messages needed; measured in docs/decisions/0090-a-broker-of-our-own.md.
# Young objects get a fourth: with what the JVM chose (30 MB), they were collected twice a second, grew old, and an
# old collection halts every answer for 0.4 s.
HEAP = ("-Xms192m", "-Xmn128m", "-Xmx512m")

FIXED = {
    "process.roles": "broker,controller",
    "node.id": "1",
    "listener.security.protocol.map": "CLIENT:PLAINTEXT,CONTROLLER:PLAINTEXT",
    "inter.broker.listener.name": "CLIENT",
    "controller.listener.names": "CONTROLLER",
    # A misspelt topic is an error, not a new topic.
    "auto.create.topics.enable": "false",
    "num.partitions": "4",
    # One node: nothing can be kept twice.
    "default.replication.factor": "1",
    "offsets.topic.replication.factor": "1",
    "transaction.state.log.replication.factor": "1",
    "transaction.state.log.min.isr": "1",
    "share.coordinator.state.topic.replication.factor": "1",
    "share.coordinator.state.topic.min.isr": "1",
    # Each partition costs files and a moment at every start; the defaults (50) are for clusters.
    "offsets.topic.num.partitions": "4",
    "transaction.state.log.num.partitions": "4",
    "share.coordinator.state.topic.num.partitions": "4",
    # A group's first member need not wait three seconds for others.
    "group.initial.rebalance.delay.ms": "0",
    # Seven days after the broker took it: by the events' own time, a replay of last year would be deleted at once.
    "log.retention.hours": "168",
    "log.message.timestamp.type": "LogAppendTime",
    # Whole segments are deleted: a tenth of the default (1 GiB) lets go in time.
    "log.segment.bytes": "134217728",
    # The cleaner's default of 128 MiB would be a quarter of the heap, for four small internal topics.
    "log.cleaner.dedupe.buffer.size": "8388608",
    "num.network.threads": "2",
    "num.io.threads": "4",
    "background.threads": "2",
    "num.recovery.threads.per.data.dir": "2",
    # After a kill the next start waits until the killed one's session is over; nine seconds are for networks.
    "broker.session.timeout.ms": "3000",
    "broker.heartbeat.interval.ms": "500",
}


def properties(place: Place, ports: Ports, more: Mapping[str, str] | None = None) -> str:
    """`server.properties` of a place."""
    own = {
        "listeners": f"CLIENT://{HOST}:{ports.client},CONTROLLER://{HOST}:{ports.controller}",
        "advertised.listeners": f"CLIENT://{HOST}:{ports.client}",
        "controller.quorum.voters": f"1@{HOST}:{ports.controller}",
        "log.dirs": str(place.data),
    }
    return "".join(f"{name}={_escaped(value)}\n" for name, value in {**FIXED, **own, **(more or {})}.items())


def java_command(java: Java, jars: Jars, main: str, *arguments: str) -> list[str]:
    """The command that runs one of Kafka's programs."""
    # Kafka logs through slf4j and brings no bridge to its log4j; PySpark ships one, with the two that it fits.
    path = [*_logging(), jars.folder / "*"]
    options = [*HEAP, "-XX:+UseSerialGC", "-XX:+ExitOnOutOfMemoryError", "-Djava.awt.headless=true"]
    options += [f"-Dlog4j2.configurationFile={Path(__file__).with_name('log4j2.properties')}"]
    return [str(java.binary), *options, "-cp", ":".join(map(str, path)), main, *arguments]


def _logging() -> list[Path]:
    import pyspark

    folder = Path(pyspark.__file__).parent / "jars"
    names = ("slf4j-api-*.jar", "log4j-slf4j2-impl-*.jar", "log4j-api-2*.jar", "log4j-core-*.jar")
    return [path for name in names for path in sorted(folder.glob(name))]


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace("\n", "\\n")
