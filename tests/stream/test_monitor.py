"""A real query over a real topic: its lag, its latency and what happens when the broker goes."""

from __future__ import annotations

import time
import urllib.request
import uuid

import pytest
from confluent_kafka import Producer

from emberlake.engine.kafka import ensure_partitions, open_connection
from emberlake.streams.monitor import History
from emberlake.streams.monitor.broker import Broker
from emberlake.streams.monitor.latency import Latencies, sample_results
from emberlake.streams.monitor.monitor import Monitor
from emberlake.streams.running import Book
from emberlake.streams.running.book import Entry
from emberlake.streams.running.workplace import Workplace
from emberlake.streams.stream import Stream

MESSAGES = 40


def until(condition, seconds=120.0):
    deadline = time.monotonic() + seconds
    while not (got := condition()):
        assert time.monotonic() < deadline, "it did not come about"
        time.sleep(0.05)
    return got


def produce(connection, topic, values, partition=0):
    producer = Producer(connection.client())
    for value in values:
        producer.produce(topic, value=value, partition=partition)
    assert producer.flush(30) == 0


@pytest.fixture
def name():
    return f"counts-{uuid.uuid4().hex[:8]}"


def query_of(spark, connection, topic, name, folder):
    rows = spark.readStream.format("kafka").options(**connection.spark()).option("subscribe", topic)
    rows = rows.option("startingOffsets", "earliest").option("maxOffsetsPerTrigger", 20).load()
    writer = rows.writeStream.format("noop").queryName(name).option("checkpointLocation", str(folder))
    return writer.trigger(processingTime="200 milliseconds").start()


def test_lag_latency_and_rates_of_a_topic_are_found_kept_and_served(broker, connection, topic, spark, tmp_path, name):
    settings = broker.model_copy(update={"root": tmp_path, "metrics_port": 21_464})
    book = Book(settings)
    book.begin(Entry(name, "running", time.time(), 1, "x"))
    stream = Stream(name, "Counts.", (topic,), (), lambda running: None)
    produce(connection, topic, ["{}"] * MESSAGES)
    query = query_of(spark, connection, topic, name, tmp_path / "checkpoint")
    try:
        with Monitor(settings, [stream], Workplace(spark, connection), book) as monitor:
            monitor.look({name: query})
            done = until(lambda: [f for f in [monitor.newest()[name]] if f["rows"] == MESSAGES and f["latency_p99"]])[0]
            assert done["lag_by_partition"] == {f"{topic}/0": 0, f"{topic}/1": 0}
            assert (done["batches"] >= 2, done["trigger_seconds"], done["realtime"]) == (True, 0.2, False)
            # Nothing reads any more: the broker alone tells that messages wait.
            query.stop()
            produce(connection, topic, ["{}"] * 7, partition=1)
            until(lambda: monitor.newest()[name]["lag_by_partition"] == {f"{topic}/0": 0, f"{topic}/1": 7})
            served = urllib.request.urlopen(monitor.address, timeout=10).read().decode()
    finally:
        query.stop()
    line = next(
        line for line in served.splitlines() if line.startswith("emberlake_stream_lag_messages{") and 'n="1"' in line
    )
    assert f'topic="{topic}"' in line and line.endswith(" 7.0")
    rows = History(book).recent(name, 100)
    assert sum(row["rows"] for row in rows) == MESSAGES and all(row["lag"] is not None for row in rows)


def test_results_tell_how_far_a_real_time_stream_is_and_how_long_they_took(broker, topic):
    connection = open_connection(broker)
    output = f"{topic}-scores"
    ensure_partitions(connection, {output: 2})
    produce(connection, topic, ["{}"] * 5)
    produce(connection, topic, ["{}"] * 3, partition=1)
    produce(connection, output, [f'{{"partition": 0, "offset": {offset}}}' for offset in range(4)] + ["not JSON"])
    produce(connection, output, ['{"partition": 1, "offset": 0}'], partition=1)
    looker, latencies = Broker(connection), Latencies()
    assert sample_results(looker, topic, output, latencies) == {(topic, 0): 4, (topic, 1): 1}
    assert looker.ends([topic]) == {(topic, 0): 5, (topic, 1): 3}
    looker.close()
    # All of them were scored after they came, and within this test.
    assert 0 <= latencies.quantile(0.5) <= latencies.quantile(0.99) < 300
