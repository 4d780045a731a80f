"""When things happen: the shop's hours from 2024 to 2026, its busy seasons, and the experiment's two months."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache

import numpy as np

from emberlake.synth.draws import Array

START = datetime(2024, 1, 1, tzinfo=UTC)
DAYS = 731
HOURS = DAYS * 24
END = START + timedelta(days=DAYS)
# Increments are dated in the year after the history.
MOST_INCREMENTS = 365
SECOND = 1_000_000
START_S = int(START.timestamp())
END_S = int(END.timestamp())

EXPERIMENT = "checkout-2025"
EXPERIMENT_FROM = date(2025, 9, 1)
EXPERIMENT_UNTIL = date(2025, 11, 1)
UPLIFT = 0.20

GROWTH_A_YEAR = 0.25
MONTHS = (0.92, 0.88, 0.95, 0.96, 1.00, 0.97, 0.90, 0.88, 0.98, 1.02, 1.15, 1.35)
WEEKDAYS = (1.05, 1.00, 0.96, 0.98, 1.02, 0.92, 1.15)
HOURS_OF_DAY = (
    0.35, 0.22, 0.15, 0.12, 0.12, 0.18, 0.35, 0.60, 0.85, 1.00, 1.10, 1.15,
    1.25, 1.15, 1.05, 1.05, 1.15, 1.30, 1.55, 1.85, 2.10, 1.90, 1.30, 0.75,
)  # fmt: skip
BLACK_FRIDAYS = (date(2024, 11, 29), date(2025, 11, 28), date(2026, 11, 27))
BLACK_FRIDAY_PEAK = 4.0
CYBER_WEEK_PEAK = 1.8


@dataclass(frozen=True)
class Tempo:
    """The order intensity of one variant, hour by hour.

    Attributes:
        before: intensity summed over the hours before each hour; one entry more than hours.
        hour_of: the hour that each unit of summed intensity falls into: the inverse of `before`.
    """

    before: Array
    hour_of: Array


def day_number(day: date) -> int:
    """Days since the history's first day."""
    return (day - START.date()).days


def in_cyber_week(day: date) -> bool:
    """Whether it is Black Friday or one of the three days after it."""
    return any(0 <= (day - friday).days <= 3 for friday in BLACK_FRIDAYS)


def _day_factor(number: int) -> float:
    day = START.date() + timedelta(days=number)
    peak = BLACK_FRIDAY_PEAK if day in BLACK_FRIDAYS else CYBER_WEEK_PEAK if in_cyber_week(day) else 1.0
    return (1 + GROWTH_A_YEAR * number / 365) * MONTHS[day.month - 1] * WEEKDAYS[day.weekday()] * peak


@cache
def tempo(treated: bool) -> Tempo:
    """The intensity of orders for users in control (False) or treatment (True)."""
    days = DAYS + MOST_INCREMENTS
    per_day = np.array([_day_factor(number) for number in range(days)])
    if treated:
        per_day[day_number(EXPERIMENT_FROM) : day_number(EXPERIMENT_UNTIL)] *= 1 + UPLIFT
    # About 60 units an hour: fine enough for the night, and the inverse still fits the processor's cache.
    units = np.floor(per_day[:, None] * np.array(HOURS_OF_DAY)[None, :] * 48 + 0.5).astype(np.int64).ravel()
    hour_of = np.repeat(np.arange(len(units), dtype=np.uint16), units)
    return Tempo(np.concatenate(([0], np.cumsum(units))), hour_of)
