"""The engine room's small parts: settings for Spark, logs, plain paths, the class-data archive's bookkeeping."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from emberlake.engine import archive as archive_module
from emberlake.engine import logs, paths
from emberlake.engine.archive import Archive, archive_for, train_in_background
from emberlake.engine.jars import Jars
from emberlake.engine.java import Java
from emberlake.engine.knobs import is_loopback, knobs
from emberlake.engine.machine import driver_heap
from emberlake.engine.paths import plain_path
from emberlake.errors import EngineError
from emberlake.settings import Settings

JARS = Jars(Path("/c"), (Path("/c/a b.jar"), Path("/c/d.jar")))


@pytest.fixture
def settings(tmp_path):
    return Settings(root=tmp_path / "root", cache=tmp_path / "cache")


def test_local_spark_is_tuned_for_one_machine(settings):
    given = knobs(settings, JARS)
    assert given["spark.databricks.delta.snapshotPartitions"] == "1"
    assert int(given["spark.sql.shuffle.partitions"]) <= max(2, os.cpu_count() or 1)
    assert given["spark.ui.enabled"] == "false"
    assert given["spark.sql.session.timeZone"] == "UTC"
    assert given["spark.pyspark.python"] == sys.executable
    assert given["spark.driver.host"] == "127.0.0.1"
    assert "spark.jars" not in given


def test_a_cluster_is_given_the_jars_and_keeps_its_own_network(settings):
    given = knobs(settings.model_copy(update={"master": "spark://far.example:7077"}), JARS)
    assert given["spark.jars"] == "file:///c/a%20b.jar,file:///c/d.jar"
    assert "spark.driver.host" not in given
    assert "spark.sql.shuffle.partitions" not in given


@pytest.mark.parametrize(
    ("master", "loopback"),
    [("local[4]", True), ("spark://127.0.0.1:7077", True), ("spark://localhost:1", True), ("k8s://https://h:1", False)],
)
def test_what_stays_on_this_machine_is_known(master, loopback):
    assert is_loopback(master) is loopback


def test_the_heap_is_between_one_and_four_gib():
    assert driver_heap().endswith("m")
    assert 1024 <= int(driver_heap()[:-1]) <= 4096


def test_a_large_log_is_set_aside(tmp_path, monkeypatch):
    monkeypatch.setattr(logs, "LARGEST", 10)
    log = tmp_path / "spark.log"
    log.write_text("more than ten bytes")
    logs.log_file(log)
    assert (log.read_text(), (tmp_path / "spark.log.1").read_text()) == ("", "more than ten bytes")


def test_rusts_words_go_to_the_log_and_pythons_to_the_terminal(tmp_path):
    script = (
        "import os, sys; from pathlib import Path; from emberlake.engine.logs import native_stderr_to\n"
        "with native_stderr_to(Path(sys.argv[1])):\n"
        "    os.write(2, b'from rust\\n'); print('from python', file=sys.stderr)\n"
        "os.write(2, b'after\\n')\n"
    )
    log = tmp_path / "sail.log"
    ran = subprocess.run([sys.executable, "-c", script, str(log)], capture_output=True, text=True, check=True)
    assert ran.stderr == "from python\nafter\n"
    assert log.read_text() == "from rust\n"


def test_a_plain_path_stays_as_it_is(tmp_path):
    assert plain_path(Path("/data/shop-1/it's_v1.2")) == Path("/data/shop-1/it's_v1.2")


@pytest.mark.parametrize("name", ["my shop", "a#b", "50%", "läden", "what?", "[x]", "st*r", 'say "hi"'])
def test_an_odd_path_gets_a_link_to_the_same_place(tmp_path, monkeypatch, name):
    odd = tmp_path / name / "lake" / "orders"
    way = plain_path(odd)
    assert paths.PLAIN.fullmatch(str(way))
    assert way.parts[-2:] == ("lake", "orders")
    way.mkdir(parents=True)
    assert odd.is_dir()
    assert plain_path(odd) == way
    # All tables of a root share its link.
    assert plain_path(tmp_path / name / "other").parent == way.parent.parent


def test_a_link_that_points_elsewhere_is_turned_back(tmp_path):
    odd = tmp_path / "my shop"
    way = plain_path(odd)
    way.unlink()
    way.symlink_to(tmp_path)
    assert plain_path(odd).resolve() == odd


def test_a_folder_that_others_may_write_to_is_not_trusted(tmp_path, monkeypatch):
    monkeypatch.setattr(paths.tempfile, "gettempdir", lambda: str(tmp_path))
    monkeypatch.setattr(paths, "PLAIN", __import__("re").compile(r"(?!/tmp/emberlake|/var/tmp)[\w./'-]+"))
    (tmp_path / f"emberlake-{os.getuid()}").mkdir()
    (tmp_path / f"emberlake-{os.getuid()}").chmod(0o777)
    with pytest.raises(EngineError, match="only yours"):
        plain_path(tmp_path / "my shop")


@pytest.fixture
def archive(settings, tmp_path):
    home = tmp_path / "java"
    (home / "lib" / "server").mkdir(parents=True)
    (home / "lib" / "server" / "classes.jsa").touch()
    jar = tmp_path / "a.jar"
    jar.write_bytes(b"1")
    made = archive_for(settings, Java(home, "17.0.1", "a test"), [jar])
    made.folder.mkdir(parents=True)
    return made


def test_an_archive_is_used_only_when_it_is_whole(archive):
    assert archive.options() == []
    archive.top.write_bytes(b"classes")
    assert archive.options() == []
    archive.seal()
    assert archive.options() == [f"-XX:SharedArchiveFile={archive.top}"]
    archive.top.write_bytes(b"class")
    assert archive.options() == []


def test_a_java_without_an_archive_of_its_own_gets_one(settings, tmp_path):
    made = Archive(tmp_path, Java(tmp_path / "no java", "21.0.8", "a test"))
    assert [file.name for file in made.files] == ["base.jsa", "spark.jsa"]


def test_another_jar_has_another_archive(settings, archive, tmp_path):
    (tmp_path / "a.jar").write_bytes(b"22")
    assert archive_for(settings, archive.java, [tmp_path / "a.jar"]) != archive


def test_a_training_that_failed_is_not_repeated_at_every_start(settings, archive, monkeypatch):
    started = []
    monkeypatch.setattr(archive_module.subprocess, "run", lambda *a, **k: started.append(a))
    train_in_background(settings, archive)
    assert len(started) == 1
    (archive.folder / "failed").touch()
    train_in_background(settings, archive)
    assert len(started) == 1
    os.utime(archive.folder / "failed", (1, 1))
    train_in_background(settings, archive)
    assert len(started) == 2
