"""Engines' own words go to files, so that the terminal shows only ours."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from emberlake.errors import EngineError

# A log that grew past this is set aside at the next start; one older copy is kept.
LARGEST = 20 * 1024 * 1024


def log_file(path: Path) -> Path:
    """A log ready to be appended to: its folder exists, and it is not larger than `LARGEST`."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.exists() and path.stat().st_size > LARGEST:
            path.replace(path.with_name(path.name + ".1"))
        path.touch()
    except OSError as e:
        raise EngineError(
            f"The log {path} cannot be written: {e.strerror or e}.", "Give --root a folder that you may write to."
        ) from e
    return path


@contextmanager
def native_stderr_to(path: Path) -> Iterator[None]:
    """Send file descriptor 2 to a log, while Python's own `sys.stderr` keeps writing to where it wrote.

    Rust and C write to the descriptor itself, so replacing `sys.stderr` would not catch them.
    """
    log_file(path)
    sys.stderr.flush()
    kept = os.dup(2)
    log = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    os.dup2(log, 2)
    os.close(log)
    original = sys.stderr
    ours = None
    if _writes_to_descriptor_2(original):
        ours = os.fdopen(os.dup(kept), "w", encoding=original.encoding, errors=original.errors, buffering=1)
        sys.stderr = ours
    try:
        yield
    finally:
        if ours is not None:
            ours.flush()
            if sys.stderr is ours:
                sys.stderr = original
        os.dup2(kept, 2)
        os.close(kept)


def _writes_to_descriptor_2(stream: object) -> bool:
    try:
        return stream.fileno() == 2  # type: ignore[attr-defined, no-any-return]
    except (AttributeError, OSError, ValueError):
        return False
