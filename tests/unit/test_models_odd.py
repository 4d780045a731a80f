"""What a detector is measured by, beside scikit-learn's."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score

from emberlake.models.odd.injection import average_precision


@given(seed=st.integers(0, 10_000), n=st.integers(2, 80), steps=st.integers(1, 40))
def test_average_precision_is_that_of_scikit_learn(seed, n, steps):
    random = np.random.default_rng(seed)
    # Few steps: many equal scores.
    scores, odd = random.integers(0, steps, n) / steps, random.random(n) < 0.3
    odd[0] = True
    assert average_precision(scores, odd) == pytest.approx(average_precision_score(odd, scores))


def test_nothing_odd_is_no_precision():
    assert average_precision(np.array([1.0, 2.0]), np.array([False, False])) == 0.0
    assert average_precision(np.array([]), np.array([], dtype=bool)) == 0.0
