"""Differences and intervals, beside scipy and formulas written out."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats
from tests.trial_rows import moments

from emberlake.errors import TrialError
from emberlake.trials.comparison import corrected, difference

RNG = np.random.default_rng(11)
BEFORE = RNG.gamma(2.0, 10.0, 900)
SPENT = BEFORE * 0.8 + RNG.gamma(2.0, 8.0, 900)
A, B = slice(0, 500), slice(500, 900)


def test_means_are_compared_as_welch_does():
    found = difference("mean", moments(SPENT[A]), moments(SPENT[B] * 1.1))
    peer = stats.ttest_ind(SPENT[B] * 1.1, SPENT[A], equal_var=False)
    interval = peer.confidence_interval(0.95)
    assert found.p == pytest.approx(peer.pvalue, rel=1e-9)
    assert (found.low, found.high) == pytest.approx((interval.low, interval.high), rel=1e-9)
    assert found.relative == pytest.approx(np.mean(SPENT[B] * 1.1) / np.mean(SPENT[A]) - 1, rel=1e-12)
    assert found.saved is None


def test_shares_are_means_of_zeros_and_ones():
    # 100 of 500 against 120 of 400: by hand 0.2 and 0.3, variances p(1-p)n/(n-1).
    found = difference("share", moments([1] * 100 + [0] * 400), moments([1] * 120 + [0] * 280))
    error = (0.2 * 0.8 / 499 + 0.3 * 0.7 / 399) ** 0.5
    assert (found.control, found.treatment) == (0.2, 0.3)
    assert found.high - found.absolute == pytest.approx(1.96 * error, rel=3e-3)
    assert found.absolute == pytest.approx(0.1)


def test_history_is_taken_out_as_a_regression_would():
    found = difference("mean", moments(SPENT[A], cx=BEFORE[A]), moments(SPENT[B], cx=BEFORE[B]))
    # Deng et al. 2013: theta = cov(x, c) / var(c) over everybody; compare x - theta * (c - mean of c).
    theta = np.cov(SPENT, BEFORE)[0, 1] / np.var(BEFORE, ddof=1)
    adjusted = SPENT - theta * (BEFORE - BEFORE.mean())
    peer = stats.ttest_ind(adjusted[B], adjusted[A], equal_var=False)
    assert found.absolute == pytest.approx(adjusted[B].mean() - adjusted[A].mean(), rel=1e-9)
    assert found.p == pytest.approx(peer.pvalue, rel=1e-6)
    plain = difference("mean", moments(SPENT[A]), moments(SPENT[B]))
    assert found.high - found.low < plain.high - plain.low
    assert found.saved == pytest.approx(np.corrcoef(SPENT, BEFORE)[0, 1] ** 2, abs=0.05)


def test_ratios_by_the_delta_method_agree_with_the_bootstrap():
    orders = RNG.poisson(2.0, 4000) + (RNG.random(4000) < 0.3)
    revenue = orders * RNG.gamma(3.0, 20.0, 4000)
    half = slice(0, 2000), slice(2000, 4000)
    found = difference("ratio", *(moments(revenue[h], orders[h]) for h in half))
    assert found.control == pytest.approx(revenue[half[0]].sum() / orders[half[0]].sum())
    values = []
    for _ in range(1500):
        a, b = (RNG.integers(h.start, h.stop, 2000) for h in half)
        values.append(revenue[b].sum() / orders[b].sum() - revenue[a].sum() / orders[a].sum())
    assert (found.high - found.low) / (2 * 1.96) == pytest.approx(np.std(values), rel=0.06)


def test_a_relative_interval_is_on_the_log_scale():
    found = difference("mean", moments(SPENT[A]), moments(SPENT[B] * 1.1))
    errors = [np.std(x, ddof=1) / x.mean() / len(x) ** 0.5 for x in (SPENT[A], SPENT[B])]
    half = 1.9632 * (errors[0] ** 2 + errors[1] ** 2) ** 0.5
    assert np.log1p(found.relative_high) - np.log1p(found.relative) == pytest.approx(half, rel=1e-3)


def test_holm_by_hand():
    # Sorted 0.01, 0.03, 0.04 times 3, 2, 1, never falling.
    assert corrected([0.04, 0.01, 0.03]) == pytest.approx([0.06, 0.03, 0.06])
    assert corrected([0.2]) == pytest.approx([0.2])
    assert corrected([]) == []


@pytest.mark.parametrize(
    ("kind", "control", "treatment", "problem"),
    [
        ("mean", moments([1.0]), moments([1.0, 2.0]), "fewer than two users"),
        ("mean", moments([0.0] * 9), moments([0.0, 1.0] * 9), "no variance"),
        ("share", moments([1.0] * 9), moments([1.0] * 9), "no variance"),
        ("ratio", moments([0.0] * 9, [0.0] * 9), moments([5.0, 6.0], [1.0, 1.0]), "nothing to divide by"),
        ("mean", moments([-1.0, -2.0, -4.0]), moments([1.0, 2.0, 4.0]), "not above zero"),
    ],
)
def test_what_cannot_be_compared_is_refused(kind, control, treatment, problem):
    with pytest.raises(TrialError, match=problem):
        difference(kind, control, treatment)


def test_without_history_nothing_is_saved():
    found = difference("mean", moments(SPENT[A], cx=[0] * 500), moments(SPENT[B], cx=[0] * 400))
    assert found.saved is None
