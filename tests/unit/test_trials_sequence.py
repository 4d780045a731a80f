"""Looking daily: the always-valid interval keeps its promise where the usual one does not."""

from __future__ import annotations

import numpy as np
import pytest
from tests.trial_rows import moments

from emberlake.trials import sequence
from emberlake.trials.comparison import difference

ALPHA = 0.05


def walks(n=4000, steps=400, seed=5):
    """Standard normal sums: the statistic under no effect, looked at after each step; and its variance."""
    steps_taken = np.random.default_rng(seed).standard_normal((n, steps))
    return steps_taken.cumsum(axis=1), np.arange(1, steps + 1)


def test_the_sequence_is_crossed_as_seldom_as_promised_and_the_usual_interval_is_not():
    sums, variance = walks()
    z = np.abs(sums) / np.sqrt(variance)
    width = sequence.width(variance, sequence.scale_for(200.0, ALPHA), ALPHA)
    assert (z > width).any(axis=1).mean() <= ALPHA
    assert (z > 1.96).any(axis=1).mean() > 0.30


def test_it_is_not_needlessly_wide():
    # Over an endless time it is crossed in exactly 5 % of cases; over much of it, in most of them.
    sums, variance = walks(n=3000, steps=3000)
    z = np.abs(sums) / np.sqrt(variance)
    width = sequence.width(variance, sequence.scale_for(200.0, ALPHA), ALPHA)
    assert (z > width).any(axis=1).mean() >= 0.02


def test_an_effect_is_found():
    sums, variance = walks(n=500)
    drifted = np.abs(sums + 0.3 * variance) / np.sqrt(variance)
    width = sequence.width(variance, sequence.scale_for(200.0, ALPHA), ALPHA)
    assert (drifted > width).any(axis=1).mean() > 0.95


def test_it_is_the_published_interval():
    # Waudby-Smith et al. 2024, theorem 2.2, for the mean of t observations of variance 1:
    # sqrt(2 (t rho^2 + 1) / (t^2 rho^2) * log(sqrt(t rho^2 + 1) / alpha)).
    t, rho2 = np.array([10.0, 100.0, 5000.0]), 0.02
    published = np.sqrt(2 * (t * rho2 + 1) / (t**2 * rho2) * np.log(np.sqrt(t * rho2 + 1) / ALPHA))
    assert sequence.width(t, 1 / rho2, ALPHA) / np.sqrt(t) == pytest.approx(published, rel=1e-12)


def test_the_scale_makes_it_narrowest_where_it_should_be():
    widths = [sequence.width(500.0, scale, ALPHA) for scale in np.geomspace(1, 5000, 400)]
    assert sequence.width(500.0, sequence.scale_for(500.0, ALPHA), ALPHA) == pytest.approx(min(widths), rel=1e-3)


def test_p_value_and_interval_say_the_same():
    variance, scale = 80.0, 12.0
    width = float(sequence.width(variance, scale, ALPHA))
    assert sequence.p_value(width, variance, scale) == pytest.approx(ALPHA, rel=1e-9)
    assert sequence.p_value(width + 0.1, variance, scale) < ALPHA
    assert sequence.p_value(0.0, variance, scale) == 1.0


def test_a_sequential_difference_is_wider_about_the_same_middle():
    rng = np.random.default_rng(3)
    a, b = moments(rng.gamma(2, 5, 800)), moments(rng.gamma(2, 5.4, 700))
    once = difference("mean", a, b)
    scale = sequence.scale_for(sequence.harmonic(800, 700) * 50.0, ALPHA)
    always = difference("mean", a, b, scale=scale)
    assert always.absolute == pytest.approx(once.absolute)
    assert always.low < once.low and always.high > once.high and always.p > once.p
    assert (always.low > 0) == (always.p < ALPHA)
    # Three standard errors or so at the planned end: 3.03 / 1.96.
    assert (always.high - always.low) / (once.high - once.low) == pytest.approx(3.03 / 1.96, rel=0.02)


def test_buying_again_and_again_does_not_break_it():
    # The same users on every day, each with a pace of his own: the sums' increments are correlated.
    rng = np.random.default_rng(8)
    users, days, trials = 600, 40, 600
    pace = rng.gamma(0.7, 0.3, users)
    crossed_always = crossed_once = 0
    for _ in range(trials):
        bought = rng.poisson(pace, (days, users)).cumsum(axis=0)
        side = rng.random(users) < 0.5
        a, b = bought[:, ~side], bought[:, side]
        m = sequence.harmonic(a.shape[1], b.shape[1])
        error = np.sqrt(a.var(axis=1, ddof=1) / a.shape[1] + b.var(axis=1, ddof=1) / b.shape[1])
        z = np.abs(b.mean(axis=1) - a.mean(axis=1)) / error
        scale = sequence.scale_for(m * (pace.mean() * days + pace.var() * days**2), ALPHA)
        crossed_always += bool((z > sequence.width((m * error) ** 2, scale, ALPHA)).any())
        crossed_once += bool((z > 1.96).any())
    assert crossed_always / trials <= ALPHA
    assert crossed_once / trials > 0.15
