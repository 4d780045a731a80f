"""Orders scored as they come, from Kafka to Kafka: how long one takes, and how many a second are borne."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.meter import BenchError, Sample
from bench.rows import Goal, Limit, Row
from bench.series import Contestant, Round, Series
from bench.stage import Stage

if TYPE_CHECKING:
    from bench.registry import Scales

RATE, SECONDS, MICRO_SECONDS = 1_000, 300, 60
PARTITIONS = (1, 2, 4)
LIMIT_MS = 100


def series(scales: Scales) -> Series:
    """One row a percentile, the ratio to micro-batches, and the highest rate."""
    at = scales.of(1)
    # A quick look at a small scale is a short one.
    seconds, micro = (SECONDS, MICRO_SECONDS) if at >= 1 else (40, 30)
    what = f"Kafka to model to Kafka at {RATE:,} orders/s, seen by the consumer"
    rows = (
        Row("live_p50", f"{what}: median", "ms", "real time", Limit(2, "limit"), "the limit of 2 ms",
            Goal("<=", 1), at, 1, value=lambda sample: sample.said["p50"], parts=_said),
        Row("live_p99", f"{what}: 99th percentile", "ms", "real time", Limit(25, "limit"), "the limit of 25 ms",
            Goal("<=", 1), at, 1, value=lambda sample: sample.said["p99"]),
        Row("live_vs_micro_batch", f"{what}: median", "ms", "real time", "micro-batch",
            "the same query in micro-batches of 1 s", Goal("<=", 1 / 300), at, 1,
            value=lambda sample: sample.said["p50"], check=_all_scored),
        Row("live_rate", f"highest rate before the 99th percentile passes {LIMIT_MS} ms", "orders/s", "rate",
            Limit(20_000, "limit"), "20,000 orders/s", Goal(">=", 1), at, 1,
            value=lambda sample: max(sample.said["rates"].values()), parts=lambda sample: dict(sample.said)),
    )  # fmt: skip
    made: dict[str, Any] = {"prepare": prepared(at), "prepare_estimate": 90 + 3 * at}
    return Series(
        "live_scoring",
        (
            Contestant("real time", run(at, "real-time", seconds), 60 + seconds, **made),
            Contestant("micro-batch", run(at, "1 second", micro), 60 + micro, **made),
            Contestant("rate", rates(at, 15 if at >= 1 else 8), 420, **made),
        ),
        rows,
    )


def prepared(scale: float) -> Callable[[Stage], Path]:
    """A lake with a champion for order values."""

    def prepare(stage: Stage) -> Path:
        root = stage.lake(scale)
        if not (root / "models" / "mlflow.sqlite").exists():
            stage.emberlake("models", "train", "order_value", "--root", str(root), "--scale", f"{scale:g}")
        return root

    return prepare


def run(scale: float, trigger: str, seconds: int) -> Callable[[Round], Sample]:
    """Orders at a steady rate."""
    return lambda turn: turn.stage.python(
        "bench.live_run", str(turn.stage.lake(scale)), "steady", trigger, str(RATE), str(seconds)
    )


def rates(scale: float, seconds: int) -> Callable[[Round], Sample]:
    """Rising rates until the limit is passed, for each number of partitions."""
    return lambda turn: turn.stage.python(
        "bench.live_run", str(turn.stage.lake(scale)), "rising", str(LIMIT_MS), str(seconds), *map(str, PARTITIONS)
    )


def _said(sample: Sample) -> dict[str, Any]:
    return {name: value for name, value in sample.said.items() if name != "scored"}


def _all_scored(ours: Sample, peer: Sample) -> None:
    for who, sample in (("Real time", ours), ("The micro-batches", peer)):
        if sample.said["scored"] != sample.said["sent"]:
            raise BenchError(f"{who} scored {sample.said['scored']} of {sample.said['sent']} orders.")
