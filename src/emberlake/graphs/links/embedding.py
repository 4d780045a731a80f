"""Vectors of users whose products say how often a short random walk from the one comes by the other."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from emberlake.graphs.links.checking import checking
from emberlake.graphs.links.compact import Array, Compact

SIZES = (8, 16, 32, 64)
STEPS = 3


@dataclass(frozen=True)
class Embedding:
    """Eigenvectors of the normalised adjacency, the largest eigenvalues first.

    Attributes:
        vectors: a row a user.
        values: an eigenvalue a column.
        degree: of each user.
    """

    vectors: Array
    values: Array
    degree: Array

    def cut(self, size: int) -> Embedding:
        """The first columns only."""
        return Embedding(self.vectors[:, :size], self.values[:size], self.degree)

    def scores(self, a: Array, b: Array) -> Array:
        """How often walks of one to three steps from `a` come by `b`, as the vectors see it."""
        often = np.maximum(sum(self.values**step for step in range(1, STEPS + 1)) / STEPS, 0)
        near: Array = np.einsum("ij,ij->i", self.vectors[a] * often, self.vectors[b])
        # D^-1/2 N^r D^1/2 are the chances of r steps: a user with many neighbours is met more often.
        return near * np.sqrt((self.degree[b] + 1) / (self.degree[a] + 1))


def embed(net: Compact, seed: int) -> Embedding:
    """The vectors, of the size that foretells the newest known follows best.

    Sources: Chung, Spectral Graph Theory (1997), for the matrix; Qiu et al., "Network embedding as matrix
    factorization: unifying DeepWalk, LINE, PTE, and node2vec" (2018), for why these are what random walks learn.
    """
    check = checking(net, seed)
    sizes = [size for size in SIZES if size < len(net) - 1]
    size = sizes[0]
    if check is not None:
        tried = _vectors(check.before, sizes[-1])
        size = max(sizes, key=lambda size: (check.auc(tried.cut(size).scores(check.a, check.b)), -size))
    return _vectors(net, size)


def _vectors(net: Compact, size: int) -> Embedding:
    from scipy.sparse import diags
    from scipy.sparse.linalg import eigsh
    from threadpoolctl import threadpool_limits

    beside = net.beside()
    degree = np.asarray(beside.sum(axis=1)).ravel()
    # One neighbour more for everybody tames users with one or two: Amini et al., "Pseudo-likelihood methods for
    # community detection in large sparse networks" (2013).
    half = diags(1 / np.sqrt(degree + 1))
    # One thread, and a start that is no chance: the same vectors each time.
    with threadpool_limits(limits=1):
        values, vectors = eigsh(half @ beside @ half, k=size, which="LA", v0=np.sqrt(degree + 1))
    order = np.argsort(-values)
    return Embedding(vectors[:, order], values[order], degree)
