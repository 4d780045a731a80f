"""Keeping a fitted model: our way and MLflow's own call, which infers the requirements; the whole run beside them."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from bench import tasks
from bench.rows import Goal, Row
from bench.series import Contestant, Round, Series

if TYPE_CHECKING:
    from bench.meter import Sample
    from bench.registry import Scales
    from bench.tasks import Run


def series(scales: Scales) -> Series:
    """One pipeline, kept both ways, each in a process of its own."""
    at = scales.of(1)
    built = {"prepare": tasks.built(at), "prepare_estimate": 17 + 1.9 * at}
    row = Row(
        "mlflow_logging", "a fitted pipeline kept as a run and a version", "s", "ours", "default",
        "`mlflow.spark.log_model` with inferred requirements", Goal("<=", 0.3), at, 1, beside=("whole run",),
        parts=lambda sample: {"files": sample.said["files"]},
    )  # fmt: skip
    return Series(
        "tracking",
        (
            Contestant("ours", _kept("ours", at), 50, **built),
            Contestant("default", _kept("default", at), 90, **built),
            Contestant("whole run", _kept("whole", at), 60, **built),
        ),
        (row,),
    )


def _kept(way: str, scale: float) -> Run:
    def run(turn: Round) -> Sample:
        work = turn.root(f"kept-{way}")
        work.mkdir()
        sample = turn.stage.python("bench.kept_model", str(turn.stage.lake(scale)), str(work), way)
        return dataclasses.replace(sample, seconds=sample.said["seconds"], cpu=sample.said["cpu"])

    return run
