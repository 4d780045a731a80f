"""A row of the table: what is compared, with which goal, and what the samples make of it."""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Any, Literal

from bench.meter import BenchError, Sample


@dataclass(frozen=True)
class Goal:
    """What the ratio of ours to the peer's has to be.

    Attributes:
        ratio: the bound, itself allowed.
    """

    sign: Literal["<=", ">="]
    ratio: float

    def holds(self, ratio: float) -> bool:
        return {"<=": operator.le, ">=": operator.ge}[self.sign](ratio, self.ratio)

    def __str__(self) -> str:
        return f"{self.sign} {self.ratio:g}"


@dataclass(frozen=True)
class Limit:
    """A peer that is a number and runs nothing."""

    value: float
    name: str


def wall(sample: Sample) -> float:
    """Wall seconds: what most rows compare."""
    return sample.seconds


@dataclass(frozen=True)
class Row:
    """One line of `bench/results/latest.json`.

    Attributes:
        what: what is compared, in a few words.
        ours: the contestant that is ours.
        peer: the contestant, or the limit, that it is held against.
        goal: None where the figure is only stated.
        value: from a sample to the number that is compared, for ours and the peer.
        beside: contestants that are shown too, without a goal.
        check: raises BenchError where the two did not do the same work.
        parts: further figures of one sample of ours, kept in the results.
    """

    name: str
    what: str
    unit: str
    ours: str
    peer: str | Limit
    peer_name: str
    goal: Goal | None
    scale: float
    asked_scale: float
    value: Callable[[Sample], float] = wall
    peer_value: Callable[[Sample], float] | None = None
    beside: tuple[str, ...] = ()
    check: Callable[[Sample, Sample], None] | None = None
    parts: Callable[[Sample], dict[str, Any]] | None = None

    @property
    def needs(self) -> tuple[str, ...]:
        """The contestants that have to run."""
        return (self.ours, *((self.peer,) if isinstance(self.peer, str) else ()), *self.beside)


@dataclass(frozen=True)
class Measured:
    """A row and its samples, by contestant, one a round."""

    row: Row
    samples: dict[str, list[Sample]] = field(default_factory=dict)
    error: str = ""

    def entry(self) -> dict[str, Any]:
        """The row as it stands in the results, without the machine."""
        row = self.row
        said: dict[str, Any] = {
            "name": row.name, "what": row.what, "unit": row.unit,
            "ours": None, "peer": None, "peer_name": row.peer_name,
            "ratio": None, "goal": str(row.goal) if row.goal else None, "holds": False, "runs": 0, "spread": None,
            "scale": row.scale, "asked_scale": row.asked_scale,
        }  # fmt: skip
        if self.error:
            return said | {"error": self.error}
        try:
            return said | self._figures()
        except (BenchError, KeyError, ZeroDivisionError) as error:
            return said | {"error": f"{type(error).__name__}: {error}"}

    def _figures(self) -> dict[str, Any]:
        row, ours = self.row, self.samples[self.row.ours]
        mine = [row.value(sample) for sample in ours]
        theirs, cost = self._peer()
        if row.check and isinstance(row.peer, str):
            row.check(ours[-1], self.samples[row.peer][-1])
        ratio = median(mine) / median(theirs)
        said = {
            "ours": tidy(median(mine)),
            "peer": tidy(median(theirs)),
            "ratio": tidy(ratio),
            "holds": row.goal.holds(ratio) if row.goal else None,
            "runs": len(mine),
            "spread": tidy(spread(mine)),
            "ours_runs": [tidy(value) for value in mine],
            "ours_cost": cost_of(ours),
        }
        if cost:
            said |= {
                "peer_runs": [tidy(value) for value in theirs],
                "peer_spread": tidy(spread(theirs)),
                "peer_cost": cost,
            }
            said["cpu_ratio"] = tidy(said["ours_cost"]["cpu_seconds"] / max(cost["cpu_seconds"], 1e-9))
        if row.beside:
            said["beside"] = {
                name: {"value": tidy(median(map(row.value, self.samples[name]))), **cost_of(self.samples[name])}
                for name in row.beside
                if self.samples.get(name)
            }
        if row.parts:
            said["parts"] = row.parts(ours[-1])
        return said

    def _peer(self) -> tuple[list[float], dict[str, float]]:
        row = self.row
        if isinstance(row.peer, Limit):
            return [row.peer.value], {}
        samples = self.samples[row.peer]
        return [(row.peer_value or row.value)(sample) for sample in samples], cost_of(samples)


def spread(values: Sequence[float]) -> float:
    """(highest - lowest) / median, or where that is 0 / highest; 0 where all are alike."""
    width = max(values) - min(values)
    return width / (median(values) or max(values)) if width else 0.0


def cost_of(samples: Sequence[Sample]) -> dict[str, float]:
    """Medians of wall and CPU seconds, and the highest peak."""
    return {
        "wall_seconds": tidy(median(sample.seconds for sample in samples)),
        "cpu_seconds": tidy(median(sample.cpu for sample in samples)),
        "peak_gb": tidy(max(sample.peak for sample in samples) / 1e9),
    }


def tidy(value: float) -> float:
    """Four figures: more would be noise."""
    return float(f"{value:.4g}")
