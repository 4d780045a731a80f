"""One build a root at a time, held by the build's whole process tree."""

from __future__ import annotations

import datetime as dt
import fcntl
import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from emberlake.errors import LakeBusy, LakeError
from emberlake.settings import Settings


@contextmanager
def build_lock(settings: Settings, wait: bool, waiting: Callable[[str], None]) -> Iterator[int]:
    """Hold the root's build lock, and give its file descriptor.

    The descriptor is handed to child processes, which thereby hold the lock too: it is free when the last of them is
    gone, and not while a killed build's child is still going down. The kernel frees it, so a kill leaves nothing stale.

    Args:
        wait: wait for the holder to end rather than refuse.
        waiting: told once who is waited for.

    Raises:
        LakeBusy: if another build holds the root; the message names its pid.
        LakeError: if the lock's file cannot be written.
    """
    path = settings.state / "build.lock"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as e:
        raise LakeError(f"{path} cannot be written: {e.strerror}.", "Choose a --root that you can write to.") from e
    try:
        told = False
        while not _take(handle):
            holder = _holder(handle)
            if not wait:
                raise LakeBusy(
                    f"Another build of {settings.root} is running ({holder}).",
                    "Wait for it to end, or add --wait to start when it has.",
                )
            if not told:
                waiting(holder)
                told = True
            time.sleep(0.2)
        _write_holder(handle)
        yield handle
        os.ftruncate(handle, 0)
    finally:
        os.close(handle)


def _take(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _write_holder(handle: int) -> None:
    since = dt.datetime.now().astimezone().strftime("%H:%M:%S")
    os.ftruncate(handle, 0)
    os.pwrite(handle, json.dumps({"pid": os.getpid(), "since": since}).encode(), 0)


def _holder(handle: int) -> str:
    try:
        told = json.loads(os.pread(handle, 1000, 0))
        return f"pid {told['pid']}, since {told['since']}"
    except (ValueError, KeyError):
        return "pid unknown"  # it has only just begun, or is just ending
