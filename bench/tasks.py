"""What the contestants run: the command line as users type it, or a program of the bench."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench import server as servers
from bench.meter import BenchError, Sample
from bench.series import Round
from bench.stage import Stage, truth_rows

Run = Callable[[Round], Sample]
Prepare = Callable[[Stage], Any]
# Rows of TPC-H at scale factor 1, in its eight tables.
TPCH_ROWS = 8_661_245
_REPORT = "revenue_by_month"
_PATIENCE = 180


def _with(sample: Sample, **said: Any) -> Sample:
    return dataclasses.replace(sample, said={**sample.said, **said})


def _rows_in(root: Path) -> int:
    return sum(truth_rows(root).values())


# Preparations
def shop(scale: float) -> Prepare:
    return lambda stage: stage.shop(scale)


def built(scale: float) -> Prepare:
    return lambda stage: stage.lake(scale)


def exports(scale: float) -> Prepare:
    """The shop as CSV files, which the notebook is given."""

    def prepare(stage: Stage) -> Path:
        folder = exports_of(stage, scale)
        if not folder.exists():
            stage.python("bench.exports", str(stage.shop(scale) / "landing"), str(folder))
        return folder

    return prepare


def exports_of(stage: Stage, scale: float) -> Path:
    return stage.work / "data" / f"exports-{scale:g}"


def trained(scale: float) -> Prepare:
    """A lake, and the class-data archive that the first start makes in the background."""

    def prepare(stage: Stage) -> None:
        from emberlake.engine.archive import archive_for
        from emberlake.engine.jars import ensure_jars
        from emberlake.engine.java import find_java
        from emberlake.engine.spark import classpath

        root = stage.lake(scale)
        settings = stage.settings(root)
        java = find_java(settings)
        archive = archive_for(settings, java, classpath(ensure_jars(settings, java, "spark")))
        if not archive.is_whole():
            stage.emberlake("--engine", "spark", "report", _REPORT, "--root", str(root), "--csv")
        deadline = time.monotonic() + _PATIENCE
        while not archive.is_whole():
            if time.monotonic() > deadline or archive.gave_up_lately():
                raise BenchError(f"The class-data archive was not made; its log is {archive.folder / 'training.log'}.")
            time.sleep(1)

    return prepare


def server(scale: float) -> Prepare:
    """A Spark Connect server that has answered once, which lives until the bench ends."""

    def prepare(stage: Stage) -> None:
        root = stage.lake(scale)
        stage.stack.enter_context(servers.connect_server(stage))
        # Warm means that somebody asked before.
        for _ in range(2):
            _ask_server(stage, root)

    return prepare


# Contestants
def build(scale: float) -> Run:
    """`emberlake build` from nothing: data, bronze, silver, gold, reports, catalogue."""

    def run(turn: Round) -> Sample:
        root = turn.root(f"build-{scale:g}")
        sample = turn.stage.emberlake("build", "--root", str(root), "--scale", f"{scale:g}", "--json")
        sample = _with(sample, source_rows=_rows_in(root))
        turn.stage.forget([root])
        return sample

    return run


def notebook(scale: float) -> Run:
    def run(turn: Round) -> Sample:
        stage, root = turn.stage, turn.root("notebook")
        folder = str(exports_of(stage, scale))
        return stage.python("bench.peers.notebook", folder, str(root), env=stage.spark_env())

    return run


def synth(scale: float) -> Run:
    def run(turn: Round) -> Sample:
        root = turn.root(f"synth-{scale:g}")
        sample = turn.stage.emberlake("synth", "--root", str(root), "--scale", f"{scale:g}", "--json")
        sample = _with(sample, rows=_rows_in(root))
        turn.stage.forget([root])
        return sample

    return run


def tpchgen(scale: float) -> Run:
    """tpchgen-cli at the scale factor that gives as many rows as the shop has."""

    def run(turn: Round) -> Sample:
        from emberlake.synth.tpch import tool_path

        root = turn.root("tpchgen")
        # Below a hundredth the small tables no longer shrink, and the start is all that is measured.
        factor = max(turn.stage.rows(scale) / TPCH_ROWS, 0.01)
        sample = turn.stage.run(tool_path(), "parquet", "-s", f"{factor:.3f}", "--output-dir", str(root))
        sample = _with(sample, rows=parquet_rows(root))
        turn.stage.forget([root])
        return sample

    return run


def parquet_rows(folder: Path) -> int:
    """Rows of all Parquet files below a folder, from their footers."""
    import pyarrow.parquet as pq

    return sum(pq.read_metadata(path).num_rows for path in folder.rglob("*.parquet"))


def duckdb_shop(scale: float) -> Run:
    def run(turn: Round) -> Sample:
        root = turn.root("duckdb-shop")
        sample = turn.stage.python("bench.peers.duckdb_shop", f"{scale:g}", str(root))
        turn.stage.forget([root])
        return sample

    return run


def refine(engine: str, scale: float) -> Run:
    """Bronze to gold from the shop's files, on one engine."""

    def run(turn: Round) -> Sample:
        root = turn.stage.root_with_shop(turn.root(engine), scale)
        sample = turn.stage.emberlake(*_refine(root, scale), "--engine", engine)
        if engine != "sail":
            # The increment goes on with the embedded engine's; two of these at once are gigabytes for nothing.
            turn.stage.forget([root])
        return _with(sample, source_rows=turn.stage.rows(scale))

    return run


