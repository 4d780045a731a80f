"""What Ivy is asked for, and how its failures are told. A fake java stands in for Ivy and the network."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from importlib.metadata import version
from pathlib import Path

import pytest

from emberlake.engine.ivy import _proxy_properties, ivy_xml, retrieve
from emberlake.engine.java import Java
from emberlake.errors import EngineError
from emberlake.progress import Progress, silent


@pytest.fixture
def ivy(tmp_path, monkeypatch):
    """Runs `retrieve` with a java that is a shell script; $INTO is the folder for the JARs."""
    for name in ("http_proxy", "https_proxy", "no_proxy", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    into = tmp_path / "in to"
    into.mkdir()

    def run(script: str, progress: Progress = silent) -> list[Path]:
        binary = tmp_path / "bin" / "java"
        binary.parent.mkdir(exist_ok=True)
        binary.write_text(f"#!/bin/sh\nINTO='{into}'\nfetch() {{ touch \"$INTO/a.jar\"; }}\n{script}\n")
        binary.chmod(0o755)
        return retrieve(
            Java(tmp_path, "17", "a test"), "spark", into, tmp_path / "work", tmp_path / "ivy.log", progress
        )

    return run


def test_versions_are_those_of_the_python_packages():
    wanted = {d.get("name"): d.get("rev") for d in ET.fromstring(ivy_xml()).iter("dependency")}
    assert wanted["spark-sql-kafka-0-10_2.13"] == version("pyspark")
    assert wanted["delta-spark_4.2_2.13"] == version("delta-spark")


def test_what_spark_ships_is_not_fetched_again():
    excluded = {e.get("org") for e in ET.fromstring(ivy_xml()).iter("exclude") if e.get("conf") == "spark"}
    assert {"org.apache.hadoop", "org.apache.parquet", "org.scala-lang", "org.apache.logging.log4j"} <= excluded


def test_what_is_fetched_is_told(ivy):
    told = []
    ivy(
        "echo ' found io.delta#delta-storage;4.4.0 in public'; echo 'downloading x://y/a/a-1.jar ...'; fetch",
        lambda doing, done: told.append((doing, done)),
    )
    assert [doing for doing, _ in told] == ["Fetching JARs: delta-storage;4.4.0", "Fetching JARs: a-1.jar"]
    assert 0 < told[0][1] < told[1][1] < 1


def test_jars_are_named_in_order(ivy):
    found = ivy('touch "$INTO/b-1.jar" "$INTO/a-1.jar"')
    assert [path.name for path in found] == ["a-1.jar", "b-1.jar"]


@pytest.mark.parametrize(
    ("script", "told"),
    [
        ("fetch; echo ':: UNRESOLVED DEPENDENCIES ::'; echo 'module not found: io.delta#d;1'", "io.delta"),
        ("fetch; echo '[FAILED     ] org.x#y;1!y.jar: late'; echo ':: FAILED DOWNLOADS ::'", "org.x#y"),
        ("echo java.net.UnknownHostException: nowhere >&2; exit 1", "UnknownHostException"),
        ("exit 0", "no reason"),
    ],
)
def test_a_failure_is_one_sentence_with_the_log(ivy, script, told):
    # Ivy ends with 0 in the first two.
    with pytest.raises(EngineError, match="could not be fetched") as failure:
        ivy(script)
    assert told in str(failure.value)
    assert "ivy.log" in str(failure.value)


def test_proxies_are_handed_to_java(monkeypatch):
    monkeypatch.setenv("https_proxy", "http://proxy.example:3128")
    monkeypatch.setenv("no_proxy", "localhost,.example.org")
    monkeypatch.delenv("http_proxy", raising=False)
    monkeypatch.delenv("HTTP_PROXY", raising=False)
    given = _proxy_properties()
    assert "-Dhttps.proxyHost=proxy.example" in given
    assert "-Dhttps.proxyPort=3128" in given
    assert "-Dhttp.nonProxyHosts=localhost|*.example.org" in given
    assert not [one for one in given if one.startswith("-Dhttp.proxyHost")]


def test_javas_own_proxy_properties_win(monkeypatch):
    monkeypatch.setenv("https_proxy", "http://proxy.example:3128")
    monkeypatch.setenv("JAVA_TOOL_OPTIONS", "-Dhttps.proxyHost=other.example")
    assert not [one for one in _proxy_properties() if "proxy.example" in one]
