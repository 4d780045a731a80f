"""Which process a pid means: numbers are given again, so a pid alone may be a stranger's by now."""

from __future__ import annotations

import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil


@dataclass(frozen=True)
class Identity:
    """A process: its pid, and when it was born."""

    pid: int
    born: str

    def alive(self) -> bool:
        """Whether it is still there; a zombie, which only waits to be counted, is not."""
        try:
            return born(self.pid) == self.born and psutil.Process(self.pid).status() != psutil.STATUS_ZOMBIE
        except (psutil.Error, OSError):
            return False

    def tree(self) -> list[Identity]:
        """The process and all its descendants, as far as they are there."""
        if not self.alive():
            return []
        found = [self]
        with suppress(psutil.Error):
            for child in psutil.Process(self.pid).children(recursive=True):
                with suppress(psutil.Error, OSError):
                    found.append(identity(child.pid))
        return found

    def kill(self) -> None:
        """End it at once, stopped or not."""
        if self.alive():
            with suppress(psutil.Error):
                psutil.Process(self.pid).kill()


def identity(pid: int) -> Identity:
    """The process that has this pid now.

    Raises:
        psutil.Error: if there is none.
        OSError: if there is none.
    """
    return Identity(pid, born(pid))


def born(pid: int) -> str:
    """When a process began, as a text that no other process with its pid has."""
    if sys.platform == "linux":
        # In ticks since the boot: a clock that is set does not move it, as it moves psutil's time of day.
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19]
    return f"{psutil.Process(pid).create_time():.2f}"
