"""Users of a trial as arrays, and what they sum to: written apart from the engine's way."""

from __future__ import annotations

import numpy as np

from emberlake.trials.moments import Moments


def moments(x, y=None, cx=None, cy=None) -> Moments:
    """Moments of users, one entry each, straight from the definition."""
    x = np.asarray(x, dtype=float)
    given = [x, *(np.zeros_like(x) if v is None else np.asarray(v, dtype=float) for v in (y, cx, cy))]
    rows = np.stack(given)
    return Moments(float(len(x)), rows.sum(axis=1), rows @ rows.T)
