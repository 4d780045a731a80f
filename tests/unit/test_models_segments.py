"""Silhouettes beside scikit-learn's, and segments in words."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import silhouette_score

from emberlake.models.segments.naming import segment_names
from emberlake.models.segments.silhouette import nearest, silhouette, spread

FEATURES = ("log_recency", "log_orders", "log_value", "log_lines", "coupon_share", "level", "channel_web")


@given(seed=st.integers(0, 10_000), groups=st.integers(2, 5), n=st.integers(12, 60))
def test_the_silhouette_is_that_of_scikit_learn(seed, groups, n):
    random = np.random.default_rng(seed)
    points, labels = random.normal(size=(n, 3)), np.arange(n) % groups
    theirs = silhouette_score(points, labels, metric="sqeuclidean")
    assert silhouette(points, labels) == pytest.approx(theirs, abs=1e-9)


def test_one_group_has_no_silhouette_and_all_of_the_spread():
    points = np.array([[0.0, 1.0], [2.0, 3.0], [5.0, 0.0]])
    assert silhouette(points, np.zeros(3)) == 0.0
    assert spread(points, np.zeros(3)) == 1.0
    assert spread(points, np.arange(3)) == 0.0


def test_the_nearest_centre_is_the_nearest():
    assert nearest(np.array([[0.0], [4.0], [9.0]]), np.array([[1.0], [8.0]])).tolist() == [0, 0, 1]


def test_centres_are_told_where_they_differ_most():
    names = segment_names(
        FEATURES, np.array([[0.1, 1.2, 0.9, 0.0, -0.8, 0.2, 0.0], [0.0, -0.7, 0.0, 0.0, 1.1, -0.9, -1.5]])
    )
    assert names == ["often, large orders, full price", "seldom, with coupons, cheap products"]


def test_no_two_segments_have_the_same_name():
    middle = np.zeros((2, len(FEATURES)))
    middle[0, 0], middle[1, 0] = 0.01, 0.02
    names = segment_names(FEATURES, middle)
    assert len(set(names)) == 2 and names[0] == "like most customers"
