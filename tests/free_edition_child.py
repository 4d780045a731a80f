"""The workshop on a local Spark Connect server behind the guard: python -m tests.free_edition_child FOLDER TPCH JARS.

Tells what came of each attempt and of each notebook, a line of JSON each.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pyspark.sql import SparkSession
from pyspark.sql import functions as F
from tests.free_edition import as_free_edition
from tests.notebook_child import run

WORKSHOP = sorted((Path(__file__).parents[1] / "course" / "workshop").glob("*.py"))
DELTA = {
    "spark.sql.extensions": "io.delta.sql.DeltaSparkSessionExtension",
    "spark.sql.catalog.spark_catalog": "org.apache.spark.sql.delta.catalog.DeltaCatalog",
    "spark.databricks.delta.snapshotPartitions": "1",
    "spark.sql.shuffle.partitions": "2",
    "spark.ui.enabled": "false",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
}


def attempts(spark: Any, volume: Path, elsewhere: Path) -> dict[str, Callable[[], Any]]:
    """What must be refused."""
    rows = spark.range(3)
    slices = str(volume / "slices")

    def stream(sink: str = "delta", at: Path = volume, checkpoint: Path = volume, **trigger: Any) -> Any:
        writer = spark.readStream.schema("id long").parquet(slices).writeStream.format(sink)
        writer = writer.option("checkpointLocation", str(checkpoint / "checkpoint")).queryName("tried")
        writer = writer.trigger(**trigger) if trigger else writer
        return writer.start(str(at / "streamed")) if sink == "delta" else writer.start()

    return {
        "cache": rows.cache,
        "persist": rows.persist,
        "cache_table": lambda: spark.catalog.cacheTable("seen"),
        "cache_sql": lambda: spark.sql("CACHE TABLE seen"),
        "rdd": lambda: rows.rdd,
        "sparkContext": lambda: spark.sparkContext,
        "global_view": lambda: rows.createOrReplaceGlobalTempView("everywhere"),
        "setting": lambda: spark.conf.set("spark.sql.adaptive.enabled", "false"),
        "setting_sql": lambda: spark.sql("SET spark.sql.autoBroadcastJoinThreshold = -1").collect(),
        "write_elsewhere": lambda: rows.write.parquet(str(elsewhere / "rows")),
        "write_dbfs": lambda: rows.write.format("delta").save("dbfs:/FileStore/rows"),
        "write_beside_the_volume": lambda: rows.write.json(str(volume.parent / "rows")),
        "table_elsewhere": lambda: spark.sql(f"CREATE TABLE t (id LONG) USING delta LOCATION '{elsewhere}/t'"),
        "no_trigger": stream,
        "processing_time": lambda: stream(processingTime="1 second"),
        "once": lambda: stream(once=True),
        "continuous": lambda: stream(continuous="1 second"),
        "real_time": lambda: stream(realTime="1 minute"),
        "console": lambda: stream("console", availableNow=True),
        "memory": lambda: stream("memory", availableNow=True),
        "stream_elsewhere": lambda: stream(at=elsewhere, availableNow=True),
        "checkpoint_elsewhere": lambda: stream(checkpoint=elsewhere, availableNow=True),
        "rate": lambda: spark.readStream.format("rate").load().writeStream.format("delta").option(
            "checkpointLocation", str(volume / "rate")).trigger(availableNow=True).start(str(volume / "rated")),
    }  # fmt: skip


def _model(spark: Any) -> Any:
    from pyspark.ml import Pipeline
    from pyspark.ml.feature import StringIndexer

    rows = spark.createDataFrame([("a",), ("b",)], "name string")
    return Pipeline(stages=[StringIndexer(inputCol="name", outputCol="number")]).fit(rows)


def allowed(spark: Any, volume: Path) -> None:
    """What must not be refused."""
    rows = spark.range(3).withColumn("twice", F.col("id") * 2)
    rows.createOrReplaceTempView("mine")
    rows.write.format("delta").mode("overwrite").save(str(volume / "rows"))
    spark.conf.set("spark.sql.session.timeZone", "UTC")
    stream = spark.readStream.format("delta").load(str(volume / "rows")).writeStream.format("delta")
    stream = stream.option("checkpointLocation", str(volume / "allowed")).trigger(availableNow=True)
    stream.start(str(volume / "copied")).awaitTermination()
    assert spark.read.format("delta").load(str(volume / "copied")).count() == 3
    _model(spark).write().overwrite().save(str(volume / "model"))


def told(name: str, work: Callable[[], Any]) -> None:
    """Do it, and print what came of it."""
    begun = time.perf_counter()
    try:
        work()
        kind, said = "", ""
    except Exception as error:
        kind, said = type(error).__name__, str(error).strip()
    seconds = round(time.perf_counter() - begun, 1)
    print("TOLD", json.dumps({"name": name, "error": kind, "said": said[:1500], "seconds": seconds}), flush=True)


def main() -> None:
    folder, tpch, jars = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
    volume = folder / "Volumes" / "workspace" / "default" / "workshop"
    builder = SparkSession.builder.remote("local[2]").config("spark.driver.extraClassPath", jars)
    for name, value in DELTA.items():
        builder = builder.config(name, value)
    spark = builder.getOrCreate()
    as_free_edition(spark, folder / "Volumes", tpch)
    spark.sql("CREATE VOLUME IF NOT EXISTS workspace.default.workshop")
    spark.range(3).write.parquet(str(volume / "slices"))
    spark.range(3).createOrReplaceTempView("seen")
    for name, work in attempts(spark, volume, folder / "elsewhere").items():
        told(name, work)
    told("model_elsewhere", lambda: _model(spark).save(str(folder / "elsewhere" / "model")))
    told("allowed", lambda: allowed(spark, volume))
    # From here on MLflow takes this for serverless compute, and refuses what it refuses there.
    os.environ["DATABRICKS_RUNTIME_VERSION"] = "client.4.0"
    import mlflow.spark

    mlflow.spark._is_uc_volume_uri = lambda url: url.startswith(str(folder / "Volumes"))
    for path in sys.argv[4:] or map(str, WORKSHOP):
        told(Path(path).stem, lambda path=path: run(Path(path), {"spark": spark, "dbutils": object()}))
    os._exit(0)


if __name__ == "__main__":
    main()
