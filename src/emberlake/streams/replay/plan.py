"""What is to be played: which days, how fast, how often, and with which faults planted."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict, dataclass, field

from emberlake.errors import StreamError

SOURCES = ("orders", "clicks")


@dataclass(frozen=True)
class Faults:
    """How many events of each fault are planted; all of them in the first loop.

    Attributes:
        late: sent after an event of their topic that is `late_by` newer.
        duplicate: sent twice.
        malformed: a broken copy follows the event; the kinds take turns.
        out_of_order: sent after the next event of their topic, which is at most `disorder` newer.
        late_by: seconds of event time; more than the watermark's delay.
        disorder: seconds of event time; less than the watermark's delay.
    """

    late: int = 0
    duplicate: int = 0
    malformed: int = 0
    out_of_order: int = 0
    late_by: int = 3_600
    disorder: int = 300

    @property
    def total(self) -> int:
        """All of them."""
        return self.late + self.duplicate + self.malformed + self.out_of_order


@dataclass(frozen=True)
class Plan:
    """A replay.

    Attributes:
        start: first day; None: the shop's first.
        end: last day, within; None: the shop's last.
        topics: `orders`, `clicks` or both.
        speed: how many times faster than it happened; None: as fast as possible.
        rate: at most so many events a second.
        limit: at most so many events of each loop; None: all.
        loops: how often; 0: until it is stopped. Each loop has numbers and times of its own.
        fresh: give the first loop new numbers and times, too, as if the days came again after the shop's last.
        seed: decides which events the faults are planted in.
    """

    start: dt.date | None = None
    end: dt.date | None = None
    topics: tuple[str, ...] = SOURCES
    speed: float | None = None
    rate: float | None = None
    limit: int | None = None
    loops: int = 1
    fresh: bool = False
    seed: int = 42
    faults: Faults = field(default_factory=Faults)

    def __post_init__(self) -> None:
        """Refuse what cannot be played.

        Raises:
            StreamError: naming the option.
        """
        unknown = [name for name in self.topics if name not in SOURCES]
        if unknown or not self.topics:
            raise StreamError(
                f"There is no topic {', '.join(unknown) or 'given'} to play.", "Say orders, clicks or both."
            )
        for name in ("speed", "rate", "limit"):
            value = getattr(self, name)
            if value is not None and not value > 0:
                raise StreamError(f"--{name} is {value:g}.", "Give a number above 0, or leave it out for no limit.")
        if self.loops < 0 or min(asdict(self.faults).values()) < 0:
            raise StreamError("Loops and faults are counted from 0.", "--loops 0 plays until it is stopped.")
        if self.start and self.end and self.start > self.end:
            raise StreamError(f"The replay ends on {self.end} before it starts on {self.start}.", "Swap the two.")

    def told(self) -> dict[str, object]:
        """All that decides which messages come in which order, as JSON can carry it."""
        given = asdict(self)
        for name in ("speed", "rate"):
            del given[name]
        return given | {"start": str(self.start), "end": str(self.end), "topics": list(self.topics)}
