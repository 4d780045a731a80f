"""How well customers lie in their segments, by squared Euclidean distance: linear in the customers.

The mean squared distance of x to a group is |x|² - 2 x·m + E|y|², with the group's mean m: no pair is ever looked at.
Spark's ClusteringEvaluator does the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


def silhouette(points: NDArray[Any], labels: NDArray[Any]) -> float:
    """Mean silhouette (Rousseeuw 1987) of these points, -1 to 1; 0 where all have one label.

    Args:
        points: a row a point.
        labels: the group of each.
    """
    names, group, size = np.unique(labels, return_inverse=True, return_counts=True)
    if len(names) < 2:
        return 0.0
    mean = np.stack([points[group == g].mean(axis=0) for g in range(len(names))])
    square = (points**2).sum(axis=1)
    mean_square = np.bincount(group, weights=square) / size
    distance = np.maximum(square[:, None] - 2 * points @ mean.T + mean_square, 0.0)
    mine = np.arange(len(points)), group
    # A point is no neighbour of itself; one that is alone has a silhouette of 0.
    own = distance[mine] * size[group] / np.maximum(size[group] - 1, 1)
    distance[mine] = np.inf
    other = distance.min(axis=1)
    largest = np.maximum(own, other)
    value = np.where(largest > 0, (other - own) / np.where(largest > 0, largest, 1.0), 0.0)
    return float(np.where(size[group] > 1, value, 0.0).mean())


def spread(points: NDArray[Any], labels: NDArray[Any]) -> float:
    """What the groups leave of the points' variance: 1 for one group, 0 when all lie on their group's mean."""
    total = ((points - points.mean(axis=0)) ** 2).sum()
    within = sum(((mine - mine.mean(axis=0)) ** 2).sum() for mine in (points[labels == g] for g in np.unique(labels)))
    return float(within / total) if total > 0 else 1.0


def nearest(points: NDArray[Any], centres: NDArray[Any]) -> NDArray[Any]:
    """The number of the nearest centre of each point."""
    square: NDArray[Any] = (points**2).sum(axis=1)[:, None] - 2 * points @ centres.T + (centres**2).sum(axis=1)
    return square.argmin(axis=1)
