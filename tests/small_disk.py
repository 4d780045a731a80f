"""A disk that is full when a test says so: a file system in memory, or else a limit on what Spark may write."""

from __future__ import annotations

import os
import resource
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

MEGABYTES = 48


@dataclass
class SmallDisk:
    """A folder whose disk can be filled.

    Attributes:
        java: pid of the JVM that writes to it.
        mounted: whether it is a file system of its own; otherwise the JVM's files are limited, and nobody else's.
    """

    path: Path
    java: int
    mounted: bool

    @property
    def how(self) -> str:
        return f"a tmpfs of {MEGABYTES} MB" if self.mounted else "RLIMIT_FSIZE on the JVM"

    def fill(self, leaving: int = 0) -> None:
        """Leave so many bytes; where files are limited, each may have so many."""
        if not self.mounted:
            self._limit(leaving)
            return
        with (self.path / "filler").open("wb") as filler:
            os.posix_fallocate(filler.fileno(), 0, max(self._free() - leaving, 1))

    def free(self) -> None:
        """Give the space back."""
        if self.mounted:
            (self.path / "filler").unlink(missing_ok=True)
        else:
            self._limit(resource.RLIM_INFINITY)

    def _free(self) -> int:
        told = os.statvfs(self.path)
        return told.f_bavail * told.f_frsize

    def _limit(self, size: int) -> None:
        _, most = resource.prlimit(self.java, resource.RLIMIT_FSIZE)
        resource.prlimit(self.java, resource.RLIMIT_FSIZE, (size, most))


@contextmanager
def small_disk(path: Path, java: int) -> Iterator[SmallDisk]:
    """A small disk at `path`, and it is gone afterwards; `EMBERLAKE_TEST_NO_MOUNT=1` forbids to mount one."""
    path.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={MEGABYTES}m", "emberlake-test", str(path)]
    mounted = False
    if os.environ.get("EMBERLAKE_TEST_NO_MOUNT") != "1" and hasattr(os, "geteuid") and os.geteuid() == 0:
        mounted = subprocess.run(mount, capture_output=True, check=False).returncode == 0
    disk = SmallDisk(path, java, mounted)
    try:
        yield disk
    finally:
        disk.free()
        if mounted:
            subprocess.run(["umount", "-l", str(path)], check=True)
