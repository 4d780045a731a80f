"""Recommendations against the library `implicit`: the same interactions, the same customers held out."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.meter import Sample
from bench.rows import Goal, Row
from bench.series import Contestant, Round, Series
from bench.stage import same_rows

if TYPE_CHECKING:
    from bench.registry import Scales
    from bench.stage import Stage


def series(scales: Scales) -> Series:
    """Training and ten products for every customer."""
    at = scales.of(10)
    row = Row(
        "als", "ALS and top-10 for all: NDCG@10 on new products of the last 28 days", "NDCG@10", "als", "implicit",
        "implicit's ALS on the same interactions", Goal(">=", 0.95), at, 10,
        value=lambda sample: sample.said["ndcg"],
        check=lambda ours, peer: same_rows(ours.said["rows"], peer.said["rows"], "Both recommenders"),
        parts=lambda sample: {name: sample.said[name] for name in ("train_seconds", "lists_seconds", "seconds")},
    )  # fmt: skip
    prepared = {"prepare": _prepare(at), "prepare_estimate": 25 + 4 * at}
    return Series(
        "recommending",
        (
            Contestant("als", _run("bench.als_lists", at), 25 + 6 * at, **prepared),
            Contestant("implicit", _run("bench.peers.implicit_als", at), 5 + 2 * at, **prepared),
        ),
        (row,),
    )


def _data(stage: Stage, scale: float) -> Path:
    return stage.work / "data" / f"als-{scale:g}"


def _prepare(scale: float) -> Any:
    def prepare(stage: Stage) -> Path:
        folder = _data(stage, scale)
        if not (folder / "done").exists():
            stage.python("bench.als_data", str(stage.lake(scale)), str(folder))
        return folder

    return prepare


def _run(module: str, scale: float) -> Any:
    def run(turn: Round) -> Sample:
        sample = turn.stage.python(module, str(_data(turn.stage, scale)))
        return dataclasses.replace(sample, seconds=sample.said["seconds"], cpu=sample.said["cpu"])

    return run
