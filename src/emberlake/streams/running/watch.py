"""One query's life: started, watched, restarted with back-off, given up, or stopped in good order."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from emberlake.errors import StreamError
from emberlake.streams.monitor.trigger import trigger_of
from emberlake.streams.running.backoff import Backoff, Patience
from emberlake.streams.running.book import Book
from emberlake.streams.running.failure import Fault, understand
from emberlake.streams.stream import Running, Stream

if TYPE_CHECKING:
    from pyspark.sql.streaming.query import StreamingQuery

LOG = logging.getLogger("emberlake.streams")
_LOOK_SECONDS = 0.2
_CHANGED_SECONDS = 5.0
# A query that works on its first batch for so long has started.
_WORKING_SECONDS = 2.0
# Spark waits for the next micro-batch by the wall clock: set back by hours, it would wait for hours.
_SET_BACK_SECONDS = 5.0
_AGAIN = {"changed": "what it works with has changed", "clock": "the clock was set back, and Spark would wait for it"}
# A micro-batch under way may end before the query is stopped.
_FINISH_SECONDS = 5.0


class Stuck(Exception):
    """A query that was asked to stop and did not: only its process can be ended."""


class Watch(threading.Thread):
    """The thread that sees to one stream.

    Args:
        stop_seconds: how long a query may take to stop.

    Attributes:
        stuck: the query did not stop.
        failed: it was given up.
        query: the query that runs now, for the monitor.
    """

    def __init__(self, stream: Stream, running: Running, book: Book, patience: Patience, stop_seconds: float) -> None:
        super().__init__(name=stream.name, daemon=True)
        self.stream, self.running, self.book = stream, running, book
        self.backoff, self.stop_seconds = Backoff(patience), stop_seconds
        self.query: StreamingQuery | None = None
        self.restarts, self.ran = 0, False
        self.stuck = self.failed = False
        self.asked = threading.Event()

    def ask_to_stop(self) -> None:
        """Stop in good order; at once if it only waits."""
        self.asked.set()

    def run(self) -> None:
        """The whole life."""
        try:
            while self._once():
                self.restarts += 1
                self.book.change(self.name, restarts=self.restarts)
        except Stuck:
            self.stuck = True
            LOG.error("%s: the query did not stop within %.0f s", self.name, self.stop_seconds)
        except BaseException as error:
            LOG.exception("%s: the watch itself failed", self.name)
            self._give_up(understand(error), "failed")

    def _once(self) -> bool:
        """Start the query and see it through; True if it is to be started again."""
        begun, clock = time.monotonic(), _ahead()
        try:
            token = self._token()
            self.query = self.stream.start(self.running)
            self._confirm(self.query)
            self._say_running()
            why = self._until_over(self.query, token, clock)
        except Stuck:
            raise
        except BaseException as error:
            if self.asked.is_set():
                return self._stopped()
            LOG.exception("%s: failed", self.name)
            return self._after_failure(understand(error), time.monotonic() - begun)
        finally:
            self.query = None
        if why in _AGAIN:
            self.book.note(self.name, "restarted", _AGAIN[why])
            return True
        if why == "asked":
            return self._stopped()
        self.book.change(self.name, state="finished")
        self.book.note(self.name, "finished", "its source is read to the end")
        return False

    def _confirm(self, query: StreamingQuery) -> None:
        """Wait until the query is past its initialisation; raise what it raised."""
        begun = time.monotonic()
        while query.isActive and not self.asked.is_set():
            status = query.status
            ready = not str(status["message"]).startswith("Initializing")
            works = status["isTriggerActive"] and time.monotonic() - begun < _WORKING_SECONDS
            # The first progress, or nothing to do, or a long first batch.
            if ready and (query.lastProgress is not None or not works):
                break
            self.asked.wait(0.1)
        if (error := query.exception()) is not None:
            raise error

    def _say_running(self) -> None:
        self.book.note(self.name, "runs again" if self.ran else "started")
        self.book.change(self.name, state="running", cause="", hint="")
        self.ran = True

    def _until_over(self, query: StreamingQuery, token: str | None, clock: float) -> str:
        look = time.monotonic() + _CHANGED_SECONDS
        while query.isActive:
            if self.asked.wait(_LOOK_SECONDS):
                self._halt(query)
                return "asked"
            if _ahead() < clock - _SET_BACK_SECONDS:
                LOG.warning("%s: the clock was set back by %.0f s; starting again", self.name, clock - _ahead())
                self._halt(query)
                return "clock"
            clock = max(clock, _ahead())
            if self.stream.changed is not None and time.monotonic() > look:
                look = time.monotonic() + _CHANGED_SECONDS
                if (now := self._token()) != token and now is not None:
                    LOG.info("%s: %s became %s; starting again", self.name, token, now)
                    self._halt(query)
                    return "changed"
        if (error := query.exception()) is not None:
            raise error
        return "finished"

    def _token(self) -> str | None:
        if self.stream.changed is None:
            return None
        try:
            return self.stream.changed(self.running)
        except Exception:
            # What cannot be asked now may have changed or not; the query that runs is worth more than the answer.
            LOG.warning("%s: cannot see whether something has changed", self.name, exc_info=True)
            return None

    def _halt(self, query: StreamingQuery) -> None:
        deadline = time.monotonic() + _FINISH_SECONDS
        trigger = trigger_of(query)
        # A real-time batch lasts as long as its query.
        batches = trigger is None or not trigger.realtime
        while batches and _in_batch(query) and time.monotonic() < deadline:
            time.sleep(0.02)
        stopping = threading.Thread(target=_quietly(query.stop), daemon=True)
        stopping.start()
        stopping.join(self.stop_seconds)
        if stopping.is_alive() or query.isActive:
            raise Stuck

    def _stopped(self) -> bool:
        self.book.note(self.name, "stopped")
        self.book.change(self.name, state="stopped", asked="")
        return False

    def _after_failure(self, fault: Fault, ran: float) -> bool:
        self.book.note(self.name, "failed", fault.sentence)
        if not self.ran:
            return self._give_up(fault, "did not start")
        if fault.final and self._kafka_answers():
            return self._give_up(fault, "is not tried again, because that would be of no use")
        wait = self.backoff.failed(time.monotonic(), ran)
        if wait is None:
            return self._give_up(fault, f"failed {self.backoff.recent} times and is given up")
        LOG.warning("%s: starting again in %.0f s", self.name, wait)
        self.book.change(self.name, state="waiting", again_at=time.time() + wait, cause=fault.sentence, hint=fault.hint)
        return self._stopped() if self.asked.wait(wait) else True

    def _give_up(self, fault: Fault, why: str) -> bool:
        self.failed = True
        LOG.error("%s %s: %s %s", self.name, why, fault.sentence, fault.hint)
        self.book.note(self.name, "given up", f"{why}: {fault.sentence}")
        self.book.change(self.name, state="failed", cause=fault.sentence, hint=fault.hint)
        return False

    def _kafka_answers(self) -> bool:
        """Whether a refusal may be believed: while the broker is down, streams refuse for that reason alone."""
        if not self.stream.topics:
            return True
        from emberlake.engine.kafka import open_connection

        try:
            open_connection(self.running.settings)
        except StreamError:
            return False
        return True


def _ahead() -> float:
    """How far the wall clock is ahead of the one that nobody sets."""
    return time.time() - time.monotonic()


def _in_batch(query: StreamingQuery) -> bool:
    try:
        return bool(query.isActive and query.status["isTriggerActive"])
    except Exception:
        return False


def _quietly(action: Callable[[], object]) -> Callable[[], None]:
    def run() -> None:
        try:
            action()
        except Exception:
            LOG.warning("stopping a query", exc_info=True)

    return run
