"""How good a ranked list is, for many customers at once.

Measures as in Järvelin and Kekäläinen, "Cumulated gain-based evaluation of IR techniques" (2002), with gains 0 and 1.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[Any]


def best(scores: Matrix, most: int) -> Matrix:
    """The columns of the highest scores of each row, the best first; of equal scores, the first column.

    Args:
        scores: a row a customer, a column a product.
    """
    most = min(most, scores.shape[1])
    if most == scores.shape[1]:
        return np.argsort(-scores, axis=1, kind="stable")
    # Enough of them that ties at the edge are cut by column, not by chance: the edge's value decides.
    edge = -np.partition(-scores, most - 1, axis=1)[:, most - 1 : most]
    above, level = scores > edge, scores == edge
    level &= np.cumsum(level, axis=1) <= most - above.sum(axis=1, keepdims=True)
    columns = np.nonzero(above | level)[1].reshape(len(scores), most)
    order = np.argsort(-np.take_along_axis(scores, columns, axis=1), axis=1, kind="stable")
    chosen: Matrix = np.take_along_axis(columns, order, axis=1)
    return chosen


def ndcg(hits: Matrix, relevant: Matrix) -> Matrix:
    """Normalised discounted cumulative gain of each row, 0 to 1.

    Args:
        hits: whether the product at each rank was wanted, the best rank first.
        relevant: how many products were wanted; at least one.
    """
    discount = 1 / np.log2(np.arange(2, hits.shape[1] + 2))
    ideal = np.cumsum(discount)[np.minimum(relevant, hits.shape[1]) - 1]
    gained: Matrix = (hits * discount).sum(axis=1) / ideal
    return gained


def average_precision(hits: Matrix, relevant: Matrix) -> Matrix:
    """Mean of the precision at each hit, over as many products as were wanted or could be shown; its mean is MAP."""
    precision = np.cumsum(hits, axis=1) / np.arange(1, hits.shape[1] + 1)
    mean: Matrix = (precision * hits).sum(axis=1) / np.minimum(relevant, hits.shape[1])
    return mean


def recall(hits: Matrix, relevant: Matrix) -> Matrix:
    """Share of the wanted products that are shown."""
    share: Matrix = hits.sum(axis=1) / relevant
    return share
