"""Classic Spark: a driver JVM of our own, on `local[*]` or on a cluster's master."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from importlib import import_module
from importlib.resources import as_file, files
from importlib.util import find_spec
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING

from emberlake.engine.archive import archive_for, train_in_background
from emberlake.engine.jars import Jars, ensure_jars
from emberlake.engine.java import Java, find_java
from emberlake.engine.jvm import Jvm, announced, start_jvm
from emberlake.engine.knobs import is_local, is_loopback, knobs
from emberlake.engine.machine import driver_heap
from emberlake.errors import EngineError
from emberlake.settings import Settings

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

MASTERS = ("local", "spark://", "k8s://", "yarn")

# Left over from another installation of Spark, each of these breaks this one or starts another session.
STALE = (
    "SPARK_HOME",
    "SPARK_REMOTE",
    "SPARK_LOCAL_REMOTE",
    "SPARK_API_MODE",
    "SPARK_CONNECT_MODE_ENABLED",
    "SPARK_DIST_CLASSPATH",
    "SPARK_SUBMIT_OPTS",
    "PYSPARK_SUBMIT_ARGS",
    "PYSPARK_DRIVER_PYTHON",
)


@contextmanager
def spark_session(
    settings: Settings, *, short: bool = False, log: str = "", recording: Sequence[str] = ()
) -> Iterator[tuple[SparkSession, int]]:
    """A classic session on the master of the settings.

    Args:
        settings: the run's settings.
        short: trade the JVM's top speed for a quicker start.
        log: the file under the logs that the JVM writes to; `spark.log` unless named.
        recording: JVM options that make a class-data archive, given by its training only.
    """
    if not settings.master.startswith(MASTERS):
        raise EngineError(
            f"The master {settings.master!r} is none that Spark knows.",
            "Accepted are local[*], local[4], spark://host:port, k8s://…, yarn and sc://host:port.",
        )
    java = find_java(settings)
    jars = ensure_jars(settings, java, "spark")
    archive = archive_for(settings, java, classpath(jars))
    environment = _environment(settings, java)
    with as_file(files("emberlake.engine") / "log4j2.properties") as logging:
        options = [*_options(settings, short=short, logging=logging), *(recording or archive.options())]
        file = settings.logs / (log or "spark.log")
        jvm = start_jvm(java.binary, options, classpath(jars), environment, file, _load_pyspark)
    try:
        session = _session(settings, jars, jvm)
        try:
            yield session, _parallelism(session, settings)
        finally:
            _stop(session)
    finally:
        # A JVM that records writes 200 MB at its end.
        jvm.end(patience=300 if recording else 30)
        if not recording:
            train_in_background(settings, archive)


def spark_home() -> Path:
    """The PySpark package itself, which is a whole Spark; never what SPARK_HOME says."""
    found = find_spec("pyspark")
    assert found is not None and found.origin is not None
    return Path(found.origin).parent


def classpath(jars: Jars) -> list[Path]:
    """Ours first, then Spark's; sorted, because the class-data archive is good for one order only."""
    return [*jars.paths, *sorted((spark_home() / "jars").glob("*.jar"))]


def _environment(settings: Settings, java: Java) -> dict[str, str]:
    """The JVM's environment; this process's own is put right too, because PySpark reads it."""
    for name in STALE:
        os.environ.pop(name, None)
    os.environ["SPARK_HOME"] = str(spark_home())
    if is_loopback(settings.master) or "PYSPARK_PYTHON" not in os.environ:
        os.environ["PYSPARK_PYTHON"] = sys.executable
    if is_loopback(settings.master):
        os.environ["SPARK_LOCAL_IP"] = "127.0.0.1"
    environment = dict(os.environ)
    environment["JAVA_HOME"] = str(java.home)
    if is_local(settings.master):
        # A cluster's own defaults (its object store, its queue) are meant; here they are a leftover.
        environment.pop("SPARK_CONF_DIR", None)
        environment.pop("HADOOP_CONF_DIR", None)
    # As a variable and not as spark.local.dir: the executors of a cluster have folders of their own.
    environment["SPARK_LOCAL_DIRS"] = str(_made(settings.scratch / "spark"))
    return environment


def _options(settings: Settings, *, short: bool, logging: Path) -> list[str]:
    options = [
        f"-Xmx{settings.driver_memory or driver_heap()}",
        f"-Dlog4j2.configurationFile={logging.as_uri()}",
        f"-Dderby.system.home={_made(settings.scratch / 'derby')}",
        f"-Djava.io.tmpdir={_made(settings.scratch / 'tmp')}",
    ]
    if short:
        # The quick compiler only: cold to first result 4.9 -> 3.6 s, but long jobs lose about a third of their speed.
        options.append("-XX:TieredStopAtLevel=1")
    return options


def _made(folder: Path) -> Path:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as e:
        raise EngineError(
            f"The folder {folder} cannot be made: {e.strerror or e}.", "Give --root a folder that you may write to."
        ) from e
    return folder


def _load_pyspark() -> None:
    """Import PySpark while the JVM starts; pandas, which is a second or more, goes on while the session is made."""
    import pyspark.sql  # noqa: F401

    def pandas() -> None:
        # Whatever is wrong with it is told where it is used.
        with suppress(Exception):
            import_module("pandas")

    Thread(target=pandas, name="import-pandas", daemon=True).start()


@contextmanager
def _no_numpy_yet() -> Iterator[None]:
    """Leave out PySpark's two converters of NumPy's values for a while.

    Asked about any argument, they import `pyspark.testing`, which imports pandas: the session would wait for it.
    """
    from py4j.protocol import INPUT_CONVERTER

    every = list(INPUT_CONVERTER)
    INPUT_CONVERTER[:] = [each for each in every if not type(each).__name__.startswith("Numpy")]
    try:
        yield
    finally:
        INPUT_CONVERTER[:] = every


def _session(settings: Settings, jars: Jars, jvm: Jvm) -> SparkSession:
    from pyspark.sql import SparkSession

    # It writes an error of the JVM as 10,000 characters of JSON, beside the exception that says the same.
    logging.getLogger("SQLQueryContextLogger").setLevel(logging.CRITICAL)
    builder = SparkSession.builder
    for name, value in knobs(settings, jars).items():
        builder = builder.config(name, value)
    try:
        with announced(jvm), _no_numpy_yet():
            return builder.getOrCreate()
    except Exception as e:
        raise EngineError(
            f"Spark did not start on {settings.master}: {_first_line(e)}", f"The log is {settings.logs / 'spark.log'}."
        ) from e


def _parallelism(session: SparkSession, settings: Settings) -> int:
    if is_local(settings.master):
        return session.sparkContext.defaultParallelism
    # Executors come one after the other: a first job waits for one, and by then the others are usually there.
    session.range(1).count()
    parallelism = session.sparkContext.defaultParallelism
    # As on one machine, near the cores; twice, so that a slow machine does not hold up the others.
    session.conf.set("spark.sql.shuffle.partitions", str(2 * parallelism))
    return parallelism


def _stop(session: SparkSession) -> None:
    """Stop the session, and make PySpark forget the JVM, which ends next."""
    from pyspark import SparkContext

    try:
        session.stop()
    finally:
        gateway = SparkContext._gateway
        if gateway is not None:
            gateway.shutdown()
        SparkContext._gateway = None
        SparkContext._jvm = None


def _first_line(error: Exception) -> str:
    java = getattr(error, "java_exception", None)
    text = str(java) if java is not None else str(error)
    return next((line.strip() for line in text.splitlines() if line.strip()), repr(error))
