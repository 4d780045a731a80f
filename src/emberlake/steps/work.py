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
from emberlake.steps.files import replace_text

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

    def release(self) -> None:
        """Close what was opened, and give its memory back; it is opened again when it is asked for again."""
        self._stack.close()
        self.__dict__.pop("lake", None)
        self.__dict__.pop("engine", None)


def make_data(tools: Tools) -> dict[str, Any]:
    """Make the shop's source files, if there is no other source."""
    from emberlake.lake.feeds.store import saved_feeds
    from emberlake.synth import write_shop

    own = [feed.name for feed in saved_feeds(tools.settings)]
    # A shop once begun is finished: an import beside it adds to it.
    if own and not (tools.settings.landing / "orders").exists():
        return {"made": False, "why": f"your own data: {', '.join(own)}"}
    write_shop(tools.settings, tools.progress)
    return {"made": True}


def take_in(tools: Tools) -> dict[str, Any]:
    """Bronze."""
    from emberlake import lake

    return _figures(lake.ingest(tools.lake, tools.progress))


def refine(tools: Tools) -> dict[str, Any]:
    """Silver and quarantine."""
    from emberlake import lake

    return _figures(lake.refine(tools.lake, tools.progress))


def build_gold(tools: Tools) -> dict[str, Any]:
    """Gold."""
    from emberlake import lake

    return _figures(lake.build_gold(tools.lake, tools.progress))


def _figures(result: Any) -> dict[str, Any]:
    return dataclasses.asdict(result)


def run_reports(tools: Tools) -> dict[str, Any]:
    """Every report that the data allows, as CSV and JSON under the reports; and the headlines from them."""
    from emberlake.reports import answer, available, to_csv, to_json
    from emberlake.steps.headlines import headlines

    folder = tools.settings.reports
    answers, seconds, not_allowed = {}, {}, {}
    every = available(tools.lake)
    for number, each in enumerate(every):
        name = each.report.name
        if not each.allowed:
            not_allowed[name] = each.why_not
            continue
        tools.progress(each.report.title, number / len(every))
        begun = time.perf_counter()
        got = answer(tools.engine.session, tools.lake, name)
        seconds[name] = round(time.perf_counter() - begun, 3)
        replace_text(folder / f"{name}.csv", to_csv(got))
        replace_text(folder / f"{name}.json", to_json(got))
        answers[name] = got.rows.to_pylist()
    return {
        "ran": len(seconds),
        "slowest": max(seconds.values(), default=0.0),
        "seconds": seconds,
        "not_allowed": not_allowed,
        "headlines": headlines(answers),
    }


def build_graphs(tools: Tools) -> dict[str, Any]:
    """Influence, communities, recommended follows and invitations."""
    from emberlake.graphs.network import build_network

    return _figures(build_network(tools.lake, tools.progress))


def train_models(tools: Tools) -> dict[str, Any]:
    """Every model that the data allows: trained, compared with its champion, and what the champion says in gold."""
    from emberlake.models.every import train_all

    return _figures(train_all(tools.lake, progress=tools.progress))


def write_catalog(tools: Tools) -> dict[str, Any]:
    """The data dictionary, and the rows of each table by layer."""
    from emberlake.steps.dictionary import dictionary, write_dictionary

    entries = dictionary(tools.settings)
    tables: dict[str, dict[str, int]] = {}
    for entry in entries:
        layer, _, name = entry.table.partition(".")
        # Empty quarantines and tables that no input fills would only be in the way.
        if entry.rows:
            tables.setdefault(layer, {})[name] = entry.rows
    return {"tables": tables, "written": write_dictionary(tools.settings, entries)}


def show_live(tools: Tools) -> dict[str, Any]:
    """The last days' orders played through Kafka, and scored as they come by the champion."""
    from emberlake.streams.show import show_scoring

    tools.release()
    return _figures(show_scoring(tools.settings, tools.progress))
