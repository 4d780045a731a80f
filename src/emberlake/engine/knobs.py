"""What Emberlake sets on Spark, and what each setting did when it was measured.

Measured on two cores: the same eight small steps on Delta (session, write 1 M rows, four aggregations, append,
MERGE) take 42 to 88 s with the defaults and 19 to 21 s with these.
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
        # One shuffle partition a core. With the default of 200, a task's own cost exceeds its work at small
        # scales, and Delta writes 200 small files; AQE merges partitions, but starts the tasks first.
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
    # this one did most: the eight steps went from 42 s to about 25 s.
    "spark.databricks.delta.snapshotPartitions": "1",
    # Delta collects statistics on the first 32 columns; ours are narrower, so this only says so.
    "spark.databricks.delta.properties.defaults.dataSkippingNumIndexedCols": "32",
    # The web UI starts Jetty and keeps every job's history in the heap: 0.5 to 1 s at each start.
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
    "spark.sql.adaptive.enabled": "true",
    # The default keeps all state in the heap; RocksDB keeps it on disk, and is what Real-Time Mode needs.
    "spark.sql.streaming.stateStore.providerClass": (
        "org.apache.spark.sql.execution.streaming.state.RocksDBStateStoreProvider"
    ),
    # Rows cross between the JVM and Python as Arrow, ten times cheaper than pickled one by one.
    "spark.sql.execution.arrow.pyspark.enabled": "true",
}
