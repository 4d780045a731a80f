"""Exclusive locks between processes that tell who holds them.

The operating system drops them when the holder dies, so a kill leaves nothing to clean.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout

from emberlake.errors import LakeBusy, LakeError

if TYPE_CHECKING:
    from emberlake.lake.lake import Lake

# A live stream refines for some seconds; what a build refines may take minutes.
REFINING_SECONDS = 900.0


@contextmanager
def hold(path: Path, what: str, wait: float = 60.0) -> Iterator[None]:
    """Hold the lock at `path` for the block.

    Args:
        path: the lock's file; its pid stands beside it in `<path>.pid`.
        what: what is locked, for the message.
        wait: seconds to wait for another holder; 0 refuses at once.

    Raises:
        LakeBusy: if another process still holds it; the message names its pid.
        LakeError: if the lock's file cannot be written.
    """
    pid_file = path.with_suffix(path.suffix + ".pid")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        lock = FileLock(path)
        lock.acquire(timeout=wait)
    except Timeout as e:
        raise LakeBusy(
            f"{what} is being written by {_holder(pid_file)}.", "Wait for it to end, then run this again."
        ) from e
    except OSError as e:
        raise LakeError(
            f"The lock {path} cannot be taken: {e.strerror}.", "Choose a --root that you can write to."
        ) from e
    try:
        pid_file.write_text(str(os.getpid()))
        yield
    finally:
        pid_file.unlink(missing_ok=True)
        lock.release()


def refining(lake: Lake, wait: float = REFINING_SECONDS) -> AbstractContextManager[None]:
    """Hold silver: one process at a time refines, or builds gold from what is refined."""
    return hold(lake.settings.state / "locks" / "silver.lock", "Silver", wait)


def _holder(pid_file: Path) -> str:
    try:
        pid = pid_file.read_text().strip()
    except FileNotFoundError:
        pid = ""
    # Whoever just took it has not said so yet, or just let go.
    return f"process {pid}" if pid else "another process"
