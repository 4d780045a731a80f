"""One real broker and one Spark session for the whole run, both gone when it ends, also when it is killed."""

from __future__ import annotations

import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from emberlake.engine import open_engine
from emberlake.engine.kafka import Connection, ensure_partitions, open_connection, start_broker, stop_broker
from emberlake.settings import Settings, read_settings

# Waits until the run that started it is gone, however it went, then stops the broker that it left.
WATCH = """
import sys
sys.stdin.buffer.read()
from emberlake.engine.kafka import stop_broker
from emberlake.settings import read_settings
stop_broker(read_settings(root=sys.argv[1]), patience=5)
"""


def watched(root: Path) -> subprocess.Popen[bytes]:
    """Have the broker of a root stopped when this process ends; closing its stdin does it at once."""
    return subprocess.Popen(
        [sys.executable, "-c", WATCH, str(root)], stdin=subprocess.PIPE, cwd="/", start_new_session=True
    )


# Begun first, so that a worker does not sit idle while the other ends one of them.
LONGEST = ("test_landing", "test_faults_landing", "test_scoring", "test_online", "test_broker", "test_faults_kafka")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: LONGEST.index(item.path.stem) if item.path.stem in LONGEST else len(LONGEST))


@pytest.fixture(scope="session")
def stream_settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Settings of the run's own root, under which its broker lies."""
    return read_settings(root=tmp_path_factory.mktemp("streams"), kafka_bootstrap="")


@pytest.fixture(scope="session")
def broker(stream_settings: Settings) -> Iterator[Settings]:
    """The settings whose broker runs; a test may stop, kill and start it, and leaves it running."""
    watch = watched(stream_settings.root)
    try:
        start_broker(stream_settings)
        yield stream_settings
    finally:
        stop_broker(stream_settings)
        watch.communicate()


@pytest.fixture
def connection(broker: Settings) -> Connection:
    """How to reach the run's broker."""
    return open_connection(broker, patience=60)


@pytest.fixture
def topic(connection: Connection) -> str:
    """A topic of this test alone, with two partitions."""
    name = f"test-{uuid.uuid4().hex[:12]}"
    ensure_partitions(connection, {name: 2}, patience=60)
    return name


@pytest.fixture(scope="session")
def spark(stream_settings: Settings) -> Iterator[SparkSession]:
    """A classic session for the whole run; a query in Real-Time Mode holds one of its slots for each partition."""
    with open_engine(stream_settings.model_copy(update={"master": "local[6]"}), "spark") as engine:
        yield engine.session
