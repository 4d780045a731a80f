"""A graph: vertices with an `id`, edges with `src` and `dst`, as GraphFrames has them; and whether it is one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from pyspark.sql import functions as F
from pyspark.sql import types as T

from emberlake.errors import GraphError
from emberlake.graphs.checks import check_edges, check_vertices, ends

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

Weights = Literal["positive"]


@dataclass(frozen=True)
class Graph:
    """Vertices and edges that were checked, if they came through `Graph.of`.

    Edges may repeat and may lead from a vertex to itself; each algorithm says what it makes of that, and it is what
    igraph makes of it. An edge of an undirected graph stands once, in either direction. Both frames are read many
    times: give tables, or keep a costly plan first (`Rounds.write`).

    Attributes:
        vertices: id (long), unique; other columns are the caller's.
        edges: src, dst (long), weight (double) where the graph is weighted; other columns are the caller's.
        directed: whether src → dst differs from dst → src.
    """

    vertices: DataFrame
    edges: DataFrame
    directed: bool

    @classmethod
    def of(
        cls,
        edges: DataFrame,
        vertices: DataFrame | None = None,
        *,
        directed: bool,
        weights: Weights | None = None,
    ) -> Graph:
        """A graph from frames, whole numbers of any width as ids, after `check_graph`.

        Args:
            edges: src, dst; and weight with `weights`.
            vertices: id; left out, the vertices are the ends of the edges. No edges is a graph of single vertices, no
                vertices and no edges the empty graph, and every algorithm answers for both.
            directed: whether an edge has a direction.
            weights: "positive": weights above zero, finite. None: a column `weight` is not taken along.

        Raises:
            GraphError: as `check_graph`.
        """
        edges = _numbers(edges, ("src", "dst"), "edges")
        if weights is None:
            edges = edges.drop("weight")
        else:
            edges = _weighted(edges)
        if vertices is None:
            return check_graph(cls(ends(edges), edges, directed), derived=True)
        return check_graph(cls(_numbers(vertices, ("id",), "vertices"), edges, directed))

    @property
    def weighted(self) -> bool:
        """Whether edges have a weight."""
        return "weight" in self.edges.columns

    def arcs(self) -> DataFrame:
        """Edges as steps that can be walked: src, dst and weight (1.0 where there is none).

        Of an undirected graph each edge twice, once in each direction; so an edge from a vertex to itself counts
        twice, as in its degree.
        """
        weight = F.col("weight") if self.weighted else F.lit(1.0).alias("weight")
        there = self.edges.select("src", "dst", weight)
        if self.directed:
            return there
        return there.unionAll(there.select(F.col("dst").alias("src"), F.col("src").alias("dst"), "weight"))

    def reversed(self) -> Graph:
        """The same graph with every edge turned around."""
        others = [c for c in self.edges.columns if c not in ("src", "dst")]
        turned = self.edges.select(F.col("dst").alias("src"), F.col("src").alias("dst"), *others)
        return Graph(self.vertices, turned, self.directed)

    def undirected(self) -> Graph:
        """The same edges without their direction; a pair that follows each other has two edges."""
        return Graph(self.vertices, self.edges, False)


def check_graph(graph: Graph, *, derived: bool = False) -> Graph:
    """The graph, if its rows are one: one pass over the edges, one over the vertices and, between them, one join.

    Args:
        derived: the vertices were taken from the edges, so nothing has to be looked for between them.

    Raises:
        GraphError: for a null id, an id that stands twice among the vertices, an edge to or from a vertex that is not
            there, and a weight that is null, not a number, infinite, zero or negative; naming up to five such rows
            and how many there are.
    """
    check_edges(graph.edges, graph.weighted)
    if not derived:
        check_vertices(graph.vertices, graph.edges)
    return graph


def to_graphframe(graph: Graph) -> Any:
    """The graph for GraphFrames, where that is installed: `GraphFrame(vertices, edges)`.

    GraphFrames takes every edge as directed; an undirected graph is handed over with each edge in both directions.

    Raises:
        GraphError: when the Python package `graphframes` cannot be imported.
    """
    try:
        from graphframes import GraphFrame
    except ImportError as e:
        raise GraphError(
            f"GraphFrames is not installed here: {e}.",
            "Install the Python package graphframes-py and put its JAR on the cluster, with engine spark.",
        ) from e
    return GraphFrame(graph.vertices, graph.edges if graph.directed else graph.arcs())


def _numbers(rows: DataFrame, ids: tuple[str, ...], what: str) -> DataFrame:
    """The frame with its ids as long."""
    kinds = {field.name: field.dataType for field in rows.schema}
    for name in ids:
        if name not in kinds:
            raise GraphError(
                f"The {what} have no column {name!r}; they have {', '.join(kinds) or 'none'}.",
                "A graph's vertices have the column id, its edges src and dst: rename with withColumnRenamed.",
            )
        if not isinstance(kinds[name], T.IntegralType):
            seen = [repr(row[0]) for row in rows.select(name).where(F.col(name).isNotNull()).limit(5).collect()]
            raise GraphError(
                f"The column {name!r} of the {what} is {kinds[name].simpleString()}"
                f"{' (' + ', '.join(seen) + ')' if seen else ''}; ids are whole numbers.",
                "Cast it to long where it holds digits; otherwise number the names once in a table of its own "
                "(id, name) and join it to both ends.",
            )
    wide = [F.col(f"`{c}`").cast("long").alias(c) if c in ids else F.col(f"`{c}`") for c in rows.columns]
    return rows.select(*wide)


def _weighted(edges: DataFrame) -> DataFrame:
    kinds = {field.name: field.dataType for field in edges.schema}
    if "weight" not in kinds:
        raise GraphError(
            f"The edges have no column 'weight'; they have {', '.join(kinds)}.",
            "Add the weight (double), or build the graph without weights.",
        )
    if not isinstance(kinds["weight"], T.NumericType):
        raise GraphError(
            f"The column 'weight' of the edges is {kinds['weight'].simpleString()}, not a number.",
            "Cast it to double.",
        )
    return edges.withColumn("weight", F.col("weight").cast("double"))
