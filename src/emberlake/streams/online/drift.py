"""Whether the world has changed under a model: its errors, watched by ADWIN."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from emberlake.streams.online.checkout import Orders

if TYPE_CHECKING:
    from river.drift import ADWIN

DELTA = 0.002


class Drift:
    """ADWIN over errors (Bifet and Gavaldà 2007): the window is cut where its two parts differ by more than chance.

    Args:
        delta: the bound on false alarms that ADWIN's cut is made for; less is calmer and slower.
        warm: so many errors at first are not looked at: a model that learns gets better, and that is no drift.
    """

    def __init__(self, delta: float = DELTA, warm: int = 1000) -> None:
        from river.drift import ADWIN

        self.delta, self.warm = delta, warm
        self.events = 0
        self.found: list[int] = []
        self._adwin: ADWIN = ADWIN(delta=delta)

    def tell(self, error: float) -> bool:
        """One error, signed and at most about one in size; whether it shows that errors have changed."""
        self.events += 1
        if self.events <= self.warm:
            return False
        self._adwin.update(error)
        if not self._adwin.drift_detected:
            return False
        self.found.append(self.events)
        return True


def plant_drift(orders: Orders, begin: int, factor: float = 1.3) -> Orders:
    """The same orders, but from order number `begin` on they come to `factor` times as much at the same list prices."""
    later = np.where(np.arange(len(orders)) >= begin, factor, 1.0)
    lines = np.repeat(later, np.diff(orders.first))
    return replace(orders, amount=orders.amount * later, pieces=orders.pieces * lines)
