"""The process of one or more streams: locks, one session, a watch a stream, and an end that always comes."""

from __future__ import annotations

import logging
import os
import signal
import sys
import time
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from dataclasses import replace
from importlib import import_module
from typing import Any

from emberlake.engine.logs import log_file
from emberlake.streams.monitor import Monitor
from emberlake.streams.running.backoff import Patience
from emberlake.streams.running.book import ENDED, Book, Entry
from emberlake.streams.running.failure import understand
from emberlake.streams.running.identity import Identity, identity
from emberlake.streams.running.job import Job
from emberlake.streams.running.lock import stream_locks
from emberlake.streams.running.registry import registered
from emberlake.streams.running.watch import Watch
from emberlake.streams.running.workplace import Workplace
from emberlake.streams.stream import Running

LOG = logging.getLogger("emberlake.streams")
_LOOK_SECONDS = 0.25
# Beyond what a query may take to stop: then the JVM is ended with what it still holds.
_GRACE_SECONDS = 10.0


class _Ended(BaseException):
    """SIGTERM or Ctrl-C came while nothing ran yet."""


class Runner:
    """A process's streams.

    Attributes:
        ending: when SIGTERM or Ctrl-C asked for the end of all, by the monotonic clock.
    """

    def __init__(self, job: Job) -> None:
        known = registered(job.registry)
        self.job, self.settings = job, job.settings
        self.streams = [known[name] for name in job.names]
        self.book = Book(self.settings)
        self.watches: list[Watch] = []
        self.ending: float | None = None
        self._opening = True

    def run(self) -> int:
        """Run until all streams have ended; 1 if one of them failed, or could not even be started."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._asked)
        with stream_locks(self.settings, self.job.names):
            me = identity(os.getpid())
            for stream in self.streams:
                options = {name: value for name, value in self.job.options.items() if name in stream.options}
                self.book.begin(
                    Entry(stream.name, "starting", time.time(), me.pid, me.born, shares=list(self.job.names),
                          options=options, log=str(self.job.log))
                )  # fmt: skip
            try:
                return self._work()
            except _Ended:
                self._ended("stopped", "")
                return 0
            except BaseException as error:
                LOG.exception("the process of %s failed", ", ".join(self.job.names))
                fault = understand(error)
                self._ended("failed", fault.sentence, fault.hint)
                return getattr(error, "exit_code", 1)

    def _work(self) -> int:
        module, _, name = self.job.opener.partition(":")
        opener = getattr(import_module(module), name)
        with ExitStack() as stack:
            place: Workplace = stack.enter_context(opener(self.settings, self.streams, self.job.log.name))
            self._note_jvm(place)
            monitor = stack.enter_context(Monitor(self.settings, self.streams, place, self.book))
            self._opening = False
            self.watches = [self._watch(stream, place) for stream in self.streams]
            for watch in self.watches:
                watch.start()
            self._look_after(monitor)
            if any(watch.is_alive() or watch.stuck for watch in self.watches):
                self._cut_off()
            # Closing waits for Spark, which may be what does not answer.
            signal.signal(signal.SIGALRM, lambda *_: self._cut_off())
            signal.setitimer(signal.ITIMER_REAL, self.job.stop_seconds + _GRACE_SECONDS)
        return 1 if any(watch.failed for watch in self.watches) else 0

    def _watch(self, stream: Any, place: Workplace) -> Watch:
        running = Running(
            session=place.session, settings=self.settings, connection=place.connection,
            checkpoint=self.settings.streams / stream.name / "checkpoint",
            options={name: value for name, value in self.job.options.items() if name in stream.options},
        )  # fmt: skip
        return Watch(stream, running, self.book, Patience(**self.job.patience), self.job.stop_seconds)  # type: ignore[arg-type]

    def _note_jvm(self, place: Workplace) -> None:
        if not place.jvm:
            return
        java = identity(place.jvm)
        for name in self.job.names:
            self.book.change(name, jvm=java.pid, jvm_born=java.born)

    def _look_after(self, monitor: Monitor) -> None:
        """Pass requests on and look at the figures until every watch is done, or too late for that."""
        while any(watch.is_alive() for watch in self.watches):
            if self.ending is not None and time.monotonic() - self.ending > self.job.stop_seconds + _GRACE_SECONDS:
                return
            if any(watch.stuck for watch in self.watches):
                return
            entries = self.book.entries()
            for watch in self.watches:
                if self.ending is not None or entries[watch.name].asked == "stop" or self._start_failed():
                    watch.ask_to_stop()
            monitor.look({watch.name: watch.query for watch in self.watches if watch.query is not None})
            time.sleep(_LOOK_SECONDS)

    def _start_failed(self) -> bool:
        # Streams that are started together start together or not at all.
        return any(watch.failed and not watch.ran for watch in self.watches)

    def _asked(self, number: int, frame: object) -> None:
        self.ending = self.ending or time.monotonic()
        if self._opening:
            self._opening = False
            raise _Ended

    def _ended(self, state: str, cause: str, hint: str = "") -> None:
        for name, entry in self.book.entries().items():
            if name in self.job.names and entry.state not in ENDED:
                self.book.change(name, state=state, cause=cause, hint=hint, asked="")
                self.book.note(name, state, cause)

    def _cut_off(self) -> None:
        """End the JVM and this process as they are; every write of ours can be killed at any point."""
        entries = self.book.entries()
        left = [w.name for w in self.watches if (w.is_alive() or w.stuck) and entries[w.name].asked != "stop"]
        LOG.error("killing the JVM: it did not do as asked")
        doomed = identity(os.getpid()).tree()[1:]
        for one in doomed:
            one.kill()
        _reap(doomed)
        for watch in self.watches:
            if watch.name not in left and entries[watch.name].state not in ENDED:
                self.book.change(watch.name, state="stopped", asked="")
                self.book.note(watch.name, "stopped", "its JVM was killed")
        if self.ending is None and left:
            for name in left:
                self.book.change(name, state="starting")
                self.book.note(name, "restarted", "a query beside it did not stop, and its JVM was killed")
            _start_over(replace(self.job, names=tuple(left)))
        self._ended("stopped", "")
        leave(1 if any(watch.failed for watch in self.watches) else 0)


def _reap(doomed: Sequence[Identity]) -> None:
    """Wait for children that were killed: the next image of this process does not know them."""
    deadline = time.monotonic() + _GRACE_SECONDS
    while any(one.alive() for one in doomed) and time.monotonic() < deadline:
        time.sleep(0.05)
    with suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def _start_over(job: Job) -> None:
    """Become a new process of these streams: the JVM that hung is gone, and they go on from their checkpoints."""
    LOG.warning("starting over with %s", ", ".join(job.names))
    listen, speak = os.pipe()
    os.write(speak, job.line())
    os.dup2(listen, 0)
    sys.stdout.flush()
    sys.stderr.flush()
    # The locks go with this image, and the next one takes them.
    os.execv(sys.executable, [sys.executable, "-m", "emberlake.streams", *job.names])


def leave(code: int) -> None:
    """End this process now: threads that wait for a dead JVM would hold it."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def set_up_log(job: Job) -> None:
    """What Python says goes to the process's log, too."""
    log_file(job.log)
    logging.basicConfig(
        filename=job.log, level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s", force=True
    )
    logging.getLogger("py4j").setLevel(logging.WARNING)
