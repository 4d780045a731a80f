"""What each step does: a few lines that call a room below. Rooms are imported when their step runs."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable
from contextlib import ExitStack
from functools import cached_property
from typing import TYPE_CHECKING, Any

from emberlake.progress import Progress, silent
from emberlake.settings import Settings

if TYPE_CHECKING:
    from emberlake.engine import Engine
    from emberlake.lake import Lake


class Tools:
    """What the steps of one child process share: settings, the engine and the lake, opened when first asked for.

    Args:
        kind: the engine of this process, or None.
        stack: closes what was opened, in order, when the last step is done.
        started: told how long the engine took and what it is.
    """

    def __init__(
        self, settings: Settings, kind: str | None, stack: ExitStack, started: Callable[[float, str], None]
    ) -> None:
        self.settings, self.kind, self._stack, self._started = settings, kind, stack, started
        self.progress: Progress = silent
        self.engine_seconds = 0.0

    @cached_property
    def engine(self) -> Engine:
        """The engine of this process."""
        from emberlake.engine import open_engine

        if self.kind is None:
            raise RuntimeError("This step said it needs no engine; change its line in STEPS.")
        self.progress(f"starting {self.kind}", 0.0)
        begun = time.perf_counter()
        engine = self._stack.enter_context(open_engine(self.settings, self.kind))  # type: ignore[arg-type]
        self.engine_seconds = time.perf_counter() - begun
        self._started(self.engine_seconds, f"{engine.name}, {engine.parallelism} tasks at a time")
        return engine

    @cached_property
    def lake(self) -> Lake:
        """The lake, on this process's engine."""
        from emberlake.lake import Lake

        return self._stack.enter_context(Lake(self.engine.session, self.settings))


def make_data(tools: Tools) -> dict[str, Any]:
    """Make the shop's source files, if there is no other source."""
    from emberlake.lake.feeds import list_feeds
    from emberlake.synth import write_shop

    own = [feed.name for feed in list_feeds(tools.settings)]
    if own:
        return {"made": False, "why": f"feeds of your own: {', '.join(own)}"}
    truth = write_shop(tools.settings, tools.progress)
    return {"made": True, "rows": getattr(truth, "rows", {})}


def take_in(tools: Tools) -> dict[str, Any]:
    """Bronze."""
    return _figures(tools.lake.ingest(tools.progress))


def refine(tools: Tools) -> dict[str, Any]:
    """Silver and quarantine."""
    return _figures(tools.lake.refine(tools.progress))


def build_gold(tools: Tools) -> dict[str, Any]:
    """Gold."""
    return _figures(tools.lake.build_gold(tools.progress))


def _figures(result: Any) -> dict[str, Any]:
    return dataclasses.asdict(result)


def run_reports(tools: Tools) -> dict[str, Any]:
    """Every report that the data allows, as CSV and JSON."""
    raise NotImplementedError


def write_catalog(tools: Tools) -> dict[str, Any]:
    """The data dictionary, and the rows of each table."""
    raise NotImplementedError
