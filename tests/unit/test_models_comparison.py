"""Champion and challenger on the same units: the interval against theory, and what is no comparison."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from emberlake.errors import ModelError
from emberlake.models.comparison import FEWEST_UNITS, MOST_UNITS, compare_losses, gain_interval


def table(losses: list[float] | np.ndarray, units: list[int] | None = None) -> pa.Table:
    return pa.table({"unit": list(range(len(losses))) if units is None else units, "loss": pa.array(losses, "double")})


@pytest.fixture
def hard() -> np.ndarray:
    """What makes a unit hard for any model: far more than models differ."""
    return np.random.default_rng(1).exponential(100.0, 2_000)


def test_the_interval_is_that_of_the_central_limit_theorem():
    gains = np.random.default_rng(3).normal(0.5, 2.0, 4_000)
    low, high = gain_interval(gains)
    half = 1.959964 * gains.std(ddof=1) / np.sqrt(len(gains))
    assert low == pytest.approx(gains.mean() - half, abs=0.1 * half)
    assert high == pytest.approx(gains.mean() + half, abs=0.1 * half)


def test_of_many_units_some_are_enough():
    gains = np.random.default_rng(3).normal(0.5, 2.0, 3 * MOST_UNITS)
    low, high = gain_interval(gains)
    # Those drawn are a third: their interval is wider by the square root of three, and holds the whole's mean.
    assert low < gains.mean() < high
    assert high - low == pytest.approx(2 * 1.96 * 2.0 / np.sqrt(MOST_UNITS), rel=0.1)


def test_a_small_gain_on_every_unit_wins_although_units_differ_by_far_more(hard):
    found = compare_losses(table(hard), table(hard - 0.5))
    assert found.wins
    assert (found.gain, found.low, found.high) == pytest.approx((0.5, 0.5, 0.5))


def test_a_difference_that_may_be_chance_does_not_win():
    noise = np.random.default_rng(5).normal(0.0, 1.0, 1_000)
    noise -= noise.mean()
    found = compare_losses(table(np.full(1_000, 5.0)), table(5.0 - noise))
    assert not found.wins
    assert found.low < 0 < found.high
    assert "may be chance" in found.why


def test_the_same_model_does_not_win_against_itself(hard):
    found = compare_losses(table(hard), table(hard))
    assert (found.wins, found.gain, found.low, found.high) == (False, 0.0, 0.0, 0.0)


def test_units_are_joined_by_name_and_not_by_place(hard):
    units = list(range(len(hard)))
    found = compare_losses(table(hard, units), table((hard - 0.5)[::-1].copy(), units[::-1]))
    assert (found.low, found.high) == pytest.approx((0.5, 0.5))


def test_only_units_of_both_count():
    found = compare_losses(table([1.0] * 60, list(range(60))), table([0.5] * 60, list(range(20, 80))))
    assert (found.units, found.champion_loss, found.challenger_loss) == (40, 1.0, 0.5)


def test_too_few_units_win_nothing():
    few = FEWEST_UNITS - 1
    found = compare_losses(table([2.0] * few), table([1.0] * few))
    assert not found.wins
    assert f"Only {few} units" in found.why


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), None])
def test_losses_that_are_no_numbers_are_refused(bad):
    with pytest.raises(ModelError, match="the challenger are not one number a unit: 0 units twice, 1 not finite"):
        compare_losses(table([1.0, 1.0]), table([1.0, bad]))


def test_a_unit_that_comes_twice_is_refused():
    with pytest.raises(ModelError, match="the champion are not one number a unit: 1 units twice"):
        compare_losses(table([1.0, 1.0], [4, 4]), table([1.0, 1.0], [4, 5]))


def test_no_unit_in_common_is_no_comparison():
    with pytest.raises(ModelError, match="different units"):
        compare_losses(table([1.0], [1]), table([1.0], [2]))


@given(st.lists(st.floats(-1e6, 1e6), min_size=40, max_size=60), st.integers(0, 5))
def test_the_interval_holds_the_mean_and_never_lets_both_win(gains, seed):
    values = np.array(gains)
    champion, challenger = table(values), table(np.zeros(len(values)))
    found, other = compare_losses(champion, challenger, seed), compare_losses(challenger, champion, seed)
    slack = 1e-9 * max(1.0, np.abs(values).max())
    assert found.low - slack <= found.gain <= found.high + slack
    assert not (found.wins and other.wins)
