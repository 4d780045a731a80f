"""A series: contestants that take turns (A B C, A B C, …), and the rows that are read off their samples."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.meter import BenchError, Sample
from bench.rows import Measured, Row

if TYPE_CHECKING:
    from bench.stage import Stage


@dataclass
class Round:
    """One turn of all contestants.

    Attributes:
        roots: folders by the name of the contestant that made them, for those that go on with one.
    """

    stage: Stage
    number: int
    roots: dict[str, Path] = field(default_factory=dict)

    def root(self, name: str) -> Path:
        """A folder for this contestant and round that does not exist yet; it is removed after the round."""
        self.roots[name] = self.stage.fresh(name, self.number)
        return self.roots[name]


@dataclass(frozen=True)
class Contestant:
    """Somebody who is measured.

    Attributes:
        run: one measured run.
        estimate: seconds that a run takes, about, on a quiet machine with two cores.
        after: contestants whose turn must have come before in the same round.
        prepare: what has to be there, made once and not measured.
        prepare_estimate: seconds for that.
    """

    name: str
    run: Callable[[Round], Sample]
    estimate: float
    after: tuple[str, ...] = ()
    prepare: Callable[[Stage], Any] | None = None
    prepare_estimate: float = 0.0


@dataclass(frozen=True)
class Series:
    """Contestants in the order of their turns, and the rows."""

    name: str
    contestants: tuple[Contestant, ...]
    rows: tuple[Row, ...]

    def chosen(self, rows: Sequence[Row]) -> list[Contestant]:
        """The contestants that these rows need, in order."""
        by_name = {contestant.name: contestant for contestant in self.contestants}
        needed: set[str] = set()
        waiting = [name for row in rows for name in row.needs]
        while waiting:
            name = waiting.pop()
            if name not in needed:
                needed.add(name)
                waiting += by_name[name].after
        return [contestant for contestant in self.contestants if contestant.name in needed]

    def estimate(self, rows: Sequence[Row], runs: int) -> float:
        """Seconds for these rows, about."""
        contestants = self.chosen(rows)
        # What several share is prepared once.
        prepared = {contestant.prepare: contestant.prepare_estimate for contestant in contestants}
        return sum(prepared.values()) + runs * sum(contestant.estimate for contestant in contestants)


Tell = Callable[[str, float], None]


def run_series(series: Series, rows: Sequence[Row], runs: int, stage: Stage, tell: Tell) -> list[Measured]:
    """Measure the rows; one whose contestant fails carries the error, and the others go on.

    Args:
        tell: told what is done now, and for how many seconds it was estimated, before it is done.
    """
    contestants = series.chosen(rows)
    samples: dict[str, list[Sample]] = {contestant.name: [] for contestant in contestants}
    failed: dict[str, str] = {}
    shared: set[Any] = set()
    for contestant in contestants:
        if contestant.prepare and contestant.prepare not in shared:
            tell(f"{series.name}: preparing {contestant.name}", contestant.prepare_estimate)
            _try(contestant.name, failed, lambda c=contestant: c.prepare(stage))  # type: ignore[misc]
            # A shared one that failed is tried again, so that each who needs it has its error.
            shared |= {contestant.prepare} - {c.prepare for c in contestants if c.name in failed}
    for number in range(runs):
        turn = Round(stage, number)
        for contestant in contestants:
            tell(f"{series.name}: {contestant.name}, run {number + 1} of {runs}", contestant.estimate)
            lost = [name for name in (contestant.name, *contestant.after) if name in failed]
            if lost:
                failed.setdefault(contestant.name, f"needs {lost[0]}, which failed: {failed[lost[0]]}")
                continue
            sample = _try(contestant.name, failed, lambda c=contestant, t=turn: c.run(t))  # type: ignore[misc]
            if sample is not None:
                samples[contestant.name].append(sample)
        stage.forget(turn.roots.values())
    return [_measured(row, samples, failed) for row in rows]


def _measured(row: Row, samples: dict[str, list[Sample]], failed: dict[str, str]) -> Measured:
    # One that is only shown beside may fail without spoiling the row.
    lost = [name for name in row.needs if name in failed and name not in row.beside]
    return Measured(row, samples, f"{lost[0]}: {failed[lost[0]]}" if lost else "")


def _try(name: str, failed: dict[str, str], action: Callable[[], Any]) -> Any:
    try:
        return action()
    except BenchError as error:
        failed[name] = str(error)
    except Exception as error:
        failed[name] = f"{type(error).__name__}: {error}"
    return None


class Clock:
    """How long is left, from the estimates and how right they were so far."""

    def __init__(self, total: float) -> None:
        self.total, self._done, self._doing = max(total, 1.0), 0.0, 0.0
        self._begun = time.monotonic()

    def next(self, estimate: float) -> None:
        """The thing before is done; one of this estimate begins."""
        self._done += self._doing
        self._doing = estimate

    @property
    def fraction(self) -> float:
        return min(self._done / self.total, 1.0)

    def left(self) -> float:
        """Seconds left."""
        spent = time.monotonic() - self._begun
        # Until a tenth is done, the estimates know better than one short run.
        pace = spent / self._done if self._done > 0.1 * self.total else 1.0
        return max((self.total - self._done) * pace, 0.0)
