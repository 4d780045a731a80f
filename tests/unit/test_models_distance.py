"""Distances between histograms, against SciPy on the raw values and against numbers reckoned by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from emberlake.models.distance import chi_square, holm, joined, kolmogorov_smirnov, stability_index
from emberlake.models.drift import measure


def test_the_index_is_the_sum_of_differences_times_logarithms():
    # Half a row a bin: shares 10.5/22 and 11.5/22 against 20.5/32 and 11.5/32.
    p, q = (10.5 / 22, 11.5 / 22), (20.5 / 32, 11.5 / 32)
    by_hand = (q[0] - p[0]) * math.log(q[0] / p[0]) + (q[1] - p[1]) * math.log(q[1] / p[1])
    assert stability_index([10, 11], [20, 11]) == pytest.approx(by_hand, rel=1e-12)


def test_the_index_of_an_emptied_bin_is_large_and_finite():
    assert 0.25 < stability_index([100, 100], [200, 0]) < math.inf


@given(st.lists(st.integers(0, 8), min_size=5, max_size=200), st.lists(st.integers(0, 8), min_size=5, max_size=200))
def test_with_a_bin_for_each_value_the_test_is_scipys(before, after):
    counts = [np.bincount(values, minlength=9).tolist() for values in (before, after)]
    theirs = stats.ks_2samp(before, after, method="asymp")
    distance, p = kolmogorov_smirnov(*counts)
    assert distance == pytest.approx(theirs.statistic, abs=1e-12)
    assert p == pytest.approx(theirs.pvalue, abs=1e-9)


def test_levels_are_compared_as_scipy_does():
    before, after = [50, 30, 20], [30, 30, 40]
    theirs = stats.chi2_contingency([before, after])
    assert chi_square(before, after) == pytest.approx((theirs.statistic, theirs.pvalue))


def test_rare_levels_are_joined():
    # Four levels with one row each: together they are the one that the test can read.
    joined_by_hand = stats.chi2_contingency([[100, 4 + 40], [120, 0 + 40]], correction=False)
    found = chi_square([100, 40, 1, 1, 1, 1], [120, 40, 0, 0, 0, 0])
    alone = stats.chi2_contingency([[100, 40, 4], [120, 40, 0]], correction=False)
    assert found == pytest.approx((alone.statistic, alone.pvalue))
    assert found != pytest.approx((joined_by_hand.statistic, joined_by_hand.pvalue))


def test_nothing_on_one_side_proves_nothing():
    assert kolmogorov_smirnov([5, 5], [0, 0]) == (0.0, 1.0)
    assert chi_square([5, 5], [0, 0]) == (0.0, 1.0)
    assert chi_square([9, 0], [7, 0]) == (0.0, 1.0)


def test_bins_are_joined_to_tenths():
    assert joined([10] * 50, [1] * 50) == ([50] * 10, [5] * 10)


def test_holms_correction_by_hand():
    # 0.01 · 3, then 0.02 · 2, then 0.5 · 1.
    assert holm([0.02, 0.5, 0.01]) == pytest.approx([0.04, 0.5, 0.03])


def _histogram(values: np.ndarray, edges: np.ndarray) -> dict:
    counts = np.bincount(np.searchsorted(edges, values, side="right"), minlength=len(edges) + 1)
    return {"kind": "number", "edges": edges.tolist(), "counts": counts.tolist(), "nulls": 0}


def _sides(shift: float, seed: int) -> tuple[dict, dict]:
    random = np.random.default_rng(seed)
    before, now = {}, {}
    for number in range(12):
        old, new = random.normal(size=3_000), random.normal(size=3_000) + (shift if number == 0 else 0.0)
        edges = np.quantile(old, np.arange(1, 50) / 50)
        before[f"f{number}"], now[f"f{number}"] = _histogram(old, edges), _histogram(new, edges)
    return before, now


def test_planted_drift_is_found_in_its_feature_only():
    found = measure("m", 1, "2026-01-01", ("", ""), *_sides(shift=0.6, seed=7))
    assert [f.feature for f in found.drifted] == ["f0"]
    assert found.drifted[0].verdict == "large"
    assert (found.rows_before, found.rows_now) == (3_000, 3_000)


@pytest.mark.parametrize("seed", range(20))
def test_without_drift_all_is_quiet(seed):
    assert measure("m", 1, "2026-01-01", ("", ""), *_sides(shift=0.0, seed=seed)).drifted == []


def test_nulls_that_were_not_there_are_drift():
    before = {"f": {"kind": "number", "edges": [0.0], "counts": [500, 500], "nulls": 0}}
    now = {"f": {"kind": "number", "edges": [0.0], "counts": [350, 350], "nulls": 300}}
    found = measure("m", 1, "2026-01-01", ("", ""), before, now)
    assert found.features[0].verdict == "large"
    assert found.features[0].nulls_now == 0.3
