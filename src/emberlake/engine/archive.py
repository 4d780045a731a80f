"""The class-data archive (AppCDS): Spark's 18,000 classes, parsed and verified once instead of at each start.

Cold start to first result on two cores, against a plain SparkSession = 1.0: 0.47 with it, 0.34 with it and `short`,
0.98 without (docs/decisions/0003-class-data-archive.md). It is an ornament: whatever is wrong with it, Spark starts.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from emberlake.engine.java import Java
from emberlake.settings import Settings

DAY = 24 * 3600


@dataclass(frozen=True)
class Archive:
    """Where the archive for one Java and one class path lies, whether or not it is there yet."""

    folder: Path
    java: Java

    @property
    def top(self) -> Path:
        """Spark's classes."""
        return self.folder / "spark.jsa"

    @property
    def base(self) -> Path | None:
        """Java's own classes, for a JRE that comes without an archive of them; else None."""
        # The shim of the bundled JRE has no lib folder, and neither has the JRE an archive.
        own = self.java.home / "lib" / "server" / "classes.jsa"
        return None if own.exists() else self.folder / "base.jsa"

    @property
    def files(self) -> list[Path]:
        return [file for file in (self.base, self.top) if file is not None]

    def options(self) -> list[str]:
        """JVM options that use the archive; none when it is not whole."""
        if not self.is_whole():
            return []
        return [f"-XX:SharedArchiveFile={os.pathsep.join(map(str, self.files))}"]

    def is_whole(self) -> bool:
        """All files are there in the size that they were made in; the JVM itself checks what is inside."""
        try:
            sizes = json.loads((self.folder / "manifest.json").read_text(encoding="utf-8"))
            return all(file.stat().st_size == sizes[file.name] for file in self.files)
        except (OSError, ValueError, KeyError, TypeError):
            return False

    def seal(self) -> None:
        """Say that the files are whole; written last."""
        sizes = {file.name: file.stat().st_size for file in self.files}
        fresh = self.folder / f"manifest.{os.getpid()}"
        fresh.write_text(json.dumps(sizes), encoding="utf-8")
        fresh.replace(self.folder / "manifest.json")

    def gave_up_lately(self) -> bool:
        """A training failed within the last day: not again at every start."""
        try:
            return time.time() - (self.folder / "failed").stat().st_mtime < DAY
        except OSError:
            return False


def archive_for(settings: Settings, java: Java, classpath: list[Path]) -> Archive:
    """The archive of this Java and class path; another JAR, even a touched one, has another archive."""
    told = hashlib.sha256(f"{java.home}\n{java.release}\n".encode())
    for path in classpath:
        stat = path.stat()
        told.update(f"{path}\n{stat.st_size}\n{stat.st_mtime_ns}\n".encode())
    return Archive(settings.cache / "archives" / told.hexdigest()[:16], java)


def train_in_background(settings: Settings, archive: Archive) -> None:
    """Start a training that outlives this process, at the lowest priority; does nothing when it is not needed."""
    if archive.is_whole() or archive.gave_up_lately() or os.name != "posix":
        return
    try:
        archive.folder.mkdir(parents=True, exist_ok=True)
        log = archive.folder / "training.log"
        command = [sys.executable, "-m", "emberlake.engine.training", settings.model_dump_json()]
        # Through a shell that leaves at once, so that the training is nobody's child and no zombie.
        detach = 'cd / && nice -n 19 "$@" </dev/null >"$0" 2>&1 &'
        subprocess.run(["sh", "-c", detach, str(log), *command], start_new_session=True, check=False, timeout=10)
    except (OSError, subprocess.SubprocessError):
        return


def forget_others(archive: Archive, older_than_days: int = 30) -> None:
    """Delete archives of another Java or class path that are older than that; each is about 200 MB."""
    for other in archive.folder.parent.iterdir():
        try:
            if other != archive.folder and time.time() - other.stat().st_mtime > older_than_days * DAY:
                shutil.rmtree(other, ignore_errors=True)
        except OSError:
            continue
