"""Kafka into Delta: our landing against a bare query, tuned and not, on one broker with the same clicks."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from bench.meter import BenchError, Sample
from bench.rows import Goal, Limit, Row
from bench.series import Contestant, Round, Series
from bench.stage import Stage

if TYPE_CHECKING:
    from bench.registry import Scales

CLICKS = 3_000_000
FLOOR = 50_000


def series(scales: Scales) -> Series:
    """Rows a second to bronze and the door, and to silver."""
    at = scales.of(1)
    count = max(int(CLICKS * at), 1_500_000)
    rows = (
        Row("live_lake", "live clicks, Kafka to bronze and the live door", "events/s", "door", "bare",
            "a bare query without rules: Kafka, from_json, Delta; our session", Goal(">=", 0.8), at, 1, value=_rate,
            beside=("untuned",), check=_same_rows, parts=lambda sample: {"rows": sample.said["rows"]}),
        Row("live_lake_rate", "the same, against the rate asked for", "events/s", "door",
            Limit(FLOOR, "limit"), f"{FLOOR:,} events/s", Goal(">=", 1), at, 1, value=_rate),
        Row("live_lake_untuned", "the same, against Spark's defaults", "events/s", "door", "untuned",
            "the bare query as Spark comes", None, at, 1, value=_rate),
        Row("live_silver", "the same, on to silver by all rules", "events/s", "silver", "bare",
            "the bare query", None, at, 1, value=_to_silver, peer_value=_rate,
            parts=lambda sample: sample.said["to_silver"]),
    )  # fmt: skip
    seconds = 20 + count / 50_000
    made: dict[str, Any] = {"prepare": filled(count), "prepare_estimate": 15 + count / 50_000}
    ways = ("door", "bare", "untuned", "silver")
    return Series("landing", tuple(Contestant(way, _run(way, count), seconds, **made) for way in ways), rows)


def filled(count: int) -> Callable[[Stage], str]:
    """A broker that lives as long as the bench, with so many clicks; its address."""

    def make(stage: Stage) -> str:
        from emberlake.engine.kafka import open_connection, start_broker, stop_broker

        root = stage.work / "data" / "clicks"
        done = root / "filled.json"
        settings = stage.settings(root)
        root.mkdir(parents=True, exist_ok=True)
        if not done.exists():
            stage.stack.callback(stop_broker, settings)
        address = start_broker(settings).bootstrap
        if not done.exists():
            fill(open_connection(settings), count)
            done.write_text(json.dumps({"clicks": count}))
        return address

    return make


def fill(connection: Any, count: int) -> None:
    """Write clicks: four partitions, one second each, a tenth of them purchases of nothing known."""
    import datetime as dt

    from confluent_kafka import Producer

    from emberlake.streams.events import CLICK
    from emberlake.streams.topics import ensure_topics

    ensure_topics(connection, (CLICK.topic,))
    producer = Producer(connection.client(linger_ms=50, queue_buffering_max_messages=1_000_000, batch_size=1_000_000))
    begin = dt.datetime(2026, 6, 1, tzinfo=dt.UTC)
    for number in range(count):
        at = (begin + dt.timedelta(milliseconds=10 * number)).isoformat()
        text = (
            f'{{"event_id":{number},"session_id":{number // 7},"user_id":null,"event":"page_view",'
            f'"occurred_at":"{at}","device":"mobile","product_id":{number % 500},"query":null,"order_id":null,'
            f'"sent_at":"{at}"}}'
        )
        while True:
            try:
                producer.produce(CLICK.topic.name, text, partition=number % CLICK.topic.partitions)
                break
            except BufferError:
                producer.poll(0.1)
    if producer.flush(300):
        raise BenchError("The broker did not take all clicks.")


def _run(way: str, count: int) -> Callable[[Round], Sample]:
    def run(turn: Round) -> Sample:
        stage, root = turn.stage, turn.root(way)
        root.mkdir(parents=True)
        environment = stage.spark_env() if way == "untuned" else None
        sample = stage.python("bench.land_clicks", str(root), filled(count)(stage), way, env=environment)
        return dataclasses.replace(sample, seconds=sample.said["seconds"])

    return run


def _rate(sample: Sample) -> float:
    return float(sample.said["rate"])


def _to_silver(sample: Sample) -> float:
    # What landing takes a row, and what silver takes a row after it.
    said = sample.said
    return 1 / (1 / said["rate"] + said["to_silver"]["refine_seconds"] / said["rows"])


def _same_rows(ours: Sample, peer: Sample) -> None:
    if ours.said["rows"] != peer.said["rows"]:
        raise BenchError(f"Landing took {ours.said['rows']} clicks, the bare query {peer.said['rows']}.")
