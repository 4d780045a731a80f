"""Clicks from Kafka into Delta, as fast as it goes: by landing, or by a bare query.

python -m bench.land_clicks ROOT BOOTSTRAP door|silver|bare|untuned

The first micro-batch is not counted: it is the JIT compiler's.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from emberlake.engine.kafka import Connection
from emberlake.settings import read_settings
from emberlake.streams.events import CLICK
from emberlake.streams.landing.query import LIMIT


def main(root: Path, bootstrap: str, way: str) -> None:
    """Say rows a second and how many there were."""
    run = untuned if way == "untuned" else bare if way == "bare" else landed
    with _plain() if way == "untuned" else _tuned(root) as session:
        begun = time.monotonic()
        query = run(session, root, Connection(bootstrap))
        query.awaitTermination()
        said = steady(query.recentProgress)
        if way == "silver":
            said["to_silver"] = _silver(session, root, begun)
        print(json.dumps(said))


def landed(session: SparkSession, root: Path, connection: Connection) -> Any:
    from emberlake.streams.landing.query import land
    from emberlake.streams.stream import Running

    options = {"trigger": "once", "refine": "never"}
    return land(Running(session, read_settings(root=root), connection, root / "checkpoint", options), CLICK)


def bare(session: SparkSession, root: Path, connection: Connection) -> Any:
    """The query that anyone would write, with our session and as large micro-batches."""
    reader = session.readStream.format("kafka").option("maxOffsetsPerTrigger", str(LIMIT))
    return _append(reader, root, connection)


def untuned(session: SparkSession, root: Path, connection: Connection) -> Any:
    """The same query as Spark comes: its own knobs, and as large micro-batches."""
    return _append(session.readStream.format("kafka").option("maxOffsetsPerTrigger", str(LIMIT)), root, connection)


def _append(reader: Any, root: Path, connection: Connection) -> Any:
    options = connection.spark() | {"subscribe": CLICK.topic.name, "startingOffsets": "earliest"}
    messages: DataFrame = reader.options(**options).load()
    rows = messages.select(F.from_json(F.col("value").cast("string"), CLICK.ddl).alias("e")).select("e.*")
    writer = rows.writeStream.format("delta").option("checkpointLocation", str(root / "checkpoint"))
    return writer.trigger(availableNow=True).start(str(root / "bare"))


def steady(progress: list[dict[str, Any]]) -> dict[str, Any]:
    """Rows a second from the second micro-batch to the last."""
    batches = [each for each in progress if each["numInputRows"]]
    first, last = (dt.datetime.fromisoformat(batches[i]["timestamp"]) for i in (1, -1))
    seconds = (last - first).total_seconds() + batches[-1]["durationMs"]["triggerExecution"] / 1000
    rows = sum(each["numInputRows"] for each in batches[1:])
    every = sum(each["numInputRows"] for each in batches)
    return {"rows": every, "counted": rows, "seconds": seconds, "rate": rows / seconds}


def _silver(session: SparkSession, root: Path, begun: float) -> dict[str, float]:
    from emberlake.lake import Lake, refine

    with Lake(session, read_settings(root=root)) as lake:
        at = time.monotonic()
        refine(lake)
    return {"refine_seconds": time.monotonic() - at, "all_seconds": time.monotonic() - begun}


@contextmanager
def _tuned(root: Path) -> Iterator[SparkSession]:
    from emberlake.engine import open_engine

    with open_engine(read_settings(root=root), "spark") as engine:
        yield engine.session


@contextmanager
def _plain() -> Iterator[SparkSession]:
    jars = os.environ["BENCH_JARS"]
    session = (
        SparkSession.builder.config("spark.driver.extraClassPath", jars)
        .config("spark.sql.extensions", "io.delta.sql.DeltaSparkSessionExtension")
        .config("spark.sql.catalog.spark_catalog", "org.apache.spark.sql.delta.catalog.DeltaCatalog")
        .getOrCreate()
    )
    try:
        yield session
    finally:
        session.stop()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], sys.argv[3])
