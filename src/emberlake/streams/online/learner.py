"""What every learner can do, so that one way of keeping its state serves them all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import pyarrow as pa

    from emberlake.streams.online.prequential import Measure


class Judge(Protocol):
    """What is kept of a model's errors."""

    def measures(self) -> tuple[Measure, ...]:
        """How good it is by now."""
        ...


@dataclass(frozen=True)
class Happening:
    """A drift, a promotion, or one that was undone.

    Attributes:
        event: after how many events.
        what: drift, promoted, undone.
        old, new: champion before and after; of a drift, the model that begins anew, twice.
    """

    event: int
    what: str
    old: str
    new: str
    why: str = ""


@dataclass(frozen=True)
class Row:
    """How good one model is by one measure.

    Attributes:
        role: served, champion, challenger or baseline.
    """

    model: str
    role: str
    measure: Measure


@dataclass(frozen=True)
class Summary:
    """How far a learner has come.

    Attributes:
        events: learned.
        copies: of events known already, left out.
        unusable: without what is to be learned, left out.
        at: time of the newest event, seconds since the epoch, UTC.
    """

    events: int
    copies: int
    unusable: int
    at: float


class Learner(Protocol):
    """What takes events in their order and nothing else: no clock, no file, no draw that its state does not hold."""

    name: str

    def take(self, rows: pa.Table) -> list[Happening]: ...

    def rows(self) -> list[Row]: ...

    def summary(self) -> Summary: ...

    def undo(self) -> Happening: ...
