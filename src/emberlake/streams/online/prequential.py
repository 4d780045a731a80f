"""How good predictions were that were made before the outcome was known: over all, over the last, and fading."""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass

WINDOW = 1000
# An error counts half as much 693 events later.
FADING = 0.999
_BINS = 500
_TOO_LARGE = 1e100
_SURE = 1e-6


@dataclass(frozen=True)
class Measure:
    """One measure at one moment; NaN where it is not defined.

    Attributes:
        so_far: over all events.
        rolling: over the last `WINDOW`.
        fading: each event weighs `FADING` times as much as the next one (Gama, Sebastião, Rodrigues 2013).
    """

    name: str
    so_far: float
    rolling: float
    fading: float


class _Sums:
    """Weighted sums that MAE and R² come from."""

    def __init__(self, fading: float) -> None:
        self.fading = fading
        self.weight = self.off = self.square = self.mean = self.spread = 0.0

    def add(self, said: float, came: float) -> None:
        keep, off = self.fading, came - said
        self.weight = keep * self.weight + 1
        self.off = keep * self.off + abs(off)
        self.square = keep * self.square + off * off
        # Welford's step with weights: the difference of two large sums of squares would lose digits.
        before = came - self.mean
        self.mean += before / self.weight
        self.spread = keep * self.spread + before * (came - self.mean)

    def mae(self) -> float:
        return self.off / self.weight if self.weight else math.nan

    def r2(self) -> float:
        return 1 - self.square / self.spread if self.spread > 0 else math.nan


class ValueJudge:
    """MAE and R² of predictions of an amount."""

    def __init__(self, window: int = WINDOW, fading: float = FADING) -> None:
        self.events = 0
        self._all, self._fading = _Sums(1.0), _Sums(fading)
        self._last: deque[tuple[float, float]] = deque(maxlen=window)

    def tell(self, said: float, came: float) -> None:
        """One prediction and, after it, what it came to."""
        self.events += 1
        self._all.add(said, came)
        self._fading.add(said, came)
        self._last.append((said, came))

    def measures(self) -> tuple[Measure, ...]:
        """MAE, in the label's unit, and R²."""
        rolling = _Sums(1.0)
        for pair in self._last:
            rolling.add(*pair)
        return (
            Measure("mae", self._all.mae(), rolling.mae(), self._fading.mae()),
            Measure("r2", self._all.r2(), rolling.r2(), self._fading.r2()),
        )


class _Chances:
    """Weighted log loss, and the area under the ROC curve from scores in bins."""

    def __init__(self, fading: float) -> None:
        # Instead of all that was being made lighter, what comes is made heavier.
        self.growth, self.one = 1 / fading, 1.0
        self.weight = self.loss = 0.0
        self.yes, self.no = [0.0] * _BINS, [0.0] * _BINS

    def add(self, said: float, came: bool) -> None:
        self.one *= self.growth
        if self.one > _TOO_LARGE:
            self.weight, self.loss = self.weight / self.one, self.loss / self.one
            self.yes, self.no = [w / self.one for w in self.yes], [w / self.one for w in self.no]
            self.one = 1.0
        self.weight += self.one
        self.loss += self.one * log_loss(said, came)
        place = min(int(said * _BINS), _BINS - 1)
        (self.yes if came else self.no)[place] += self.one

    def log_loss(self) -> float:
        return self.loss / self.weight if self.weight else math.nan

    def auc(self) -> float:
        """The chance that a yes scored higher than a no; within a bin they are even."""
        yes, no = sum(self.yes), sum(self.no)
        if not yes or not no:
            return math.nan
        below = won = 0.0
        for hit, miss in zip(self.yes, self.no, strict=True):
            won += hit * (below + miss / 2)
            below += miss
        return won / (yes * no)


class ChanceJudge:
    """Log loss and ROC AUC of predicted chances. AUC is taken from 500 bins of the score."""

    def __init__(self, window: int = 5 * WINDOW, fading: float = FADING) -> None:
        self.events = 0
        self._all, self._fading = _Chances(1.0), _Chances(fading)
        self._last: deque[tuple[float, bool]] = deque(maxlen=window)

    def tell(self, said: float, came: bool) -> None:
        """One chance, from 0 to 1, and, after it, whether it came."""
        self.events += 1
        self._all.add(said, came)
        self._fading.add(said, came)
        self._last.append((said, came))

    def measures(self) -> tuple[Measure, ...]:
        """Log loss (nats) and ROC AUC."""
        rolling = _Chances(1.0)
        for pair in self._last:
            rolling.add(*pair)
        return (
            Measure("log_loss", self._all.log_loss(), rolling.log_loss(), self._fading.log_loss()),
            Measure("roc_auc", self._all.auc(), rolling.auc(), self._fading.auc()),
        )


def log_loss(said: float, came: bool) -> float:
    """Surprise at what came, nats; a chance is taken for no surer than one in a million."""
    return -math.log(min(max(said if came else 1 - said, _SURE), 1.0))
