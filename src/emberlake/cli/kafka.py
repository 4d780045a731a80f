"""`kafka`: the broker of our own, and what lies on it or on the one that is named."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from emberlake.cli.command import Call, command
from emberlake.cli.meter import one_bar
from emberlake.cli.screen import size, table
from emberlake.errors import StreamError
from emberlake.steps import claim_root

if TYPE_CHECKING:
    from rich.console import RenderableType

    from emberlake.engine.kafka import BrokerStatus, TopicState

app = typer.Typer(no_args_is_help=True, help="The Kafka broker: start, stop, status, topics.")


def _start(
    call: Call,
    port: Annotated[
        int | None, typer.Option("--port", min=1024, max=65535, help="Of 127.0.0.1; else the one of the first start.")
    ] = None,
) -> None:
    """Start a real Kafka broker for this root and make its topics; it runs on after the command.

    It listens on 127.0.0.1 alone and keeps its messages for seven days, over stops and starts.
    """
    from emberlake.engine.kafka import broker_status, start_broker
    from emberlake.streams.topics import ensure_topics

    _own(call)
    claim_root(call.settings)
    before = broker_status(call.settings)
    with one_bar(call.screen, "Kafka") as tell:
        started = start_broker(call.settings, tell, port=port)
        ensure_topics(started.connection)
    found = before.running and before.pid == started.pid
    said = "runs already" if found else "runs"
    call.screen.show(
        {**_data(started, None), "started": not found},
        lambda: f"Kafka {said} at {started.bootstrap} (process {started.pid}). Stop it: emberlake kafka stop",
    )


def _stop(
    call: Call,
    patience: Annotated[float, typer.Option("--patience", min=0, help="Seconds before it is killed.")] = 30.0,
) -> None:
    """Stop the broker of this root; its messages stay."""
    from emberlake.engine.kafka import stop_broker

    _own(call)
    clean = stop_broker(call.settings, patience)
    said = {
        None: "No broker runs here.",
        True: "Kafka stopped; its messages stay.",
        False: f"Kafka did not end within {patience:.0f} s and was killed. What it had acknowledged stays; "
        "the next start checks its files first.",
    }[clean]
    call.screen.show({"stopped": clean is not None, "killed": clean is False}, lambda: said)


def _status(call: Call) -> None:
    """Show address, process, size and topics of the broker.

    Ends with exit code 1 when no broker answers.
    """
    from emberlake.engine.kafka import broker_status, open_connection, topic_states

    if call.settings.kafka_bootstrap:
        topics = topic_states(open_connection(call.settings))
        outside = {"bootstrap": call.settings.kafka_bootstrap, "external": True, "answers": True}
        call.screen.show(
            {**outside, "topics": [asdict(t) for t in topics]},
            lambda: [
                f"{call.settings.kafka_bootstrap} answers; it is not ours to start or stop.",
                _topics_view(topics),
            ],
        )
        return
    status = broker_status(call.settings)
    found = topic_states(status.connection) if status.answers else None
    call.screen.show(_data(status, found), lambda: [_view(status), *([_topics_view(found)] if found else [])])
    if not status.answers:
        raise typer.Exit(1)


def _topics(call: Call) -> None:
    """List the topics with their partitions and messages, and make Emberlake's own where they are missing."""
    from emberlake.engine.kafka import open_connection, topic_states
    from emberlake.streams.topics import TOPICS, ensure_topics

    connection = open_connection(call.settings)
    partitions = ensure_topics(connection)
    topics = topic_states(connection)
    rows = [
        {**asdict(t), "meaning": TOPICS[t.name].meaning if t.name in TOPICS else None, "ours": t.name in TOPICS}
        for t in topics
    ]
    shown = [{key: value for key, value in row.items() if key != "ours"} for row in rows]
    call.screen.show(rows, lambda: table(shown))
    for name, topic in TOPICS.items():
        if partitions[name] > topic.partitions:
            call.screen.note(
                f"{name} has {partitions[name]} partitions, {topic.partitions} were wanted: it keeps them."
            )


def _own(call: Call) -> None:
    if call.settings.kafka_bootstrap:
        raise StreamError(
            f"The setting kafka_bootstrap names {call.settings.kafka_bootstrap}, which is not ours to start or stop.",
            "Leave --kafka-bootstrap (EMBERLAKE_KAFKA_BOOTSTRAP) out to use the broker of our own.",
        )


def _data(status: BrokerStatus, topics: list[TopicState] | None) -> dict[str, object]:
    told = asdict(status) | {"external": False}
    return told | ({"topics": [asdict(topic) for topic in topics]} if topics is not None else {})


def _view(status: BrokerStatus) -> RenderableType:
    if not status.running:
        where = f"It keeps {size(status.data)} in {status.folder}." if status.data else "It was never started."
        return f"Kafka does not run. {where} Start it: emberlake kafka start"
    row = {
        "address": status.bootstrap if status.answers else f"{status.bootstrap} (does not answer)",
        "process": str(status.pid),
        "since": f"{status.since:%Y-%m-%d %H:%M:%S} UTC",
        "memory": size(status.memory or 0),
        "messages on disk": size(status.data),
        "log": str(status.log),
    }
    return table([row])


def _topics_view(topics: list[TopicState]) -> RenderableType:
    return table([asdict(topic) for topic in topics], "" if topics else "Topics")


command(app, "start", ("emberlake kafka start", "emberlake kafka start --port 19092"))(_start)
command(app, "stop", "emberlake kafka stop")(_stop)
command(
    app,
    "status",
    ("emberlake kafka status", "emberlake kafka status --kafka-bootstrap broker.shop.example:9092"),
    shown=("kafka_bootstrap", "kafka_config"),
)(_status)
command(app, "topics", "emberlake kafka topics", shown=("kafka_bootstrap", "kafka_config"))(_topics)