def _refine(root: Path, scale: float) -> list[str]:
    return ["build", "--root", str(root), "--scale", f"{scale:g}", "--from", "bronze", "--to", "gold", "--json"]


def increment(scale: float) -> Run:
    """A later day's files, then bronze to gold again; the files are made before the clock starts."""

    def run(turn: Round) -> Sample:
        from emberlake.synth import write_increment

        root = turn.roots["sail"]
        made = write_increment(turn.stage.settings(root, scale=scale), share=0.01)
        sample = turn.stage.emberlake(*_refine(root, scale))
        return _with(sample, new_rows=sum(made.rows.values()))

    return run


def ungated(scale: float) -> Run:
    def run(turn: Round) -> Sample:
        root = turn.stage.root_with_shop(turn.root("ungated"), scale)
        sample = turn.stage.python("bench.ungated", str(root))
        turn.stage.forget([root])
        return sample

    return run


def reports(scale: float) -> Run:
    """All reports in one process; the time is of the asking, the engine's start stands beside it."""
    return lambda turn: _timed_inside(turn.stage.python("bench.all_reports", str(turn.stage.lake(scale))))


def duckdb_reports(scale: float) -> Run:
    return lambda turn: _timed_inside(turn.stage.python("bench.peers.duckdb_reports", str(turn.stage.lake(scale))))


def _timed_inside(sample: Sample) -> Sample:
    return dataclasses.replace(sample, seconds=sample.said["seconds"], cpu=sample.said["cpu"])


def ask(scale: float, *options: str) -> Run:
    """One report, as a command."""

    def run(turn: Round) -> Sample:
        root = str(turn.stage.lake(scale))
        return turn.stage.emberlake("report", _REPORT, "--root", root, "--csv", *options)

    return run


def ask_server(scale: float) -> Run:
    """The same report from a new client of the server that runs."""
    return lambda turn: _ask_server(turn.stage, turn.stage.lake(scale))


def _ask_server(stage: Stage, root: Path) -> Sample:
    return stage.python("bench.warm_report", str(root), _REPORT, servers.ADDRESS)


def plain_spark(scale: float) -> Run:
    def run(turn: Round) -> Sample:
        stage = turn.stage
        home = turn.root("plain")
        home.mkdir()
        lake = str(stage.settings(stage.lake(scale)).lake)
        return stage.python("bench.peers.plain_spark", _REPORT, lake, str(home), env=stage.spark_env())

    return run


def each_report(scale: float) -> Run:
    """Every report as a command of its own; the sample is of all, and says which was the slowest."""

    def run(turn: Round) -> Sample:
        from emberlake.reports import list_reports

        root = turn.stage.lake(scale)
        names = [report.name for report in list_reports() if report.topic != "tpch"]
        samples = {name: turn.stage.emberlake("report", name, "--root", str(root), "--csv") for name in names}
        slowest = max(samples, key=lambda name: samples[name].seconds)
        return Sample(
            sum(sample.seconds for sample in samples.values()),
            sum(sample.cpu for sample in samples.values()),
            max(sample.peak for sample in samples.values()),
            {"slowest": slowest, "slowest_seconds": samples[slowest].seconds, "reports": len(names)},
        )

    return run
