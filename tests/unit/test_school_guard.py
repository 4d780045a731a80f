"""The workshop's guard refuses what Free Edition refuses, before anything reaches a server: none is there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql.connect.proto import ml_pb2
from pyspark.sql.connect.session import SparkSession
from tests.free_edition import Guard, GuardedStub, Refused
from tests.free_edition_child import attempts

VOLUMES = Path("/there/Volumes")
VOLUME = VOLUMES / "workspace" / "default" / "workshop"
CONNECTS_OWN = {"rdd", "sparkContext"}


class Reached(Exception):
    """The request has passed the guard."""


class NoServer:
    """A door behind which nobody is."""

    def __getattr__(self, name: str) -> Any:
        def call(*given: Any, **named: Any) -> Any:
            raise Reached(name)

        return call


@pytest.fixture(scope="module")
def session() -> Iterator[Any]:
    opened = SparkSession(connection="sc://127.0.0.1:1")
    opened.client._stub = GuardedStub(NoServer(), Guard(VOLUMES))
    yield opened
    opened.client._channel.close()


def test_it_refuses_each_attempt(session):
    came = {name: _error(work) for name, work in attempts(session, VOLUME, Path("/elsewhere")).items()}
    own = {name: came.pop(name) for name in CONNECTS_OWN}
    assert came == dict.fromkeys(came, "Refused")
    assert len(came) > 20 and set(own.values()) <= {"PySparkAttributeError", "PySparkNotImplementedError"}


def _error(work: Any) -> str:
    try:
        work()
    except Exception as error:
        return type(error).__name__
    return "nothing"


def test_it_refuses_a_model_that_is_written_elsewhere():
    guard = Guard(VOLUMES)
    guard.look(ml_pb2.MlCommand.Write(path=str(VOLUME / "model")))
    with pytest.raises(Refused, match="in no volume"):
        guard.look(ml_pb2.MlCommand.Write(path="/tmp/model"))


ALLOWED = {
    "a write into a volume": lambda s: s.range(3).write.format("delta").save(str(VOLUME / "rows")),
    "a table of the catalog": lambda s: s.range(3).write.saveAsTable("workspace.default.rows"),
    "a temporary view": lambda s: s.range(3).createOrReplaceTempView("mine"),
    "the time zone": lambda s: s.conf.set("spark.sql.session.timeZone", "UTC"),
    "a query": lambda s: s.sql("SELECT 'cache' AS word").collect(),
    "availableNow into a volume": lambda s: (
        s.readStream.schema("id long").parquet(str(VOLUME / "slices")).writeStream.format("delta")
        .option("checkpointLocation", str(VOLUME / "checkpoint")).trigger(availableNow=True).start(str(VOLUME / "out"))
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", ALLOWED)
def test_it_lets_pass(session, name):
    with pytest.raises(Reached):
        ALLOWED[name](session)
