"""How one category's days to come are said: the level that is left without the calendar, times the calendar."""

from __future__ import annotations

from typing import Any

import numpy as np

from emberlake.models.demand.seasons import Array, factors

HORIZON, WEEK = 28, 7
SMOOTHING, WINDOW, NAIVE, WEEKDAYS = "exponential smoothing", "mean of 56 days", "seasonal naive", "mean of 4 weeks"
# What a category may be given; the other two are what they have to beat, or what a short past allows.
CANDIDATES = (SMOOTHING, WINDOW)
FALLBACK = WEEKDAYS
_WINDOW_DAYS = 56


def forecast(method: str, units: Array, total: Array, days: Array, horizon: int = HORIZON) -> Array:
    """Expected pieces on each of the days after the last one.

    Args:
        method: one of the names above.
        units, total: pieces a day of the category and of the whole shop.
        days: those days without gaps, datetime64[D].
    """
    if method in (NAIVE, WEEKDAYS):
        return _repeated(units, 1 if method == NAIVE else 4, horizon)
    ahead = days[-1] + np.arange(1, horizon + 1)
    calendar = factors(total, days, np.concatenate((days, ahead)))
    plain = units / calendar[: len(days)]
    level: Array = np.maximum(_model(method, len(plain)).forecast(y=plain, h=horizon)["mean"], 0)
    return level * calendar[len(days) :]


def _repeated(units: Array, weeks: int, horizon: int) -> Array:
    """The last weeks' mean of each weekday, again and again; the mean of all days where there is no week."""
    if len(units) < WEEK:
        return np.full(horizon, units.mean())
    weeks = min(weeks, len(units) // WEEK)
    week = units[-weeks * WEEK :].reshape(weeks, WEEK).mean(axis=0)
    repeated: Array = np.tile(week, -(-horizon // WEEK))[:horizon]
    return repeated


def _model(method: str, days: int) -> Any:
    from statsforecast.models import SimpleExponentialSmoothingOptimized, WindowAverage

    if method == SMOOTHING and days > WEEK:
        return SimpleExponentialSmoothingOptimized()
    return WindowAverage(min(_WINDOW_DAYS, days))


def scale_of(units: Array) -> float:
    """Mean absolute change over a week, by which errors are scaled (Hyndman, Koehler 2006); 1 if nothing changes."""
    change = np.abs(units[WEEK:] - units[:-WEEK])
    return float(change.mean()) if change.any() else 1.0
