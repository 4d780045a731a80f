"""One child process, measured: wall and CPU seconds, peak memory, and what it said."""

from __future__ import annotations

import ctypes
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import psutil

_SAMPLE_SECONDS = 0.2
# Finding descendants reads all of /proc, which costs several milliseconds; their memory alone costs nothing.
_SAMPLES_A_LOOK = 3
_LINES_TOLD, _CHARACTERS_TOLD = 3, 240


class BenchError(Exception):
    """A measurement that could not be made: what went wrong, in one sentence."""


@dataclass(frozen=True)
class Sample:
    """One run of one contestant.

    Attributes:
        seconds: wall time of the whole process, or of the part that it measured itself.
        cpu: user and system seconds of the process and of its descendants, from `os.wait4`: those that were waited
            for, and those that it left to us (PySpark leaves its JVM).
        peak: highest sum of resident memory over the process tree, in bytes, sampled five times a second; pages that
            processes share count once in each.
        said: the JSON object that it printed; empty if it printed none.
    """

    seconds: float
    cpu: float
    peak: int
    said: Mapping[str, Any] = field(default_factory=dict)


def measure(command: Sequence[str], cwd: Path, env: Mapping[str, str], timeout: float = 3600) -> Sample:
    """Run a command to its end.

    Raises:
        BenchError: if it ends with another code than 0, or takes longer than `timeout` seconds.
        KeyboardInterrupt: after the command is gone.
    """
    _adopt_orphans()
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        begun = time.perf_counter()
        child = subprocess.Popen(command, cwd=cwd, env=env, stdin=subprocess.DEVNULL, stdout=out, stderr=err,
                                 start_new_session=True)  # fmt: skip
        watch = _Watch(child.pid, begun + timeout)
        try:
            _, status, usage = os.wait4(child.pid, 0)
        except BaseException:
            end_tree(child.pid)
            child.wait()
            raise
        finally:
            watch.stop()
        seconds = time.perf_counter() - begun
        child.returncode = os.waitstatus_to_exitcode(status)
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(child.pid, signal.SIGKILL)  # what it left behind must not disturb the next
        left = _reap(child.pid)
        if watch.late:
            raise BenchError(f"{_short(command)} took longer than {timeout:.0f} s and was ended.")
        if child.returncode != 0:
            raise BenchError(f"{_short(command)} ended with {child.returncode}: {_last_lines(err) or _last_lines(out)}")
        said = read_answer(_text(out))
    peak = max(watch.peak, usage.ru_maxrss * 1024)
    return Sample(seconds, usage.ru_utime + usage.ru_stime + left, peak, said)


def _adopt_orphans() -> None:
    """Become the parent of descendants whose own parent ends first (Linux): without, their CPU would be nobody's."""
    if sys.platform == "linux":
        pr_set_child_subreaper = 36
        ctypes.CDLL(None).prctl(pr_set_child_subreaper, 1, 0, 0, 0)


def _reap(group: int) -> float:
    """Wait for what a command's process group left to us, and return its CPU seconds."""
    cpu = 0.0
    while True:
        try:
            _, _, usage = os.wait4(-group, 0)
        except ChildProcessError:
            return cpu
        cpu += usage.ru_utime + usage.ru_stime


def read_answer(text: str) -> dict[str, Any]:
    """The JSON object that a program printed: all of its output, or its last line."""
    for part in (text, (text.strip().splitlines() or [""])[-1]):
        with suppress(ValueError):
            answer = json.loads(part)
            return answer if isinstance(answer, dict) else {"answer": answer}
    return {}


def end_tree(pid: int) -> None:
    """End a process that we started, and its descendants."""
    with suppress(psutil.Error):
        root = psutil.Process(pid)
        for process in [root, *root.children(recursive=True)]:
            with suppress(psutil.Error):
                process.kill()


class _Watch:
    """A thread that samples the memory of a process tree, and ends it when it is late."""

    def __init__(self, pid: int, deadline: float) -> None:
        self.peak, self.late = 0, False
        self._pid, self._deadline = pid, deadline
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._over.set()
        self._thread.join()

    def _run(self) -> None:
        tree: list[psutil.Process] = []
        number = 0
        while True:
            with suppress(psutil.Error):
                if number % _SAMPLES_A_LOOK == 0:
                    root = psutil.Process(self._pid)
                    tree = [root, *root.children(recursive=True)]
                self.peak = max(self.peak, sum(_resident(process) for process in tree))
            if time.perf_counter() > self._deadline:
                self.late = True
                end_tree(self._pid)
                return
            number += 1
            if self._over.wait(_SAMPLE_SECONDS):
                return


def _resident(process: psutil.Process) -> int:
    try:
        return int(process.memory_info().rss)
    except psutil.Error:
        return 0


def _text(file: IO[bytes]) -> str:
    file.seek(0)
    return file.read().decode(errors="replace")


def _last_lines(file: IO[bytes]) -> str:
    # An engine's error may be a plan of ten thousand characters, and its sentence comes first.
    return " | ".join(line.strip()[:_CHARACTERS_TOLD] for line in _text(file).strip().splitlines()[-_LINES_TOLD:])


def _short(command: Sequence[str]) -> str:
    return " ".join([Path(command[0]).name, *command[1:6]])
