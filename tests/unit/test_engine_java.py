"""Which Java is taken, and what is said about one that is wrong."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from emberlake.engine.java import OPTIONAL_MODULE, find_java
from emberlake.errors import EngineError
from emberlake.settings import Settings


def fake_java(home: Path, release: str, *, exit_code: int = 0) -> Path:
    binary = home / "bin" / "java"
    binary.parent.mkdir(parents=True)
    binary.write_text(f"#!/bin/sh\necho 'openjdk version \"{release}\" 2021-01-19' >&2\nexit {exit_code}\n")
    binary.chmod(0o755)
    return home


@pytest.fixture
def settings(tmp_path, monkeypatch):
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path / "nothing"))
    return Settings(root=tmp_path / "root", cache=tmp_path / "cache's")


def asked(settings: Settings, home: Path) -> Settings:
    return settings.model_copy(update={"java_home": home})


@pytest.mark.parametrize("release", ["17.0.15", "21", "21.0.8+9"])
def test_an_accepted_java_is_taken(settings, tmp_path, release):
    found = find_java(asked(settings, fake_java(tmp_path / "j", release)))
    assert (found.home, found.release, found.source) == (tmp_path / "j", release, "the setting java_home")


@pytest.mark.parametrize("release", ["11.0.2", "1.8.0_292", "24.0.1"])
def test_a_wrong_java_that_was_asked_for_is_refused(settings, tmp_path, release):
    with pytest.raises(EngineError) as refused:
        find_java(asked(settings, fake_java(tmp_path / "j", release)))
    assert f"which is Java {release}; Spark needs 17 or 21" in str(refused.value)


def test_a_folder_without_a_java_is_refused(settings, tmp_path):
    with pytest.raises(EngineError, match="no bin/java runs"):
        find_java(asked(settings, tmp_path))
    with pytest.raises(EngineError, match="no bin/java runs"):
        find_java(asked(settings, fake_java(tmp_path / "broken", "17", exit_code=1)))


def test_java_home_comes_before_path(settings, tmp_path, monkeypatch):
    monkeypatch.setenv("JAVA_HOME", str(fake_java(tmp_path / "a", "17.0.1")))
    monkeypatch.setenv("PATH", f"{fake_java(tmp_path / 'b', '21.0.1')}/bin")
    assert find_java(settings).source == "JAVA_HOME"


def test_a_wrong_java_that_lies_about_is_passed_over(settings, tmp_path, monkeypatch):
    monkeypatch.setenv("JAVA_HOME", str(fake_java(tmp_path / "a", "11.0.2")))
    monkeypatch.setenv("PATH", f"{fake_java(tmp_path / 'b', '21.0.1')}/bin:/usr/bin:/bin")
    assert (find_java(settings).source, find_java(settings).major) == ("PATH", 21)


def test_without_any_java_the_bundled_one_is_taken(settings):
    found = find_java(settings)
    assert found.source == "the bundled JRE"
    assert found.bundled
    assert found.home.is_relative_to(settings.cache)


def test_the_bundled_ones_script_drops_the_module_it_lacks_and_nothing_else(settings, monkeypatch):
    java = find_java(settings).binary
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    ran = subprocess.run(
        [java, f"--add-modules={OPTIONAL_MODULE}", "-Da=b c", "-XshowSettings:properties", "-version"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    assert "    a = b c\n" in ran.stderr
    assert "21.0.8" in ran.stderr


def test_a_damaged_script_is_mended(settings):
    java = find_java(settings).binary
    whole = java.read_text()
    java.write_text("#!/bin/sh\n")
    find_java(settings)
    assert java.read_text() == whole
    java.chmod(0o644)
    find_java(settings)
    assert java.stat().st_mode & 0o111
