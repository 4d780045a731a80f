"""Intents: what is recorded before a commit, and what the next one to lock the table makes of one without an end.

The process that commits may outlive the one that asked for it: Spark's JVM ends a moment after a killed Python. So
whoever finds an intent without an end waits for that process first; only then the table's version is the last word.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

from emberlake.errors import LakeBusy
from emberlake.lake.boundary import boundary

if TYPE_CHECKING:
    from emberlake.lake.lake import Lake

PATIENCE = 60.0


@contextmanager
def intent(lake: Lake, name: str, token: str) -> Iterator[None]:
    """Record what the block is about to commit, and its end; the table's lock is held.

    An error of the block is an answer of the engine: it commits nothing after it, so the intent is settled at once.
    """
    base = lake.version(name)
    _note(_file(lake, name), lake.committer)
    write = lake.ledger.begin_write(name, token, base)
    boundary(f"{name}:intended")
    try:
        yield
    except Exception:
        _decide(lake, name, write, base)
        raise
    boundary(f"{name}:committed")
    lake.ledger.end_write(write, lake.version(name))


def settle(lake: Lake, name: str) -> None:
    """Decide which intents without an end were carried out; the table's lock is held.

    Raises:
        LakeBusy: if the process that was to carry one out does not end.
    """
    left = lake.ledger.open_writes(name)
    if left:
        _await_end(_file(lake, name), lake.committer, f"Table {name}")
    for write, base in left:
        _decide(lake, name, write, base)


def _decide(lake: Lake, name: str, write: int, base: int) -> None:
    now = lake.version(name)
    if now > base:
        lake.ledger.end_write(write, now)
    else:
        lake.ledger.drop_write(write)


def _file(lake: Lake, name: str) -> Path:
    return lake.settings.state / "locks" / f"{name}.committer"


def _note(path: Path, pid: int) -> None:
    # With the time of its start, because the system gives a pid again. One that is gone already commits nothing.
    with suppress(psutil.Error):
        path.write_text(f"{pid} {psutil.Process(pid).create_time()}")


def _await_end(path: Path, own: int, what: str) -> None:
    with suppress(OSError, ValueError, psutil.Error):
        pid, started = path.read_text().split()
        process = psutil.Process(int(pid))
        if process.pid == own or process.create_time() != float(started):
            return
        deadline = time.monotonic() + PATIENCE
        while process.is_running() and process.status() != psutil.STATUS_ZOMBIE:
            if time.monotonic() > deadline:
                raise LakeBusy(
                    f"{what} is still being written by process {pid}, whose master is gone.",
                    "Wait for it to end, or end it, then run this again.",
                )
            time.sleep(0.02)
