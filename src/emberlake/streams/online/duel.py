"""A champion and a challenger on the same events: who predicts, and when the other takes over."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from emberlake.streams.online.learner import Happening, Judge, Row

WINDOW, MARGIN = 1000, 0.01


@dataclass(frozen=True)
class Promotion:
    """A challenger that took over.

    Attributes:
        event: after how many events.
        old_loss, new_loss: mean loss of the old and the new champion over the events that were compared.
        low, high: interval of the mean of the differences, old less new.
    """

    event: int
    old: str
    new: str
    old_loss: float
    new_loss: float
    low: float
    high: float


class Duel:
    """The rule by which a challenger becomes the champion.

    Events are compared in windows that share none. A challenger is promoted after a window in which its mean loss is
    less by the margin, and in which the whole interval of the paired differences (bootstrap, 95 %) is above zero.
    After that no window is judged for as long as `rest` says, and the way back needs the same margin in the other
    direction: two models that are equally good do not take turns.

    Args:
        champion, challenger: their names.
        window: events a verdict.
        margin: by which share of the champion's loss the challenger's is to be less.
        rest: events after a promotion, or after one was undone, that count for nothing.
    """

    def __init__(
        self, champion: str, challenger: str, window: int = WINDOW, margin: float = MARGIN, rest: int = WINDOW
    ) -> None:
        self.champion, self.challenger = champion, challenger
        self.window, self.margin, self.rest = window, margin, rest
        self.events = 0
        self._resting = 0
        self._old: list[float] = []
        self._new: list[float] = []

    def tell(self, champion_loss: float, challenger_loss: float) -> Promotion | None:
        """What one event cost both; the promotion that follows from it, which is already carried out."""
        self.events += 1
        if self._resting:
            self._resting -= 1
            return None
        self._old.append(champion_loss)
        self._new.append(challenger_loss)
        if len(self._old) < self.window:
            return None
        promotion = self._verdict()
        self._old, self._new = [], []
        if promotion:
            self.swap()
        return promotion

    def swap(self) -> None:
        """Champion and challenger change places, and both rest; undoes a promotion as well."""
        self.champion, self.challenger = self.challenger, self.champion
        self.begin_again()

    def undo(self, event: int) -> Happening:
        """The champion before comes back; told after so many events."""
        old = self.champion
        self.swap()
        return Happening(event, "undone", old, self.champion)

    def rows(self, served: str, judges: Mapping[str, Judge]) -> list[Row]:
        """How good each judged model is by now, and which part it plays; `served` is the one that answers."""
        roles = {served: "served", self.champion: "champion", self.challenger: "challenger"}
        return [
            Row(name, roles.get(name, "baseline"), measure)
            for name, judge in judges.items()
            for measure in judge.measures()
        ]

    def begin_again(self) -> None:
        """Judge only what comes after a rest: one of the two is another model now."""
        self._resting = self.rest
        self._old, self._new = [], []

    def _verdict(self) -> Promotion | None:
        from emberlake.models.comparison import gain_interval

        old, new = np.array(self._old), np.array(self._new)
        before, after = float(old.mean()), float(new.mean())
        if before - after <= self.margin * before:
            return None
        low, high = gain_interval(old - new)
        if low <= 0:
            return None
        return Promotion(self.events, self.champion, self.challenger, before, after, float(low), float(high))
