"""One process a stream: two of one name would write one checkpoint."""

from __future__ import annotations

import datetime as dt
import fcntl
import json
import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from emberlake.errors import StreamError
from emberlake.settings import Settings


def lock_path(settings: Settings, name: str) -> Path:
    """The lock of a stream."""
    return settings.streams / name / "lock"


@contextmanager
def stream_locks(settings: Settings, names: Sequence[str]) -> Iterator[None]:
    """Hold the locks of these streams; the kernel frees them when the process is gone, however it went.

    Raises:
        StreamError: if another process holds one of them; the message names its pid. None is held then.
    """
    with ExitStack() as stack:
        for name in sorted(set(names)):
            stack.enter_context(_lock(settings, name))
        yield


@contextmanager
def _lock(settings: Settings, name: str) -> Iterator[None]:
    path = lock_path(settings, name)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as e:
        raise StreamError(f"{path} cannot be written: {e.strerror}.", "Choose a --root that you can write to.") from e
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise already_running(name, _said(handle)) from None
        since = dt.datetime.now().astimezone().strftime("%H:%M:%S")
        os.ftruncate(handle, 0)
        os.pwrite(handle, json.dumps({"pid": os.getpid(), "since": since}).encode(), 0)
        yield
        os.ftruncate(handle, 0)
    finally:
        os.close(handle)


def holder(settings: Settings, name: str) -> str | None:
    """Who holds a stream's lock now, in words; None if nobody does."""
    try:
        handle = os.open(lock_path(settings, name), os.O_RDWR)
    except OSError:
        return None
    try:
        # Shared: two that only look must not take each other for a holder.
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
        return None
    except BlockingIOError:
        return _said(handle)
    finally:
        os.close(handle)


def already_running(name: str, who: str) -> StreamError:
    """The refusal of a second one."""
    return StreamError(
        f"Stream {name} is running already ({who}).",
        f"End it first: emberlake stream stop {name}; or emberlake stream restart {name}.",
    )


def _said(handle: int) -> str:
    try:
        told = json.loads(os.pread(handle, 1000, 0))
        return f"process {told['pid']}, since {told['since']}"
    except (ValueError, KeyError):
        return "another process"  # it has only just begun, or is just ending
