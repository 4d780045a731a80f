"""Which of a learner's files was saved: told by the system, not by looking again and again."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path


def saved(folder: Path, stop: threading.Event | None = None) -> Iterator[Path]:
    """Each exercise that is saved below a folder, as it happens, until `stop` is set.

    Several writes within 50 ms (editors write, rename and touch) are one.
    """
    from watchfiles import Change, PythonFilter, watch

    for changes in watch(folder, watch_filter=PythonFilter(), debounce=400, step=50, stop_event=stop):
        for path in sorted({Path(path) for change, path in changes if change is not Change.deleted}):
            if path.exists() and ".state" not in path.parts:
                yield path
