"""What goes on beside a landing query: the lock of its topic, silver now and then, and few folders."""

from __future__ import annotations

import logging
import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING

from emberlake.errors import EmberlakeError, LakeBusy, StreamError
from emberlake.lake import Lake, refine
from emberlake.lake.folding import PLAIN, TABLES, fold_all
from emberlake.lake.locks import hold
from emberlake.lake.status import pending_in_silver
from emberlake.streams.interval import interval

if TYPE_CHECKING:
    from pyspark.sql.streaming.query import StreamingQuery

    from emberlake.streams.events import Event
    from emberlake.streams.stream import Running

LOG = logging.getLogger("emberlake.streams")
REFINE, FOLD = "30 seconds", "15 minutes"


class Attendant:
    """A thread that holds a topic's lock while its query runs, and refines and folds.

    Silver is refined beside the query and not within it, so that messages land meanwhile, and so that the last ones
    are refined though nothing comes after them.

    Args:
        running: the stream's.
        event: what lands.

    Raises:
        StreamError: if another process lands that topic.
    """

    def __init__(self, running: Running, event: Event) -> None:
        self._running, self._topic = running, event.topic.name
        sources = (event.source, "order_items") if event.line else (event.source,)
        self._tables = [name for name in TABLES if name.partition(".")[2] in (*sources, "live_late")]
        self._tables += PLAIN if event.line else ()
        self._fold_at = 0.0
        self._ready, self._begin = threading.Event(), threading.Event()
        self._query: StreamingQuery | None = None
        self._failure: Exception | None = None
        self._thread = threading.Thread(target=self._hold, name=f"attendant-{self._topic}", daemon=True)
        self._thread.start()
        self._ready.wait()
        self.raise_failure()

    def attend(self, query: StreamingQuery) -> None:
        """Attend a query that has just been started."""
        self._query = query
        self._begin.set()

    def dismiss(self) -> None:
        """Let go: the query was not started."""
        self._begin.set()
        self._thread.join()

    def raise_failure(self) -> None:
        """Raise what went wrong beside the query, so that the query fails of it."""
        if self._failure is not None:
            raise self._failure

    def _hold(self) -> None:
        lock = self._running.settings.state / "locks" / f"landing-{self._topic}.lock"
        try:
            with hold(lock, f"Topic {self._topic}", wait=5.0):
                self._ready.set()
                self._begin.wait()
                if self._query is not None:
                    self._attend(self._query)
        except LakeBusy as e:
            self._failure = StreamError(
                e.problem.replace("being written", "landed"), "Stop that one first: one query lands a topic."
            )
        except Exception as e:
            self._failure = e
        finally:
            self._ready.set()

    def _attend(self, query: StreamingQuery) -> None:
        every = self._running.options.get("refine", REFINE)
        seconds = None if every in ("each", "never") else max(int(interval(every, "refine").total_seconds()), 1)
        ended = False
        while not ended:
            try:
                ended = bool(query.awaitTermination(seconds or 5))
            except Exception:
                ended = True  # the query says itself what it failed of
            if seconds is not None:
                # What another process refines, or what the end of the session cuts off, is taken up later.
                with suppress(LakeBusy):
                    self._refine(query)
            self._fold()

    def _fold(self) -> None:
        """Make few folders of many; that it failed is no reason not to land."""
        every = self._running.options.get("fold", FOLD)
        if every == "never" or time.monotonic() < self._fold_at:
            return
        self._fold_at = time.monotonic() + interval(every, "fold").total_seconds()
        try:
            with Lake(None, self._running.settings) as lake:
                fold_all(lake, self._tables)
        except Exception:
            LOG.warning("%s: folders could not be folded", self._topic, exc_info=True)

    def _refine(self, query: StreamingQuery) -> None:
        try:
            if pending_in_silver(self._running.settings):
                with Lake(self._running.session, self._running.settings) as lake:
                    refine(lake, wait=0.0)
        except LakeBusy:
            raise
        except Exception as e:
            if isinstance(e, EmberlakeError) or query.isActive:
                raise
