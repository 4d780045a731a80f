"""Scoring without a JVM: one row against `transform`, and many rows against a tenth of them."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.meter import BenchError, Sample
from bench.rows import Goal, Limit, Row
from bench.series import Contestant, Round, Series
from bench.stage import Stage

if TYPE_CHECKING:
    from bench.registry import Scales

# Orders of a shop of scale 1; at scale 200 they are the ten million.
ORDERS = 50_000
_SAME = 1e-9


def series(scales: Scales) -> Series:
    """One row, and ten million."""
    at = scales.of(200)
    many, tenth = int(ORDERS * at), max(int(ORDERS * at / 10), 1)
    rows = (
        Row("one_row_score", "one row scored by the exported model", "ms", "exported", "transform",
            "one-row `PipelineModel.transform`, the same rows", Goal("<=", 1 / 2000), 1, 1, value=_median,
            check=_same_scores, parts=lambda sample: {"p99_ms": sample.said["p99"] * 1e3}),
        Row("one_row_p99", "99th percentile of one row", "ms", "exported", Limit(0.5, "limit"), "the limit of 0.5 ms",
            Goal("<=", 1), 1, 1, value=lambda sample: sample.said["p99"] * 1e3),
        Row("batch_score", "many rows scored by the exported model", "rows/s", "batch", "tenth", "a tenth of the rows",
            Goal(">=", 0.9), at, 200, value=_per_second,
            parts=lambda sample: {"rows": sample.said["rows"], "table_gb": sample.said["bytes"] / 1e9}),
    )  # fmt: skip
    made: dict[str, Any] = {"prepare": fitted, "prepare_estimate": 60}
    return Series(
        "scoring",
        (
            Contestant("exported", one_row("exported"), 3, **made),
            Contestant("transform", one_row("transform"), 25, **made),
            Contestant("batch", batch(many), 3 + many / 3e5, **made),
            Contestant("tenth", batch(tenth), 3 + tenth / 3e5, **made),
        ),
        rows,
    )


def fitted(stage: Stage) -> Path:
    """The folder with the pipeline and the exported model; made once."""
    folder = stage.work / "data" / "scored"
    if not (folder / "model.ember").exists():
        folder.mkdir(parents=True, exist_ok=True)
        stage.python("bench.scored_orders", str(folder))
    return folder


def one_row(way: str) -> Callable[[Round], Sample]:
    return lambda turn: _inside(turn.stage.python("bench.one_row", str(fitted(turn.stage)), way))


def batch(rows: int) -> Callable[[Round], Sample]:
    return lambda turn: _inside(turn.stage.python("bench.batch_score", str(fitted(turn.stage)), str(rows)))


def _inside(sample: Sample) -> Sample:
    return dataclasses.replace(sample, seconds=sample.said["seconds"], cpu=sample.said["cpu"])


def _median(sample: Sample) -> float:
    return sample.said["median"] * 1e3


def _per_second(sample: Sample) -> float:
    return sample.said["rows"] / sample.seconds


def _same_scores(ours: Sample, peer: Sample) -> None:
    for mine, theirs in zip(ours.said["scores"], peer.said["scores"], strict=True):
        if abs(mine - theirs) > _SAME * abs(theirs):
            raise BenchError(f"The exported model says {mine}, the pipeline {theirs}.")
