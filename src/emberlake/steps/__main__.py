"""The child's side: one engine, the steps that need it, and a parent that is told how it goes.

python -m emberlake.steps PIPE     (the job comes as one JSON line on stdin; started by steps/child.py only)
"""

from __future__ import annotations

import faulthandler
import json
import os
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable
from contextlib import ExitStack
from importlib import import_module
from typing import Any

from emberlake.settings import Settings
from emberlake.steps.wire import Event, failure
from emberlake.steps.work import Tools

# More than a screen can show is work for nothing.
_SECONDS_BETWEEN_PROGRESS = 0.1


def main(pipe: int) -> int:
    """Run the job that stdin names; 0 if every step finished."""
    faulthandler.enable()
    os.set_inheritable(pipe, False)
    job = json.loads(sys.stdin.buffer.readline())
    threading.Thread(target=_die_with_parent, daemon=True).start()

    lock = threading.Lock()

    def tell(event: Event) -> None:
        with lock:
            os.write(pipe, event.line())

    settings = Settings(**job["settings"])
    module, _, name = job["plan"].partition(":")
    steps = {step.name: step for step in getattr(import_module(module), name)}
    step_name = ""
    try:
        with ExitStack() as stack:
            tools = Tools(settings, job["engine"], stack, lambda seconds, title: tell(_engine(seconds, title)))
            for step_name in job["steps"]:
                _run(steps[step_name], tools, tell)
            step_name = ""
    except KeyboardInterrupt:
        return 130
    except BaseException as error:
        sys.excepthook(type(error), error, error.__traceback__)
        tell(failure(step_name, error))
        return 1
    return 0


# Sail 0.7.2 on a busy machine, seen once in some dozens of builds: an operation ends before its answer is asked for.
_LOST = "task context not found for operation"


def _run(step: Any, tools: Tools, tell: Callable[[Event], None]) -> None:
    tell(Event("started", step.name))
    started, before = time.perf_counter(), tools.engine_seconds
    told_at, told = 0.0, ""

    def progress(doing: str, fraction: float) -> None:
        nonlocal told_at, told
        now = time.monotonic()
        if doing != told or now - told_at > _SECONDS_BETWEEN_PROGRESS:
            told_at, told = now, doing
            tell(Event("progress", step.name, doing, min(max(fraction, 0.0), 1.0)))

    tools.progress = progress
    figures = _tried(step, tools, progress)
    # The engine starts inside the first step that asks for it, and is reported beside it.
    seconds = time.perf_counter() - started - (tools.engine_seconds - before)
    tell(Event("finished", step.name, fraction=1.0, seconds=seconds, figures=figures))


def _tried(step: Any, tools: Tools, progress: Callable[[str, float], None]) -> dict[str, Any]:
    """The step's figures; a step that the engine lost sight of goes on where it was, once."""
    try:
        return step.run(tools)  # type: ignore[no-any-return]
    except Exception as error:
        if _LOST not in str(error):
            raise
        # What it had written is in the ledger, so nothing is done twice: the same as a second run.
        traceback.print_exc()
        progress("going on after the engine lost an operation", 0.0)
        return step.run(tools)  # type: ignore[no-any-return]


def _engine(seconds: float, title: str) -> Event:
    return Event("engine", doing=title, seconds=seconds)


def _die_with_parent() -> None:
    """Block until the parent's end of stdin closes, which the kernel does however the parent dies; then go too.

    The whole group goes (a JVM, workers), so that no orphan holds a lock or writes on. Nothing is lost: every write
    can be killed at any point.
    """
    while os.read(0, 1):
        pass
    os.killpg(os.getpgrp(), signal.SIGKILL)


if __name__ == "__main__":
    # The engine's own threads may outlive the session: leave at once when all is said.
    code = main(int(sys.argv[1]))
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)
