"""Intervals from the errors of forecasts made in the past: conformal prediction, scaled to the level.

Lei et al., "Distribution-free predictive inference for regression" (2018), with errors of rolling origins.
"""

from __future__ import annotations

import numpy as np

from emberlake.models.demand.seasons import Array

LEVELS = (80, 95)
# Between counts, whose noise grows with the root of the level (0.5), and effects, which multiply it (1): with 0.5
# intervals held 59 % around Black Friday, with 1 91 %, with this 81 % (docs/decisions/0087).
POWER = 0.75
_LEAST = 0.1


def spread(expected: Array) -> Array:
    """The unit in which errors around this forecast are measured."""
    unit: Array = np.maximum(expected, _LEAST) ** POWER
    return unit


def scores(expected: Array, actual: Array) -> Array:
    """How far days were from their forecast, in units of `spread`; above zero where more was sold."""
    far: Array = (actual - expected) / spread(expected)
    return far


def quantiles(past: Array) -> dict[str, float]:
    """The scores between which each level's share of the past lies, widened as conformal prediction asks for few.

    Returns:
        low_80, high_80, low_95, high_95.
    """
    n, found = len(past), {}
    ordered = np.sort(past)
    for level in LEVELS:
        tail = (100 - level) / 200
        below = max(int(np.floor(tail * (n + 1))), 1) - 1
        found[f"low_{level}"] = float(ordered[below])
        found[f"high_{level}"] = float(ordered[n - 1 - below])
    return found


def bounds(expected: Array, ends: dict[str, float]) -> dict[str, Array]:
    """The ends of the intervals around a forecast, never below zero."""
    unit = spread(expected)
    return {name: np.maximum(expected + unit * end, 0) for name, end in ends.items()}
