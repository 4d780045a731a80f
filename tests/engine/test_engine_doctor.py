"""The doctor on a healthy machine, and on machines that are ill on purpose."""

from __future__ import annotations

import json

import pytest

from emberlake.engine import doctor
from emberlake.engine.doctor import Check, Diagnosis, examination, surroundings
from emberlake.engine.doctor.trial import TRIALS
from emberlake.settings import read_settings

pytestmark = pytest.mark.once


@pytest.fixture
def settings(tmp_path):
    return read_settings(root=tmp_path / "a root")


def found(diagnosis: Diagnosis) -> dict[str, Check]:
    return {check.name: check for check in diagnosis.checks}


@pytest.fixture
def without_engines(monkeypatch):
    monkeypatch.setattr(examination, "_engines", lambda settings, progress, begin: [])


def fake_java(tmp_path, release):
    binary = tmp_path / "old" / "bin" / "java"
    binary.parent.mkdir(parents=True)
    binary.write_text(f"#!/bin/sh\necho 'openjdk version \"{release}\"' >&2\n")
    binary.chmod(0o755)
    return tmp_path / "old"


def test_on_this_machine_both_engines_work(settings, monkeypatch):
    monkeypatch.delenv("SPARK_HOME", raising=False)
    told = []
    diagnosis = doctor.examine(settings, lambda doing, fraction: told.append((doing, fraction)))
    checks = found(diagnosis)
    for kind, trials in TRIALS.items():
        for name in (f"{kind} starts", *(name for name, _ in trials)):
            assert checks[name].status == "ok", checks[name]
    assert diagnosis.exit_code == 0
    assert [fraction for _, fraction in told] == sorted(fraction for _, fraction in told)
    assert told[-1] == ("Done", 1.0)
    # Nothing is left behind but empty folders and logs.
    assert not [path for path in settings.scratch.rglob("*") if path.is_file()]


def test_a_wrong_java_blocks_and_sail_is_examined_all_the_same(settings, tmp_path):
    diagnosis = doctor.examine(settings.model_copy(update={"java_home": fake_java(tmp_path, "11.0.2")}))
    checks = found(diagnosis)
    assert (diagnosis.verdict, diagnosis.exit_code) == ("BLOCKED", 1)
    assert checks["java"].status == checks["spark starts"].status == "blocked"
    assert "Java 11.0.2; Spark needs 17 or 21" in checks["java"].sentence
    assert checks["java"].what_to_do
    assert checks["delta on sail"].status == "ok"


def test_a_wrong_java_does_not_block_who_uses_sail_only(settings, tmp_path, without_engines):
    java = fake_java(tmp_path, "11.0.2")
    diagnosis = doctor.examine(settings.model_copy(update={"java_home": java, "engine": "sail"}))
    assert diagnosis.verdict == "CAVEATS"
    assert "Not used with --engine sail" in found(diagnosis)["java"].sentence


def test_missing_jars_block_offline(settings, tmp_path, without_engines):
    diagnosis = doctor.examine(settings.model_copy(update={"cache": tmp_path / "empty", "offline": True}))
    assert found(diagnosis)["JARs"].status == "blocked"
    assert "--offline" in found(diagnosis)["JARs"].what_to_do


def test_a_changed_byte_in_a_jar_is_found_by_its_hash(settings, tmp_path, without_engines, monkeypatch):
    from emberlake.engine import jars

    def retrieve(java, configuration, into, work, log, progress):
        (into / "a-1.jar").write_bytes(b"good")
        return [into / "a-1.jar"]

    monkeypatch.setattr(jars, "retrieve", retrieve)
    own = settings.model_copy(update={"cache": tmp_path / "cache"})
    assert "have been fetched" in found(doctor.examine(own))["JARs"].sentence
    jar = jars.jars_folder(own, "spark") / "a-1.jar"
    jar.write_bytes(b"evil")
    offline = found(doctor.examine(own.model_copy(update={"offline": True})))["JARs"]
    assert (offline.status, jar.read_bytes()) == ("blocked", b"evil")
    assert "were broken, and have been fetched again" in found(doctor.examine(own))["JARs"].sentence
    assert jar.read_bytes() == b"good"


def test_a_root_that_is_a_file_blocks(settings, tmp_path):
    (tmp_path / "file").touch()
    diagnosis = doctor.examine(settings.model_copy(update={"root": tmp_path / "file"}))
    checks = found(diagnosis)
    assert diagnosis.exit_code == 1
    assert checks["disk under root"].status == checks["engines"].status == "blocked"


def test_leftovers_in_the_environment_are_caveats(settings, tmp_path, without_engines, monkeypatch):
    monkeypatch.setenv("SPARK_HOME", str(tmp_path / "gone"))
    monkeypatch.setenv("PYSPARK_PYTHON", "/usr/bin/python2")
    monkeypatch.setenv("https_proxy", "http://proxy.example:3128")
    monkeypatch.setenv("no_proxy", "")
    diagnosis = doctor.examine(settings)
    checks = found(diagnosis)
    for name, word in (("SPARK_HOME", "gone"), ("python", "python2"), ("proxy", "https_proxy")):
        assert checks[name].status == "caveat"
        assert word in checks[name].sentence
        assert checks[name].what_to_do
    assert (diagnosis.verdict, diagnosis.exit_code) == ("CAVEATS", 0)


@pytest.mark.parametrize(("total", "status"), [(1.0, "blocked"), (3.0, "caveat")])
def test_little_memory_is_told(settings, monkeypatch, total, status):
    monkeypatch.setattr(surroundings, "memory", lambda: int(total * 1024**3))
    assert surroundings.memory_left(settings).status == status


@pytest.mark.parametrize(("need", "want", "status"), [(1e9, 1e9, "blocked"), (0, 1e9, "caveat"), (0, 0, "ok")])
def test_little_disk_is_told(tmp_path, need, want, status):
    assert surroundings.disk("root", tmp_path / "not yet", need, want).status == status


def test_an_engine_that_crashes_is_told_with_its_last_word(settings, monkeypatch):
    import sys

    monkeypatch.setattr(examination.sys, "executable", sys.executable)
    begin = examination._start

    def crash(settings, kind, folder):
        patient = begin(settings, kind, folder)
        if kind == "spark":
            patient.process.kill()
        return patient

    monkeypatch.setattr(examination, "_start", crash)
    checks = found(doctor.examine(settings))
    assert checks["spark starts"].status == "blocked"
    assert "was ended by signal 9" in checks["spark starts"].sentence
    assert checks["delta on sail"].status == "ok"


def test_the_diagnosis_is_json(settings, without_engines):
    told = json.loads(json.dumps(doctor.examine(settings).to_dict()))
    assert set(told) == {"verdict", "exit_code", "checks", "machine", "versions"}
    assert set(told["checks"][0]) == {"name", "status", "sentence", "what_to_do", "seconds"}
    assert told["versions"]["pyspark"] == "4.2.0"
