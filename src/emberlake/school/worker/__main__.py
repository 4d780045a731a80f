"""The child's side: one warm session, one exercise after the other.

python -m emberlake.school.worker PIPE     (the job comes as one JSON line on stdin; started by worker/parent.py only)
"""

from __future__ import annotations

import contextlib
import faulthandler
import io
import json
import os
import queue
import resource
import signal
import sys
import threading
from contextlib import ExitStack
from importlib import import_module
from pathlib import Path
from typing import Any

from emberlake.school.course import read_course
from emberlake.school.grading import Grader
from emberlake.school.tryout import set_desk
from emberlake.school.verdict import Verdict
from emberlake.school.worker.job import Job

# Above what the process has once the engine is up. Beyond it Python raises MemoryError, which names the line.
_MEMORY = 2 * 2**30


def main(pipe: int) -> int:
    """Answer requests until stdin closes."""
    os.set_inheritable(pipe, False)
    # What both engines need, while the job is on its way.
    threading.Thread(target=_import_early, daemon=True).start()
    requests = _requests()
    job = Job.read(requests.get())
    job.story.parent.mkdir(parents=True, exist_ok=True)
    # Kept open: a process that hangs in C can still write its stack there.
    story = job.story.open("w")
    faulthandler.register(signal.SIGUSR1, story, all_threads=True)

    def tell(kind: str, **more: Any) -> None:
        os.write(pipe, json.dumps({"kind": kind, **more}).encode() + b"\n")

    try:
        with ExitStack() as stack:
            from emberlake.engine import open_engine

            engine = stack.enter_context(open_engine(job.engine_settings, job.engine, short=job.short))  # type: ignore[arg-type]
            grader = Grader(engine.session, engine.name, job.shops, job.state / "engine" / "written", tell)
            set_desk(grader)
            if job.engine == "spark":
                _limit_memory()
            tell("ready")
            while line := requests.get():
                asked = json.loads(line)
                exercise = read_course(job.course).find(asked["exercise"])
                if "file" not in asked:
                    # What the course's answers print is nobody's.
                    with contextlib.redirect_stdout(io.StringIO()):
                        grader.prepare(exercise, lambda: not requests.empty())
                    continue
                verdict = grader.check(exercise, Path(asked["file"]))
                sys.stdout.flush()
                sys.stderr.flush()
                verdict = _after(verdict, grader, job)
                tell("verdict", verdict=verdict.to_dict())
                if verdict.replace:
                    return 0
    except KeyboardInterrupt:
        return 130
    except BaseException as error:
        said = getattr(error, "problem", "") or f"{type(error).__name__}: {str(error).strip().splitlines()[:1]}"
        tell("failed", problem=said, hint=getattr(error, "hint", ""))
        sys.excepthook(type(error), error, error.__traceback__)
        return 1
    return 0


def _import_early() -> None:
    # Whatever is wrong with them is told where they are used.
    with contextlib.suppress(Exception):
        import pyspark.sql  # noqa: F401

        import_module("pandas")


def _after(verdict: Verdict, grader: Grader, job: Job) -> Verdict:
    """What the code did to the session and the tables counts more than what it returned."""
    if not _alive(grader.session):
        stopped = f"The {job.engine.title()} session was stopped, or it crashed."
        said = f"{stopped} The next check starts a new one."
        look = "Leave spark.stop() out: whoever opened the session closes it. (Out of memory stops it, too.)"
        return Verdict(verdict.exercise, "engine", said, look=look, line=verdict.line, replace=True)
    changed = [shop for shop in job.shops if not shop.whole()]
    if changed:
        said = "A table of the course was changed or deleted by this code. It is put back at the next check."
        look = "Tables under `lake.path` are for reading; write to `lake.scratch(name)`."
        return Verdict(verdict.exercise, "table", said, look=look, line=verdict.line, replace=True)
    return verdict


def _alive(session: Any) -> bool:
    try:
        if "connect" in type(session).__module__:
            return not session.is_stopped
        return not session._jsparkSession.sparkContext().isStopped()
    except Exception:
        return False


def _limit_memory() -> None:
    with open("/proc/self/status", encoding="ascii") as status:
        held = next((int(line.split()[1]) * 1024 for line in status if line.startswith("VmData")), 0)
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_DATA, (held + _MEMORY, resource.RLIM_INFINITY))


def _requests() -> queue.Queue[bytes]:
    """Lines of stdin; when it closes, because the parent is gone, the whole group ends."""
    lines: queue.Queue[bytes] = queue.Queue()
    source = os.fdopen(os.dup(0), "rb")
    # The learner's code has no keyboard.
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)

    def read() -> None:
        for line in source:
            lines.put(line)
        os.killpg(os.getpgrp(), signal.SIGKILL)

    threading.Thread(target=read, daemon=True).start()
    return lines


if __name__ == "__main__":
    code = main(int(sys.argv[1]))
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)
