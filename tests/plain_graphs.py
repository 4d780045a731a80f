"""Small graphs of every kind in one frame, and the same graph for igraph, which knows the answers."""

from __future__ import annotations

from dataclasses import dataclass, replace

import igraph
from hypothesis import strategies as st
from pyspark.sql import SparkSession

from emberlake.graphs import Graph


@dataclass(frozen=True)
class PlainGraph:
    """Vertices by place, 0 to `size` - 1; their ids are `first` + 3 × place."""

    size: int
    edges: tuple[tuple[int, int], ...]
    directed: bool = True
    weights: tuple[float, ...] | None = None
    first: int = 0

    @property
    def ids(self) -> list[int]:
        return [self.first + 3 * place for place in range(self.size)]

    def graph(self, session: SparkSession) -> Graph:
        ids = self.ids
        rows = [(ids[a], ids[b]) for a, b in self.edges]
        if self.weights is None:
            edges = session.createDataFrame(rows, "src long, dst long")
        else:
            weighed = [(*row, weight) for row, weight in zip(rows, self.weights, strict=True)]
            edges = session.createDataFrame(weighed, "src long, dst long, weight double")
        vertices = session.createDataFrame([(one,) for one in ids], "id long")
        return Graph.of(edges, vertices, directed=self.directed, weights="positive" if self.weights else None)

    def igraph(self) -> igraph.Graph:
        known = igraph.Graph(n=self.size, edges=self.edges, directed=self.directed)
        if self.weights is not None:
            known.es["weight"] = self.weights
        return known

    def by_id(self, values: list[float]) -> dict[int, float]:
        """Igraph's answer for each vertex, by id."""
        return dict(zip(self.ids, values, strict=True))


def chain(size: int, **given: object) -> PlainGraph:
    return PlainGraph(size, tuple((i, i + 1) for i in range(size - 1)), **given)


def star(size: int, **given: object) -> PlainGraph:
    return PlainGraph(size, tuple((i, 0) for i in range(1, size)), **given)


def beside(*graphs: PlainGraph, directed: bool = True) -> PlainGraph:
    """Graphs as parts of one, without weights."""
    edges: list[tuple[int, int]] = []
    size = 0
    for one in graphs:
        edges += [(size + a, size + b) for a, b in one.edges]
        size += one.size
    return PlainGraph(size, tuple(edges), directed)


@st.composite
def plain_graphs(draw: st.DrawFn, weighted: bool | None = None) -> PlainGraph:
    """Disjoint parts in one graph: random ones with loops and repeated edges, stars, chains, rings, single vertices.

    One frame of many small graphs costs an engine as much as one of them.
    """
    parts = draw(st.lists(_parts(), min_size=1, max_size=12))
    whole = beside(*(PlainGraph(vertices, tuple(inside)) for vertices, inside in parts), directed=draw(st.booleans()))
    edges, weights = whole.edges, None
    if edges and (draw(st.booleans()) if weighted is None else weighted):
        tenths = draw(st.lists(st.integers(1, 100), min_size=len(edges), max_size=len(edges)))
        weights = tuple(tenth / 10 for tenth in tenths)
    first = draw(st.sampled_from([0, -10, 2**53, -(2**63)]))
    return replace(whole, weights=weights, first=first)


@st.composite
def _parts(draw: st.DrawFn) -> tuple[int, list[tuple[int, int]]]:
    size = draw(st.integers(1, 9))
    ring = [(i, (i + 1) % size) for i in range(size)]
    one = st.tuples(st.integers(0, size - 1), st.integers(0, size - 1))
    shapes = [st.lists(one, max_size=25), st.just([(i, 0) for i in range(1, size)]), st.just(ring[:-1]), st.just(ring)]
    edges = draw(st.one_of(shapes))
    return size, draw(st.permutations(edges))
