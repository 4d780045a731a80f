"""The process in which a learner's code runs, begun before the command line is understood.

Both import for about a second; on two cores they do it side by side. Nothing heavy is imported here.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from typing import NamedTuple


class Child(NamedTuple):
    """A worker's process, and the end of the pipe at which it is heard."""

    process: subprocess.Popen[bytes]
    pipe: int


_ahead: Child | None = None


def begin() -> Child:
    """Start a process that waits for its job on stdin, and ends when stdin does."""
    pipe, speak = os.pipe()
    process = subprocess.Popen(
        [sys.executable, "-m", "emberlake.school.worker", str(speak)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, pass_fds=(speak,),
        start_new_session=True,  # Ctrl-C reaches us alone
    )  # fmt: skip
    os.close(speak)
    return Child(process, pipe)


def begin_for(words: Sequence[str]) -> None:
    """Start it already if these words of a command line need one: `learn check …`, `learn watch …`."""
    global _ahead
    if list(words[:2]) in (["learn", "check"], ["learn", "watch"]) and not {"-h", "--help"} & set(words):
        _ahead = begin()


def taken() -> Child:
    """The one that was begun, once; else a new one."""
    global _ahead
    child, _ahead = _ahead, None
    return child or begin()
