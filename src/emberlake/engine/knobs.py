"""What Emberlake sets on Spark, and what each setting did when it was measured.

Measured on two cores, the same eight small steps on Delta each time (session, write 1 M rows, four aggregations,
append, MERGE): 42 to 88 s with the defaults, 19 to 21 s with these on a quiet machine. Figures for one knob are CPU
seconds of the JVM with that knob alone put back to its default (docs/decisions/0004-local-delta.md).
"""

from __future__ import annotations

import sys
from urllib.parse import urlsplit

from emberlake.engine.jars import Jars
from emberlake.engine.machine import cores
from emberlake.settings import Settings


def is_local(master: str) -> bool:
    """Driver and executors are one process."""
    return master.startswith("local")


def is_loopback(master: str) -> bool:
    """Nothing of this master leaves the machine: local, or a cluster on 127.0.0.1."""
    return is_local(master) or urlsplit(master).hostname in ("127.0.0.1", "localhost", "::1")


def knobs(settings: Settings, jars: Jars) -> dict[str, str]:
    """Spark's configuration for a run."""
    set_ = dict(ALWAYS)
    set_ |= {
        "spark.master": settings.master,
        "spark.app.name": "emberlake",
        "spark.sql.warehouse.dir": str(settings.scratch / "warehouse"),
    }
    if is_local(settings.master):
        # One shuffle partition a core: 42 CPU seconds for the eight steps, 45 with the default of 200. AQE hides
        # most of the difference in batches; a stream keeps its number for ever, and one state store for each.
        set_["spark.sql.shuffle.partitions"] = str(max(2, cores()))
        # Python workers start the python3 of PATH unless told otherwise: another version, without our packages.
        set_["spark.pyspark.python"] = set_["spark.pyspark.driver.python"] = sys.executable
    else:
        # The driver has the JARs on its own class path; executors on other machines fetch them from it.
        set_["spark.jars"] = ",".join(path.as_uri() for path in jars.paths)
    if is_loopback(settings.master):
        # The machine's name may resolve to an address that a VPN or a firewall closes: 127.0.0.1 always answers.
        set_ |= {"spark.driver.host": "127.0.0.1", "spark.driver.bindAddress": "127.0.0.1"}
    return set_


ALWAYS: dict[str, str] = {
    "spark.sql.extensions": "io.delta.sql.DeltaSparkSessionExtension",
    "spark.sql.catalog.spark_catalog": "org.apache.spark.sql.delta.catalog.DeltaCatalog",
    # Delta reads a table's log into 50 partitions by default: 50 tasks for a log of ten lines. Of all knobs
    # this one does most: the eight steps cost 42 CPU seconds with 1 and 76 with 50.
    "spark.databricks.delta.snapshotPartitions": "1",
    # The web UI starts a web server and keeps every job's history in the heap: 1.7 CPU seconds at each start
    # (7.1 against 5.4), and 49.6 against 42.1 for the eight steps.
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.sql.session.timeZone": "UTC",
    # A bad cast raises; with ANSI off it would become null without a word. Spark's default since 4.0, said
    # here so that a spark-defaults.conf cannot take it away.
    "spark.sql.ansi.enabled": "true",
    # Delta's parser (4.4) drops the values of named parameters that Spark 4.1 and later hand it: every
    # `session.sql(text, args=…)` fails with UNBOUND_SQL_PARAMETER (delta-io/delta#7640). Binding them later, in
    # the analyser, works with any parser.
    "spark.sql.legacy.parameterSubstitution.constantsOnly": "true",
    # Spark's default, INT96, counts nanoseconds: readers that are not Spark (delta-rs, Arrow, DuckDB) refuse or wrap
    # times beyond 2262, which a wrong date in a source easily is. Microseconds are what Delta's log says they are.
    "spark.sql.parquet.outputTimestampType": "TIMESTAMP_MICROS",
    "spark.sql.adaptive.enabled": "true",
    # HotSpot never compiles a method of more than 8,000 bytes. The limit of one stage of a query is 65,535; with
    # this one Spark makes many small methods: 22 instead of 40 CPU microseconds for the features of a live order.
    "spark.sql.codegen.hugeMethodLimit": "8000",
    # The default keeps all state in the heap; RocksDB keeps it on disk, and is what Real-Time Mode needs.
    "spark.sql.streaming.stateStore.providerClass": (
        "org.apache.spark.sql.execution.streaming.state.RocksDBStateStoreProvider"
    ),
    # A Python UDF right above a Parquet or Delta scan never ends in Spark 4.2.0 where UDFs go by Arrow, which is the
    # default: SPARK-58241 (docs/decisions/0124-plain-udfs-are-pickled.md). pandas_udf and mapInArrow are not affected.
    "spark.sql.execution.pythonUDF.arrow.enabled": "false",
    # toPandas and createDataFrame hand rows over as Arrow batches instead of pickling them one by one.
    "spark.sql.execution.arrow.pyspark.enabled": "true",
}
