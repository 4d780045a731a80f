"""The cache of JARs: fetched once, checked at every start, mended when broken."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Literal

from filelock import FileLock, Timeout

from emberlake.engine.ivy import ivy_xml, retrieve
from emberlake.engine.java import Java, find_java
from emberlake.errors import EngineError
from emberlake.progress import Progress, silent
from emberlake.settings import Settings

Configuration = Literal["spark", "kafka"]
MANIFEST = "manifest.json"


@dataclass(frozen=True)
class Jars:
    """The JARs of one configuration of `ivy.xml`.

    Attributes:
        folder: where they lie.
        paths: each JAR, in the order of the class path.
    """

    folder: Path
    paths: tuple[Path, ...]


def prepare(settings: Settings, progress: Progress = silent) -> None:
    """Fetch what first starts of Spark and of the broker would fetch: everything after it works without a network."""
    progress("Looking for Java", 0.0)
    java = find_java(settings)
    progress("Looking for Spark's JARs", 0.05)
    ensure_jars(settings, java, "spark", lambda doing, done: progress(doing, 0.05 + 0.55 * done))
    progress("Looking for Kafka's JARs", 0.6)
    ensure_jars(settings, java, "kafka", lambda doing, done: progress(doing, 0.6 + 0.4 * done))
    progress("The JARs are in place", 1.0)


def jars_folder(settings: Settings, configuration: Configuration) -> Path:
    """Where a configuration's JARs lie: another `ivy.xml` or another Spark has another folder."""
    # Not by importing PySpark: the JVM starts sooner, and the import goes on beside it.
    key = hashlib.sha256(f"{version('pyspark')}\n{ivy_xml()}".encode()).hexdigest()[:16]
    return settings.cache / "jars" / key / configuration


def ensure_jars(
    settings: Settings, java: Java, configuration: Configuration = "spark", progress: Progress = silent
) -> Jars:
    """The JARs of a configuration, fetched or mended if they are not all there.

    Two starts at once are safe: the second waits for the first and then finds the JARs.

    Raises:
        EngineError: when JARs are missing and cannot be fetched, or `offline` forbids it.
    """
    folder = jars_folder(settings, configuration)
    if (found := read_jars(folder)) is not None:
        return found
    if settings.offline:
        raise EngineError(
            f"JARs are missing or broken in {folder}, and the setting offline forbids to fetch them.",
            "Run once without --offline.",
        )
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(folder.with_name(f"{configuration}.lock"), timeout=1200):
            # Whoever held the lock before may have done the work.
            return read_jars(folder) or _fetch(settings, java, configuration, folder, progress)
    except Timeout as e:
        raise EngineError(
            f"Another process has been fetching JARs into {folder} for 20 minutes.", "End it, and start again."
        ) from e
    except OSError as e:
        raise EngineError(
            f"The cache of JARs {folder} cannot be written: {e.strerror or e}.",
            "Free some space, or give --cache a folder that you may write to.",
        ) from e


def read_jars(folder: Path, *, hashes: bool = False) -> Jars | None:
    """The JARs of a folder if they are as its manifest says, else None.

    Every start compares names and sizes, which takes about a millisecond; `hashes` compares contents too.
    """
    try:
        listed: dict[str, dict[str, object]] = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        paths = tuple(folder / name for name in listed)
        for path in paths:
            if path.stat().st_size != listed[path.name]["size"]:
                return None
            if hashes and _sha256(path) != listed[path.name]["sha256"]:
                return None
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
    return Jars(folder, paths) if paths else None


def _fetch(settings: Settings, java: Java, configuration: Configuration, folder: Path, progress: Progress) -> Jars:
    """Fetch into a folder aside and rename it, so that a killed fetch leaves nothing that looks whole."""
    fresh = folder.with_name(f".{configuration}.{os.getpid()}")
    work = settings.cache / "ivy"
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    try:
        log = settings.logs / "ivy.log"
        try:
            fetched = retrieve(java, configuration, fresh, work, log, progress)
        except EngineError:
            # An earlier fetch that was killed may have left half a file in Ivy's own cache: once more from nothing.
            if not work.exists():
                raise
            shutil.rmtree(work, ignore_errors=True)
            fetched = retrieve(java, configuration, fresh, work, log, progress)
        manifest = {path.name: {"size": path.stat().st_size, "sha256": _sha256(path)} for path in fetched}
        (fresh / MANIFEST).write_text(json.dumps(manifest, indent=1), encoding="utf-8")
        shutil.rmtree(folder, ignore_errors=True)
        fresh.replace(folder)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    # Ivy's cache holds a second copy of each JAR, which nobody reads again.
    shutil.rmtree(work, ignore_errors=True)
    return Jars(folder, tuple(folder / name for name in manifest))


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
