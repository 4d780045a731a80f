"""Spark's listener: every progress of every query of the session, handed on as it comes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def listen(session: Any, on_progress: Callable[[str], None], on_idle: Callable[[str], None]) -> Callable[[], None]:
    """Attach to a classic session.

    Args:
        session: the session.
        on_progress: told the JSON of each progress, in a thread of Spark's.
        on_idle: told the run id of a query that had nothing to do.

    Returns:
        What takes the listener off again.
    """
    # Imported here: PySpark costs half a second, and those who only look on do not need it.
    from pyspark.sql.streaming.listener import (
        QueryIdleEvent,
        QueryProgressEvent,
        QueryStartedEvent,
        QueryTerminatedEvent,
        StreamingQueryListener,
    )

    class Listener(StreamingQueryListener):
        def onQueryStarted(self, event: QueryStartedEvent) -> None:
            pass

        def onQueryProgress(self, event: QueryProgressEvent) -> None:
            on_progress(event.progress.json)

        def onQueryIdle(self, event: QueryIdleEvent) -> None:
            on_idle(str(event.runId))

        def onQueryTerminated(self, event: QueryTerminatedEvent) -> None:
            pass

    listener = Listener()
    session.streams.addListener(listener)
    return lambda: session.streams.removeListener(listener)
