"""k-means: the seconds of its fit, and how they grow with the customers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench import tasks
from bench.rows import Goal, Limit, Row
from bench.series import Contestant, Series

if TYPE_CHECKING:
    from typing import Any

    from bench.meter import Sample
    from bench.registry import Scales
    from bench.tasks import Run

# The search looks at a sample of bounded size: it does not grow, and is told beside.
_BESIDE = ("search_seconds", "whole_seconds", "customers", "k", "silhouette")


def series(scales: Scales) -> Series:
    """The fit at scale 1 against a limit, and at scale 200 against itself, for each customer."""
    small, large = scales.of(1), scales.of(200)
    rows = [
        Row("kmeans", "k-means on the customers' behaviour, fit", "s", f"k-means {small:g}", Limit(5, "limit"),
            "the limit of 5 s", Goal("<=", 1), small, 1, value=_fit, parts=_parts)
    ]  # fmt: skip
    contestants = [_contestant(small)]
    if large != small:
        contestants.append(_contestant(large))
        rows.append(
            Row("kmeans_growth", "k-means on the customers' behaviour, fit", "s/M customers", f"k-means {large:g}",
                f"k-means {small:g}", f"itself at scale {small:g}", Goal("<=", 1), large, 200,
                value=_fit_a_million, parts=_parts)
        )  # fmt: skip
    return Series("clustering", tuple(contestants), tuple(rows))


def _contestant(scale: float) -> Contestant:
    built = {"prepare": tasks.built(scale), "prepare_estimate": 15 + 1.9 * scale}
    return Contestant(f"k-means {scale:g}", _run(scale), 40 + 2 * scale, **built)


def _run(scale: float) -> Run:
    return lambda turn: turn.stage.python("bench.kmeans", str(turn.stage.lake(scale)))


def _fit(sample: Sample) -> float:
    return float(sample.said["fit_seconds"])


def _fit_a_million(sample: Sample) -> float:
    return float(sample.said["fit_seconds"] / sample.said["customers"] * 1e6)


def _parts(sample: Sample) -> dict[str, Any]:
    return {name: sample.said[name] for name in _BESIDE}
