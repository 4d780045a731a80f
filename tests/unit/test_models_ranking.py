"""Measures of lists, against scikit-learn and against sums done by hand."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import ndcg_score

from emberlake.models.taste.ranking import average_precision, best, ndcg, recall


def test_ndcg_is_scikit_learns():
    draw = np.random.default_rng(1)
    scores, wanted = draw.random((50, 40)), draw.random((50, 40)) < 0.1
    wanted[:, 0] = True
    hits = np.take_along_axis(wanted, best(scores, 10), axis=1)
    ours = ndcg(hits, wanted.sum(axis=1)).mean()
    assert ours == pytest.approx(ndcg_score(wanted, scores, k=10), abs=1e-12)


def test_measures_of_one_list_by_hand():
    hits, relevant = np.array([[True, False, True, False]]), np.array([4])
    assert average_precision(hits, relevant) == pytest.approx([(1 + 2 / 3) / 4])
    assert recall(hits, relevant) == pytest.approx([0.5])
    assert ndcg(hits, relevant) == pytest.approx([1.5 / (1 + 1 / np.log2(3) + 0.5 + 1 / np.log2(5))])


def test_of_equal_scores_the_first_product_comes_first():
    assert best(np.array([[1.0, 3.0, 1.0, 1.0], [0.0, 0.0, 0.0, 0.0]]), 2).tolist() == [[1, 0], [0, 1]]
