"""Makes the class-data archive: a session does a bit of everything, and the JVM writes its classes down at the end.

Run by itself (`python -m emberlake.engine.training SETTINGS`), because a JVM that records is slower by half, which
no user's session should be.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import traceback
from pathlib import Path
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout

from emberlake.engine.archive import Archive, archive_for, forget_others
from emberlake.engine.jars import ensure_jars
from emberlake.engine.java import find_java
from emberlake.engine.spark import classpath, spark_session
from emberlake.errors import EngineError
from emberlake.settings import Settings

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


def train(settings: Settings) -> Archive | None:
    """Make the archive if it is missing or not whole; about a minute, 200 MB.

    Returns:
        The archive, or None when another process is making it right now.

    Raises:
        EngineError: when Spark does not start, or its JVM writes no archive.
    """
    java = find_java(settings)
    archive = archive_for(settings, java, classpath(ensure_jars(settings, java, "spark")))
    try:
        archive.folder.mkdir(parents=True, exist_ok=True)
        with FileLock(archive.folder / "lock", timeout=0):
            if not archive.is_whole():
                _make(settings, archive)
                forget_others(archive)
    except Timeout:
        return None
    except OSError as e:
        raise EngineError(
            f"The class-data archive {archive.folder} cannot be written: {e.strerror or e}.",
            "Free some space, or give --cache a folder that you may write to.",
        ) from e
    return archive


def _make(settings: Settings, archive: Archive) -> None:
    for file in archive.files:
        file.unlink(missing_ok=True)
    with tempfile.TemporaryDirectory(prefix="training-", dir=archive.folder) as folder:
        fresh = Path(folder) / "spark.jsa"
        recording = [f"-XX:ArchiveClassesAtExit={fresh}"]
        if archive.base is not None:
            _make_base(archive, archive.base)
            recording.append(f"-XX:SharedArchiveFile={archive.base}")
        # On this machine and in a folder of its own, whatever the user's master and root are.
        own = settings.model_copy(update={"root": Path(folder) / "root", "master": "local[2]", "driver_memory": "1g"})
        with spark_session(own, short=True, recording=recording) as (session, _):
            exercise(session, Path(folder))
        if not fresh.exists():
            raise EngineError(f"Java {archive.java.release} wrote no class-data archive.", "Spark starts without it.")
        fresh.replace(archive.top)
    archive.seal()


def _make_base(archive: Archive, base: Path) -> None:
    command = [str(archive.java.binary), "-Xshare:dump", f"-XX:SharedArchiveFile={base}"]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    if ran.returncode != 0 or not base.exists():
        said = (ran.stderr or ran.stdout).strip().splitlines()
        raise EngineError(f"Java {archive.java.release} wrote no archive of its own classes: {said[-1:]}.")


def exercise(session: SparkSession, folder: Path) -> None:
    """A bit of what Emberlake does on Spark, so that its classes are loaded: tables, queries, Python, streams."""
    from delta.tables import DeltaTable
    from pyspark.sql import Window
    from pyspark.sql import functions as F

    table, copy = str(folder / "table"), str(folder / "copy")
    rows = session.range(100).select(
        F.col("id"),
        (F.col("id") % 7).cast("string").alias("name"),
        (F.col("id") / 3).cast("decimal(12,2)").alias("amount"),
        F.timestamp_seconds(F.col("id") * 86_400).alias("at"),
    )
    rows.write.format("delta").partitionBy("name").save(table)
    rows.write.format("delta").mode("append").save(table)
    read = session.read.format("delta").load(table)
    target = DeltaTable.forPath(session, table)
    same = target.alias("t").merge(rows.alias("s"), "t.id = s.id and t.name = s.name")
    same.whenMatchedUpdateAll().whenNotMatchedInsertAll().execute()
    ranked = read.withColumn("rank", F.row_number().over(Window.partitionBy("name").orderBy(F.desc("amount"), "id")))
    ranked.where("rank = 1").join(rows, "id").groupBy(F.to_date(rows["at"])).agg(F.sum(rows["amount"])).collect()
    read.createOrReplaceTempView("trained")
    session.sql("select name, count(distinct id), percentile(amount, 0.5) from trained group by rollup(name)").collect()
    rows.write.json(str(folder / "json"))
    rows.write.option("header", True).csv(str(folder / "csv"))
    session.read.option("header", True).csv(str(folder / "csv")).count()
    session.read.schema("id long, name string").json(str(folder / "json")).count()
    rows.select(F.udf(lambda n: n, "string")("name")).collect()
    rows.mapInArrow(lambda batches: batches, rows.schema).toPandas()
    session.createDataFrame([(1, "a")], "id long, name string").collect()
    session.readStream.format("kafka").option("kafka.bootstrap.servers", "127.0.0.1:9").option("subscribe", "t").load()
    # MERGE rewrote files of the first table, which a stream refuses to read on.
    rows.write.format("delta").save(copy)
    counted = session.readStream.format("delta").load(copy)
    counted = counted.withWatermark("at", "1 day").groupBy(F.window("at", "1 day")).count()
    stream = counted.writeStream.format("delta").option("checkpointLocation", str(folder / "checkpoint"))
    stream.trigger(availableNow=True).start(str(folder / "windows")).awaitTermination(120)


def main() -> int:
    """Train for the settings given as JSON; a failure is remembered, so that it is not repeated at every start."""
    settings = Settings.model_validate_json(sys.argv[1])
    try:
        train(settings)
    except Exception:  # a process of its own, whose only reader is its log
        traceback.print_exc()
        java = find_java(settings)
        archive = archive_for(settings, java, classpath(ensure_jars(settings, java, "spark")))
        (archive.folder / "failed").write_text(traceback.format_exc(), encoding="utf-8")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
