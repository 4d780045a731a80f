"""Measures of models, against scikit-learn and by hand."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score, roc_auc_score

from emberlake.errors import ModelError
from emberlake.models.churn.training import moments_of
from emberlake.models.classification import by_group, calibration_error, ranking

outcomes = st.lists(st.tuples(st.integers(0, 20), st.booleans()), min_size=2, max_size=200).filter(
    lambda rows: len({came for _, came in rows}) == 2
)


def counts(rows):
    """Rows by score, the highest first."""
    table = {}
    for score, came in rows:
        positives, seen = table.get(score, (0, 0))
        table[score] = (positives + came, seen + 1)
    return np.array([(score / 20, *table[score]) for score in sorted(table, reverse=True)], dtype=float)


@given(outcomes)
def test_ranking_from_counts_is_that_of_single_rows(rows):
    scores, came = zip(*rows, strict=True)
    measures = ranking(counts(rows))
    assert measures["roc_auc"] == pytest.approx(roc_auc_score(came, scores))
    assert measures["pr_auc"] == pytest.approx(average_precision_score(came, scores))


@given(outcomes)
def test_groups_hold_every_row_once(rows):
    groups = by_group(counts(rows))
    assert groups[:, 2].sum() == len(rows)
    assert groups[:, 1].sum() == sum(came for _, came in rows)


def test_groups_are_the_highest_scores_first():
    table = np.array([[0.9, 9, 10], [0.1, 1, 10]], dtype=float)
    assert by_group(table, 2).tolist() == [[0.9, 9, 10], [0.1, 1, 10]]


def test_calibration_error_is_the_mean_distance_by_hand():
    # Two halves: 0.9 was said where 0.7 came, and 0.2 where 0.3 came.
    table = np.array([[0.9, 7, 10], [0.2, 3, 10]], dtype=float)
    assert calibration_error(table) == pytest.approx((0.2 + 0.1) / 2)


def test_moments_are_apart_and_what_follows_them_is_known_at_the_holdouts():
    moments = moments_of(dt.datetime(2024, 1, 1), dt.datetime(2026, 1, 1))
    assert moments[:3] == [dt.datetime(2025, 10, 3), dt.datetime(2025, 7, 5), dt.datetime(2025, 5, 21)]
    assert len(moments) == 8


def test_the_shortest_history_has_one_moment_to_learn_from():
    assert moments_of(dt.datetime(2025, 1, 6), dt.datetime(2026, 1, 1)) == [
        dt.datetime(2025, 10, 3),
        dt.datetime(2025, 7, 5),
    ]
    with pytest.raises(ModelError, match="span 359 days"):
        moments_of(dt.datetime(2025, 1, 7), dt.datetime(2026, 1, 1))
