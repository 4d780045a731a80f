"""The calendar and the intervals of the forecast, on series whose truth is known."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from emberlake.models.demand.intervals import bounds, quantiles, scores
from emberlake.models.demand.methods import NAIVE, SMOOTHING, forecast
from emberlake.models.demand.seasons import black_friday, factors

DAYS = np.arange("2024-01-01", "2026-01-01", dtype="datetime64[D]")


def test_black_friday_is_the_day_after_thanksgiving():
    assert [black_friday(year) for year in (2024, 2025, 2026)] == [
        date(2024, 11, 29), date(2025, 11, 28), date(2026, 11, 27)
    ]  # fmt: skip


def test_a_calendar_peak_is_learnt():
    total = np.where(np.isin(DAYS, np.array(["2024-11-29", "2025-11-28"], dtype="datetime64[D]")), 4000.0, 1000.0)
    ahead = np.array(["2026-11-25", "2026-11-27"], dtype="datetime64[D]")
    plain, peak = factors(total, DAYS, ahead)
    assert peak / plain == pytest.approx(4, rel=0.05)


@pytest.mark.parametrize("level", [0.0, 5.0])
def test_a_constant_series_stays_what_it_is(level):
    units = np.full(200, level)
    assert forecast(SMOOTHING, units, units, DAYS[:200]) == pytest.approx(np.full(28, level), rel=0.01, abs=1e-9)


def test_the_seasonal_naive_repeats_the_last_week():
    units = np.arange(21.0)
    assert forecast(NAIVE, units, units, DAYS[:21])[:8].tolist() == [14, 15, 16, 17, 18, 19, 20, 14]


def test_intervals_hold_what_they_promise():
    draw = np.random.default_rng(7)
    expected = draw.uniform(20, 200, 20_000)
    units = expected + expected**0.75 * draw.standard_normal(20_000)
    ends = bounds(expected[10_000:], quantiles(scores(expected[:10_000], units[:10_000])))
    for level in (80, 95):
        inside = (units[10_000:] >= ends[f"low_{level}"]) & (units[10_000:] <= ends[f"high_{level}"])
        assert inside.mean() == pytest.approx(level / 100, abs=0.015)
