"""The parent's side: start a child for one engine's steps, listen, measure its memory, and leave no orphan."""

from __future__ import annotations

import datetime as dt
import json
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from emberlake.settings import Settings
from emberlake.steps.plan import PLAN
from emberlake.steps.wire import Event, StepFailed, raise_again, read_event

_SAMPLE_SECONDS = 0.25
# Time for a child to close its session after Ctrl-C, before it is killed.
_GRACE_SECONDS = 5.0
_LOGS_KEPT = 60


@dataclass
class Outcome:
    """What a child did.

    Attributes:
        peaks: step to peak memory in bytes: the sum of resident memory over the child's process tree (so the JVM
            and workers are in it; pages that they share count once each), sampled four times a second. `""` is the
            highest of all, with the kernel's own high-water mark of the largest process, which misses no spike.
    """

    engine: str | None
    log: Path
    engine_title: str = ""
    engine_seconds: float = 0.0
    peaks: dict[str, int] = field(default_factory=dict)


def run_group(
    settings: Settings,
    engine: str | None,
    names: Sequence[str],
    tell: Callable[[Event], None],
    finished: Callable[[Event, Outcome], None] = lambda event, outcome: None,
    keep_open: Sequence[int] = (),
    plan: str = PLAN,
) -> Outcome:
    """Run the named steps in one child process and pass on what it tells.

    Args:
        engine: `sail`, `spark` or None.
        tell: told every event.
        finished: told when a step came to its end, with what is known of its child so far.
        keep_open: file descriptors that the child holds too: the build lock stays taken until the last one is gone.
        plan: `module:name` of the steps.

    Raises:
        EmberlakeError: what a step raised, as the same type; StepFailed if it died or raised anything else.
        KeyboardInterrupt: after the child is gone.
    """
    outcome = Outcome(engine, _new_log(settings, engine or "no-engine"))
    job = {"settings": settings.model_dump(mode="json"), "engine": engine, "steps": list(names), "plan": plan}
    listen, speak = os.pipe()
    with outcome.log.open("ab") as log:
        child = subprocess.Popen(
            [sys.executable, "-m", "emberlake.steps", str(speak)],
            stdin=subprocess.PIPE, stdout=log, stderr=log, pass_fds=(speak, *keep_open),
            start_new_session=True,  # Ctrl-C reaches us alone; we end the child in order
        )  # fmt: skip
    os.close(speak)
    talk = _Talk(child.pid, listen, outcome, tell, finished)
    assert child.stdin is not None
    try:
        # A child that died at once leaves a closed pipe; `listen` then says how it ended.
        _write(child.stdin, json.dumps(job).encode() + b"\n")
        talk.listen()
    except BaseException as error:
        talk.end(signal.SIGINT if isinstance(error, KeyboardInterrupt) else signal.SIGKILL)
        raise
    finally:
        os.close(listen)
        child.returncode = talk.reap()
        child.stdin.close()
    if talk.failed:
        raise_again(talk.failed, str(outcome.log))
    if child.returncode != 0:
        raise _died(child.returncode, talk.step, outcome)
    return outcome


class _Talk:
    """Listening to one child until it is gone."""

    def __init__(
        self,
        pid: int,
        pipe: int,
        outcome: Outcome,
        tell: Callable[[Event], None],
        finished: Callable[[Event, Outcome], None],
    ) -> None:
        self.pid, self.pipe, self.outcome, self.tell, self.finished = pid, pipe, outcome, tell, finished
        self.step = ""
        self.failed: Event | None = None
        self._rest = b""
        self._next_sample = 0.0

    def listen(self) -> None:
        """Pass events on until the pipe is closed, or the child is gone (its descendants may hold the pipe)."""
        while True:
            ready, _, _ = select.select([self.pipe], [], [], _SAMPLE_SECONDS)
            self._sample()
            if ready:
                if not self._read():
                    break
            elif self._gone():
                break
        # The descendants of a dead child are of no use to anybody, and may hold the pipe and locks.
        while not self._gone():
            time.sleep(0.01)
            self._sample()
        self.end(signal.SIGKILL)
        while select.select([self.pipe], [], [], 0)[0] and self._read():
            pass

    def end(self, how: signal.Signals) -> None:
        """End the child's whole group; politely first if `how` is not SIGKILL."""
        if how is not signal.SIGKILL:
            _kill_group(self.pid, how)
            deadline = time.monotonic() + _GRACE_SECONDS
            try:
                while time.monotonic() < deadline and not self._gone():
                    time.sleep(0.05)
            except KeyboardInterrupt:
                pass  # asked twice: no more patience
        _kill_group(self.pid, signal.SIGKILL)

    def reap(self) -> int:
        """The exit code as `subprocess` gives it: negative for a signal."""
        _, status, usage = os.wait4(self.pid, 0)
        unit = 1 if sys.platform == "darwin" else 1024
        self.outcome.peaks[""] = max(self.outcome.peaks.get("", 0), usage.ru_maxrss * unit)
        return os.waitstatus_to_exitcode(status)

    def _gone(self) -> bool:
        # WNOWAIT leaves the zombie, so that its group's number cannot be given to strangers before we kill it.
        return os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None

    def _read(self) -> bool:
        data = os.read(self.pipe, 65536)
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            self._heard(read_event(line))
        return bool(data)

    def _heard(self, event: Event) -> None:
        if event.kind == "failed":
            self.failed = event
            return
        if event.kind == "started":
            self.step = event.step
            # A step shorter than the time between two samples has a peak, too.
            self._next_sample = 0.0
            self._sample()
        elif event.kind == "engine":
            self.outcome.engine_title, self.outcome.engine_seconds = event.doing, event.seconds
        elif event.kind == "finished":
            self.finished(event, self.outcome)
        self.tell(event)

    def _sample(self) -> None:
        if time.monotonic() < self._next_sample:
            return
        self._next_sample = time.monotonic() + _SAMPLE_SECONDS
        size = tree_memory(self.pid)
        for name in {self.step, ""}:
            self.outcome.peaks[name] = max(self.outcome.peaks.get(name, 0), size)


def tree_memory(pid: int) -> int:
    """Bytes of resident memory of a process and all its descendants, now."""
    import psutil

    total = 0
    try:
        root = psutil.Process(pid)
        for process in [root, *root.children(recursive=True)]:
            try:
                total += process.memory_info().rss
            except psutil.Error:
                continue
    except psutil.Error:
        pass
    return total


def _kill_group(pid: int, how: signal.Signals) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, how)


def _write(pipe: Any, data: bytes) -> None:
    with suppress(BrokenPipeError):
        pipe.write(data)
        pipe.flush()


def _died(code: int, step: str, outcome: Outcome) -> StepFailed:
    where = f"Step {step!r}" if step else "The process of the steps"
    hint = f"What it said last is in {outcome.log}. Run the same command to go on."
    if code < 0:
        name = signal.Signals(-code).name
        memory = f" (out of memory? It held {outcome.peaks[''] / 2**30:.1f} GiB)" if name == "SIGKILL" else ""
        return StepFailed(f"{where} was ended by {name}{memory}.", hint)
    return StepFailed(f"{where} ended with exit code {code} and said nothing.", hint)


def _new_log(settings: Settings, name: str) -> Path:
    settings.logs.mkdir(parents=True, exist_ok=True)
    for old in sorted(settings.logs.glob("*.log"))[:-_LOGS_KEPT]:
        old.unlink(missing_ok=True)
    moment = dt.datetime.now(dt.UTC).strftime("%Y%m%dT%H%M%S.%f")[:-3]
    return settings.logs / f"{moment}-{name}.log"
