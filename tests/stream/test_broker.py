"""The broker of our own, for real: what it keeps, and what it says when it cannot."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest
from confluent_kafka import Consumer, Producer
from tests.stream.conftest import watched

from emberlake.engine.kafka import (
    Connection,
    broker_status,
    ensure_partitions,
    open_connection,
    start_broker,
    stop_broker,
    topic_states,
)
from emberlake.engine.kafka.place import Place
from emberlake.errors import EngineError, StreamError
from emberlake.settings import Settings, read_settings


def write(connection: Connection, topic: str, values: list[str]) -> None:
    producer = Producer(connection.client(acks="all"))
    for value in values:
        producer.produce(topic, value=value)
    assert producer.flush(30) == 0


def read(connection: Connection, topic: str, n: int) -> list[str]:
    consumer = Consumer(connection.client(group_id=f"reads-{topic}", auto_offset_reset="earliest"))
    consumer.subscribe([topic])
    try:
        messages = consumer.consume(n, timeout=60)
    finally:
        consumer.close()
    return sorted(message.value().decode() for message in messages)


def messages(connection: Connection, topic: str) -> int:
    return next(state.messages for state in topic_states(connection) if state.name == topic)


def gone(pid: int) -> bool:
    # In a container nobody may ask for an orphan's end.
    return not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE


def command(*words: str, root: Path) -> subprocess.CompletedProcess[str]:
    line = [sys.executable, "-m", "emberlake.cli", "kafka", *words, "--root", str(root)]
    return subprocess.run(line, capture_output=True, text=True, check=False)


def test_a_restart_keeps_messages_and_address(broker, connection, topic):
    before = broker_status(broker)
    write(connection, topic, ["a", "b", "c"])
    assert stop_broker(broker) is True
    assert not broker_status(broker).running
    with pytest.raises(StreamError, match="does not run. Start it: emberlake kafka start"):
        open_connection(broker)
    after = start_broker(broker)
    assert (after.bootstrap, after.answers) == (before.bootstrap, True)
    assert after.pid != before.pid
    assert read(connection, topic, 3) == ["a", "b", "c"]


def test_what_was_acknowledged_survives_a_kill(broker, connection, topic):
    values = [f"{n:04}" for n in range(1000)]
    write(connection, topic, values)
    os.kill(broker_status(broker).pid, signal.SIGKILL)
    start_broker(broker)
    assert messages(connection, topic) == 1000
    assert read(connection, topic, 1000) == values


def test_the_pid_of_another_process_is_not_the_brokers(broker, connection, topic):
    write(connection, topic, ["kept"])
    assert stop_broker(broker) is True
    # As after a crash and a reboot: the number was given to somebody else.
    other = psutil.Process()
    (Place.of(broker).pid_file).write_text(f"{other.pid} {other.create_time() - 3600}")
    assert not broker_status(broker).running
    assert stop_broker(broker) is None
    assert start_broker(broker).pid != other.pid
    assert messages(connection, topic) == 1


def test_a_broker_whose_pid_was_not_noted_is_found(broker):
    pid = broker_status(broker).pid
    Place.of(broker).pid_file.unlink()
    assert start_broker(broker).pid == pid


def test_two_starts_at_once_make_one_broker(broker):
    stop_broker(broker)
    with ThreadPoolExecutor(2) as pool:
        done = list(pool.map(lambda _: command("start", "--json", root=broker.root), range(2)))
    assert [ran.returncode for ran in done] == [0, 0], done
    pids = {line for ran in done for line in ran.stdout.splitlines() if '"pid"' in line}
    assert len(pids) == 1
    # Started by a command that is gone, in no terminal's session.
    pid = broker_status(broker).pid
    assert os.getsid(pid) == pid


def test_a_misspelt_topic_is_not_made(connection):
    producer = Producer(connection.client(message_timeout_ms=2000))
    failed = []
    producer.produce("no-such-topic", b"x", on_delivery=lambda error, _: failed.append(error))
    producer.flush(10)
    assert failed[0] is not None
    assert "no-such-topic" not in {state.name for state in topic_states(connection)}


def test_topics_are_made_and_grown_and_never_shrunk(connection, topic):
    write(connection, topic, ["stays"])
    assert ensure_partitions(connection, {topic: 2, f"{topic}-b": 3}) == {topic: 2, f"{topic}-b": 3}
    assert ensure_partitions(connection, {topic: 4, f"{topic}-b": 1}) == {topic: 4, f"{topic}-b": 3}
    found = {state.name: (state.partitions, state.messages) for state in topic_states(connection)}
    assert found[topic] == (4, 1)
    assert found[f"{topic}-b"] == (3, 0)


def test_a_message_bears_the_brokers_time(connection, topic):
    long_ago = 1_000_000_000_000
    producer = Producer(connection.client())
    producer.produce(topic, b"old", timestamp=long_ago)
    producer.flush(30)
    consumer = Consumer(connection.client(group_id=f"time-{topic}", auto_offset_reset="earliest"))
    consumer.subscribe([topic])
    (message,) = consumer.consume(1, timeout=60)
    consumer.close()
    assert message.timestamp()[1] > long_ago + 10**9


def test_a_taken_port_is_told_with_its_holder(tmp_path, broker):
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        settings = read_settings(root=tmp_path, cache=broker.cache)
        with pytest.raises(StreamError, match=f"Port {port} .*is taken by process {os.getpid()}") as refused:
            start_broker(settings, port=port)
    assert "--port" in refused.value.hint
    assert not broker_status(settings).running


def test_missing_jars_and_no_network(tmp_path):
    settings = read_settings(root=tmp_path / "root", cache=tmp_path / "empty", offline=True)
    with pytest.raises(EngineError, match="JARs are missing"):
        start_broker(settings)


def test_a_broker_that_ends_at_its_start_says_why(tmp_path):
    settings = read_settings(root=tmp_path)
    # A folder that another node wrote.
    data = Place.of(settings).data
    data.mkdir(parents=True)
    (data / "meta.properties").write_text("version=1\nnode.id=7\ncluster.id=EzTrVMBqTtyV3X-rOMcHTg\n")
    with pytest.raises(StreamError, match="ended while it started: .*node.id"):
        start_broker(settings)
    assert not broker_status(settings).running


def test_a_setting_that_kafka_refuses_is_told(tmp_path):
    with pytest.raises(StreamError, match=r"folder could not be made: .*log\.retention\.hours"):
        start_broker(read_settings(root=tmp_path), more={"log.retention.hours": "soon"})


def test_stop_where_none_runs(tmp_path):
    ran = command("stop", root=tmp_path)
    assert (ran.returncode, ran.stdout) == (0, "No broker runs here.\n")
    assert list(tmp_path.iterdir()) == []


def test_status_where_none_runs(tmp_path):
    ran = command("status", root=tmp_path)
    assert ran.returncode == 1
    assert "was never started" in ran.stdout


def test_an_external_kafka_that_is_dead_is_told_in_time(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as server:
        dead = f"127.0.0.1:{server.getsockname()[1]}"
    settings = read_settings(root=tmp_path, kafka_bootstrap=dead)
    begin = time.monotonic()
    with pytest.raises(StreamError, match=f"No Kafka answers at {dead} within 1 s: .*refused") as refused:
        open_connection(settings, patience=1)
    assert "--kafka-bootstrap" in refused.value.hint
    # A generous bound: the point is that it does not hang.
    assert time.monotonic() - begin < 30
    with pytest.raises(StreamError):
        ensure_partitions(Connection(dead), {"t": 1}, patience=1)
    told = command("stop", "--kafka-bootstrap", dead, root=tmp_path)
    assert told.returncode == 1
    assert "not ours to start or stop" in told.stderr


def test_an_external_kafka_is_used(broker, tmp_path, connection):
    settings = read_settings(root=tmp_path, kafka_bootstrap=connection.bootstrap)
    assert open_connection(settings).bootstrap == connection.bootstrap
    ran = command("topics", "--kafka-bootstrap", connection.bootstrap, root=tmp_path)
    assert "emberlake.orders" in ran.stdout


def test_clean_stops_the_broker(tmp_path):
    root = tmp_path / "root"
    assert command("start", root=root).returncode == 0
    pid = broker_status(read_settings(root=root)).pid
    line = [sys.executable, "-m", "emberlake.cli", "clean", "--yes", "--root", str(root)]
    ran = subprocess.run(line, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    assert "was stopped" in ran.stderr
    assert gone(pid)
    assert not root.exists()


def test_the_runs_broker_goes_when_the_run_is_killed(tmp_path):
    settings: Settings = read_settings(root=tmp_path)
    watch = watched(tmp_path)
    try:
        pid = start_broker(settings).pid
        # What the system does to a killed run's end of the pipe.
        watch.communicate(timeout=120)
        assert not broker_status(settings).running
        assert gone(pid)
    finally:
        stop_broker(settings)


def test_nobody_listens_beyond_this_machine(broker):
    listening = [c for c in psutil.Process(broker_status(broker).pid).net_connections("inet") if c.status == "LISTEN"]
    addresses = {c.laddr.ip.removeprefix("::ffff:") for c in listening}
    assert addresses == {"127.0.0.1"}
    assert len(listening) == 2
