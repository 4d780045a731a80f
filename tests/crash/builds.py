"""Builds in processes of their own, that can be killed: the parent holds no engine and compares what is left."""

from __future__ import annotations

import os
import signal
import sys
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.process import BaseProcess
from pathlib import Path

from emberlake.settings import Settings, read_settings

# Imported once by the server that children are forked from: a build of this size takes less time than these imports.
# Nothing of Emberlake, which reads its environment when it is imported.
_PRELOADED = ["deltalake", "duckdb", "numpy", "pandas", "pyarrow.parquet", "pyspark.sql", "pyspark.sql.functions"]
_SAIL = ["pysail.spark", "pyspark.sql.connect.session", "pyspark.sql.connect.dataframe"]

# A build takes four seconds on the embedded engine and a minute on Spark; a busy machine may need ten times as long.
BUILD_SECONDS = 900

# Of the orders, how many a day after the shop's history has: so few that gold is refreshed, and not built anew.
SHARE = 0.03


@dataclass(frozen=True)
class Build:
    """A build of the whole lake from the files under a root's landing.

    Attributes:
        engine: sail or spark.
        layers: what is built, in order; `day` makes a day's files for the layers after it.
    """

    settings: Settings
    engine: str = "sail"
    layers: tuple[str, ...] = ("ingest", "refine", "build_gold")

    def start(self, abort_at: str = "", log: Path | None = None) -> BaseProcess:
        """Begin in a child of its own session, which kills itself at the boundary `abort_at`."""
        environment = {"EMBERLAKE_ABORT_AT": abort_at, "EMBERLAKE_BOUNDARY_LOG": str(log or "")}
        process = context().Process(target=_build, args=(self, environment), daemon=True)
        process.start()
        return process

    def run(self, abort_at: str = "", log: Path | None = None) -> int:
        """Build and wait for the end: 0, or minus the signal that ended it."""
        process = self.start(abort_at, log)
        process.join(BUILD_SECONDS)
        if process.exitcode is None:
            kill(process)
            raise AssertionError(f"The build of {self.settings.root} hangs (abort_at={abort_at!r}).")
        return process.exitcode

    def finish(self) -> None:
        """Build to the end; what the child said is on standard error when it fails."""
        assert self.run() == 0, f"The build of {self.settings.root} failed."


def settings_at(root: Path, scale: float) -> Settings:
    return read_settings(root=root, scale=scale)


def kill(process: BaseProcess) -> None:
    """End a build as the system's memory killer would; one that has ended already stays ended."""
    process.kill()
    process.join(30)


def context():
    context = get_context("forkserver")
    context.set_forkserver_preload(_PRELOADED + _SAIL)
    return context


def _build(build: Build, environment: dict[str, str]) -> None:
    os.environ.update({name: value for name, value in environment.items() if value})
    from emberlake import lake as room
    from emberlake.engine import open_engine
    from emberlake.lake import Lake
    from emberlake.synth import write_increment

    # The parent's session of pytest must not see what a child prints when it is killed.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with open_engine(build.settings, build.engine) as engine, Lake(engine.session, build.settings) as lake:
        day = False
        for layer in build.layers:
            if layer == "day":
                write_increment(build.settings, SHARE)
                day = True
                continue
            result = getattr(room, layer)(lake)
            if day and layer == "build_gold":
                assert result.how == "refreshed", f"The day was to be refreshed, and gold was built: {result.how}"
            failures = getattr(result, "failures", ())
            if failures:
                print(*failures, sep="\n", file=sys.stderr)
                raise SystemExit(1)
