"""A customer's vector is the least-squares answer to their history, and what is not known falls back."""

from __future__ import annotations

import numpy as np
import pytest

from emberlake.models.taste.factors import NEVER, Factors, Histories

ALPHA, REGULARISATION = 10.0, 0.5
VECTORS = np.array([[1.0, 0.5], [0.2, -1.0], [0.3, 0.8]])
DOCUMENT = {
    "alpha": ALPHA, "regularisation": REGULARISATION, "items": [-5, 10, 30], "factors": VECTORS.tolist(),
    "products": [10, 20, 30], "popularity": [0.5, 0.3, 0.2], "categories": ["toys", "books", None],
}  # fmt: skip


def histories(*of: dict[int, float], looked: tuple[str | None, ...] | None = None) -> Histories:
    item = [number for one in of for number in one]
    owner = [place for place, one in enumerate(of) for _ in one]
    weight = [value for one in of for value in one.values()]
    users = np.arange(len(of))
    seen = np.array(looked or [None] * len(of), dtype=object)
    return Histories(users, np.array(item, int), np.array(weight, float), np.array(owner, int), seen)


def test_vectors_solve_the_weighted_ridge_regression():
    history = {-5: 2.0, 30: 1.0}
    found = Factors(DOCUMENT).vectors(histories({10: 1.0}, history, {}))
    # Confidence 1 + alpha r for what was done, 1 for the rest; the ridge counts what was done.
    confidence = np.diag([1 + ALPHA * 2.0, 1.0, 1 + ALPHA * 1.0])
    left = VECTORS.T @ confidence @ VECTORS + REGULARISATION * 2 * np.eye(2)
    right = VECTORS.T @ confidence @ np.array([1.0, 0.0, 1.0])
    assert found[1] == pytest.approx(np.linalg.solve(left, right))
    assert found[2] == pytest.approx([0, 0])


def test_what_was_bought_and_what_has_no_vector_is_not_shown():
    scores = Factors(DOCUMENT).scores(histories({10: 1.0, -5: 1.0}))
    assert scores[0, 0] == NEVER and scores[0, 1] == NEVER and scores[0, 2] > NEVER


def test_the_unknown_get_the_category_they_looked_at_and_then_what_is_popular():
    scores = Factors(DOCUMENT).scores(histories({}, {}, looked=("books", None)))
    assert np.argsort(-scores[0]).tolist() == [1, 0, 2] and scores[0].tolist() == pytest.approx([0.5, 1.3, 0.2])
    # A product without a category is not what somebody looked at who looked at nothing.
    assert scores[1].tolist() == pytest.approx([0.5, 0.3, 0.2])
