"""The parent's side: asks, listens with a time limit, and replaces a worker that is broken."""

from __future__ import annotations

import json
import os
import re
import select
import signal
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from emberlake.errors import CourseError
from emberlake.school.begun import taken
from emberlake.school.exercise import Exercise
from emberlake.school.source import line_of_stack
from emberlake.school.verdict import Verdict
from emberlake.school.worker.job import Job
from emberlake.school.worker.output import Output

_STARTS_IN, _JUDGES_IN = 300.0, 300.0
_LOOKS_EVERY = 0.1
# Resident memory of the Python process beyond what it had when the code began; the JVM has a heap of its own size.
_MEMORY = 3 * 2**30


class Worker:
    """A process with a warm session of one engine; it starts at the first check, and again after each breakdown.

    Args:
        job: its engine and data.
        tell: told what is being done when that takes long.
    """

    def __init__(self, job: Job, tell: Callable[[str], None] = lambda doing: None) -> None:
        self.job, self.tell = job, tell
        self._child: subprocess.Popen[bytes] | None = None
        self._ready = False
        self._pipe = -1
        self._rest = b""
        self._output: Output | None = None

    def __enter__(self) -> Worker:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def start(self) -> None:
        """Have the session ready; does nothing where it is.

        Raises:
            CourseError: if the engine does not start.
        """
        if not self._alive():
            self._launch()
        if self._ready:
            return
        assert self._output is not None
        told = self._listen(time.monotonic() + _STARTS_IN)
        self._ready = told.get("kind") == "ready"
        if not self._ready:
            said = self._output.text()
            self.close()
            problem = told.get("problem") or f"{self.job.engine} did not start"
            raise CourseError(
                f"{problem}".rstrip(".") + ".", told.get("hint") or said[-300:] or "Try: emberlake doctor."
            )

    def prepare(self, exercise: Exercise) -> None:
        """Have the course's own answers to an exercise computed while nobody waits; returns at once.

        Its first check then runs the learner's code alone, on a session that has done the like before. A check that
        comes in between waits for one answer at most. Whatever goes wrong is told at the check.
        """
        with suppress(CourseError):
            if not self._alive():
                self._launch()
            self._send(json.dumps({"exercise": exercise.number}).encode() + b"\n")

    def _alive(self) -> bool:
        return self._child is not None and self._child.poll() is None

    def _launch(self) -> None:
        self.close()
        for shop in self.job.shops:
            shop.ensure(lambda doing, _: self.tell(f"{doing} of the course's own (once, some seconds)"))
        self.tell(f"starting {self.job.engine}")
        self._child, self._pipe = taken()
        assert self._child.stdout is not None
        self._output = Output(self._child.stdout)
        self._send(self.job.line())

    def check(self, exercise: Exercise, file: Path) -> Verdict:
        """The verdict on a file, whatever its code does."""
        self.start()
        assert self._output is not None
        self._output.clear()
        self._send(json.dumps({"exercise": exercise.number, "file": str(file)}).encode() + b"\n")
        verdict = self._verdict(exercise, file)
        verdict = verdict.but(printed=self._output.text())
        if verdict.replace:
            self.close()
        return verdict

    def close(self) -> None:
        """End the process and all that it started."""
        if self._child is None:
            return
        # Of a child that is gone already the number may be another's by now; its JVM ends by itself.
        if self._child.poll() is None:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self._child.pid, signal.SIGKILL)
        self._child.wait()
        for end in (self._child.stdin, self._child.stdout):
            if end is not None:
                with suppress(OSError):
                    end.close()
        os.close(self._pipe)
        self._child, self._ready, self._rest = None, False, b""

    def _verdict(self, exercise: Exercise, file: Path) -> Verdict:
        limit, held = time.monotonic() + _JUDGES_IN, self._memory()
        running = False
        while True:
            told = self._listen(min(limit, time.monotonic() + _LOOKS_EVERY))
            kind = told.get("kind")
            if kind == "verdict":
                return Verdict.from_dict(told["verdict"])
            if kind in ("running", "judging"):
                running = kind == "running"
                limit = time.monotonic() + (exercise.seconds if running else _JUDGES_IN)
            elif kind == "gone":
                return self._gone(exercise)
            elif kind == "failed":
                return Verdict(exercise.number, "engine", told["problem"], look=told.get("hint", ""), replace=True)
            elif time.monotonic() >= limit:
                return self._too_long(exercise, file)
            elif running and self._memory() - held > _MEMORY:
                line = self._line(file)
                at = f"At line {line} the" if line else "The"
                said = f"{at} code took more than {_MEMORY // 2**30} GiB of memory and was ended."
                look = "Let Spark do the work: rows that are collected must fit into Python."
                return Verdict(exercise.number, "limit", said, look=look, line=line, replace=True)

    def _too_long(self, exercise: Exercise, file: Path) -> Verdict:
        line = self._line(file)
        at = f" It was at line {line}." if line else ""
        said = f"The code ran for more than {exercise.seconds:g} s and was ended.{at}"
        look = "Look for a loop without an end, or a join that pairs all rows with all."
        return Verdict(exercise.number, "limit", said, look=look, line=line, replace=True)

    def _gone(self, exercise: Exercise) -> Verdict:
        assert self._child is not None
        code = self._child.wait()
        how = f"by {signal.Signals(-code).name}" if code < 0 else f"with exit code {code}"
        look = "Look for os._exit, sys.exit in a thread, or for memory: the next check starts a new one."
        said = f"The process in which the code ran was ended {how}."
        return Verdict(exercise.number, "engine", said, look=look, replace=True)

    def _line(self, file: Path) -> int | None:
        """Where the learner's code is now: the worker writes its stack when it gets a signal."""
        assert self._child is not None
        with suppress(ProcessLookupError):
            os.kill(self._child.pid, signal.SIGUSR1)
        until = time.monotonic() + 2.0
        while time.monotonic() < until:
            with suppress(OSError):
                text = self.job.story.read_text(errors="replace")
                if re.search(r"in (_run_module_as_main|<module>)\s*$", text):
                    return line_of_stack(text, file)
            select.select([], [], [], 0.02)
        return None

    def _memory(self) -> int:
        import psutil

        try:
            return int(psutil.Process(self._child.pid).memory_info().rss) if self._child else 0
        except psutil.Error:
            return 0

    def _send(self, line: bytes) -> None:
        assert self._child is not None and self._child.stdin is not None
        with suppress(BrokenPipeError):
            self._child.stdin.write(line)
            self._child.stdin.flush()

    def _listen(self, until: float) -> dict[str, Any]:
        """The next thing that the child tells; {} when the time is over, `gone` when it is."""
        while b"\n" not in self._rest:
            ready, _, _ = select.select([self._pipe], [], [], max(until - time.monotonic(), 0))
            if not ready:
                return {}
            data = os.read(self._pipe, 65536)
            if not data:
                return {"kind": "gone"}
            self._rest += data
        line, _, self._rest = self._rest.partition(b"\n")
        return dict(json.loads(line))
