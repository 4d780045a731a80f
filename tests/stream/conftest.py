"""One classic session for the whole run of tests/stream."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pyspark.sql import SparkSession

from emberlake.engine import open_engine
from emberlake.settings import Settings, read_settings


@pytest.fixture(scope="session")
def stream_settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return read_settings(root=tmp_path_factory.mktemp("stream"), driver_memory="2g")


@pytest.fixture(scope="session")
def spark(stream_settings: Settings) -> Iterator[SparkSession]:
    with open_engine(stream_settings, "spark") as engine:
        yield engine.session
