"""What the calendar does to a shop's sales: weekdays, months, Black Friday and the days after it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]

# Ridge penalties on logarithms, in days of average sales: a month seen once is believed, a trend needs more.
_TREND, _WEEKDAY, _PEAK, _MONTH = 2.0, 1.0, 0.02, 0.5
_STEPS = 12
_AFTER = 3


def black_friday(year: int) -> date:
    """The day after the fourth Thursday of November."""
    first = date(year, 11, 1)
    return first + timedelta(days=(3 - first.weekday()) % 7 + 22)


def factors(total: Array, days: Array, every: Array) -> Array:
    """By how much the calendar lifts or lowers sales on each day; its trend is not in it.

    Poisson regression with a ridge (le Cessie, van Houwelingen 1992, on counts) on all categories together: the shop
    as a whole has far less noise than one category, and the calendar is the same for all.

    Args:
        total: the whole shop's pieces a day.
        days: those days, datetime64[D].
        every: the days that are asked about.

    Returns:
        A factor for each of `every`; 1 where nothing was learnt.
    """
    if not total.any():
        return np.ones(len(every))
    origin, scale = days[-1], total.mean()
    penalty = np.r_[0.0, _TREND, [_WEEKDAY] * 7, [_PEAK] * 2, [_MONTH] * 12]
    known = _design(days, origin)
    beta = np.zeros(known.shape[1])
    for _ in range(_STEPS):
        expected = np.exp(np.clip(known @ beta, -10, 10))
        slope = known.T @ (total / scale - expected) - penalty * beta
        curve = (known * expected[:, None]).T @ known + np.diag(penalty) + 1e-9 * np.eye(len(beta))
        beta = beta + np.clip(np.linalg.solve(curve, slope), -2, 2)
    lifted: Array = np.exp(_design(every, origin)[:, 2:] @ beta[2:])
    return lifted


def _design(days: Array, origin: Any) -> Array:
    months = days.astype("datetime64[M]").astype(int) % 12
    # 1970 began on a Thursday.
    weekdays = (days.astype("datetime64[D]").astype(int) + 3) % 7
    years = days.astype("datetime64[Y]").astype(int) + 1970
    fridays = np.array([black_friday(int(year)) for year in years], dtype="datetime64[D]")
    after = (days - fridays).astype(int)
    time = (days - origin).astype(int) / 365
    peaks = np.stack([after == 0, (after > 0) & (after <= _AFTER)], axis=1)
    return np.column_stack([np.ones(len(days)), time, np.eye(7)[weekdays], peaks, np.eye(12)[months]])
