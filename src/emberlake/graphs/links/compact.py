"""A graph as arrays on the driver, for what is learnt in one process."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from pyspark.sql import functions as F

from emberlake.errors import GraphError

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

    from emberlake.graphs.graph import Graph

Array = npt.NDArray[Any]

# Vectors of 64 doubles for each user's end of an edge: 500 MB.
MOST_EDGES = 1_000_000
FEWEST_VERTICES = 20


@dataclass(frozen=True)
class Compact:
    """Follows as places among the users.

    Attributes:
        ids: of the users, ascending.
        src, dst: places, each follow once, by time (then by place).
    """

    ids: Array
    src: Array
    dst: Array

    def __len__(self) -> int:
        return len(self.ids)

    def first(self, follows: int) -> Compact:
        """The oldest of them, among the same users."""
        return Compact(self.ids, self.src[:follows], self.dst[:follows])

    def beside(self) -> Any:
        """The undirected adjacency matrix: 1 where either follows the other."""
        from scipy.sparse import csr_matrix

        matrix = csr_matrix((np.ones(len(self.src)), (self.src, self.dst)), (len(self), len(self)))
        both = matrix + matrix.T
        both.data[:] = 1
        return both

    def places(self, pairs: DataFrame) -> tuple[Array, Array, Array]:
        """Places of a and of b, and linked, of pairs of known users; sorted by id."""
        rows = pairs.select("a", "b", "linked").toArrow()
        a, b, linked = (rows.column(name).to_numpy() for name in ("a", "b", "linked"))
        order = np.lexsort((b, a))
        return np.searchsorted(self.ids, a[order]), np.searchsorted(self.ids, b[order]), linked[order]


def compact(graph: Graph) -> Compact:
    """Fetch a graph whose edges have the moment `at`.

    Raises:
        GraphError: if it has more edges than one process should hold, or too few users to learn from.
    """
    edges = graph.edges.where("src <> dst")
    count = edges.count()
    if count > MOST_EDGES:
        raise GraphError(
            f"{count:,} follows are more than the {MOST_EDGES:,} that one process can learn vectors from.",
            "Compare without them (network=False): the measures of pairs are counted by the engine, at any size.",
        )
    rows = edges.select("src", "dst", F.unix_micros("at").alias("at")).toArrow()
    src, dst = (rows.column(name).to_numpy() for name in ("src", "dst"))
    at = rows.column("at").fill_null(-(2**62)).to_numpy()
    ids = np.unique(np.concatenate([src, dst]))
    if len(ids) < FEWEST_VERTICES:
        raise GraphError(
            f"Vectors cannot be learnt from {len(ids):,} users; {FEWEST_VERTICES} are the least.",
            "Take in more follows.",
        )
    order = np.lexsort((dst, src, at))
    return Compact(ids, np.searchsorted(ids, src[order]), np.searchsorted(ids, dst[order]))
