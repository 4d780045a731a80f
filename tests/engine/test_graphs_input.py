"""What is no graph is refused with its rows, and what is one comes through."""

from __future__ import annotations

import pytest
from tests.engine.conftest import EngineUnderTest
from tests.rows import assert_rows

from emberlake.errors import GraphError
from emberlake.graphs import Graph

EDGES = "src long, dst long"
WEIGHTED = "src long, dst long, weight double"


def refused(*given: object, **more: object) -> str:
    with pytest.raises(GraphError) as caught:
        Graph.of(*given, **{"directed": True, **more})
    assert caught.value.hint
    return caught.value.problem


def test_ends_of_edges_become_vertices(engine: EngineUnderTest) -> None:
    graph = Graph.of(engine.rows("src int, dst short, kind string", (1, 2, "a"), (2, 2, "b")), directed=True)
    assert_rows(graph.vertices, [(1,), (2,)])
    assert_rows(graph.edges, [(1, 2, "a"), (2, 2, "b")])
    assert [f.dataType.simpleString() for f in graph.edges.schema] == ["bigint", "bigint", "string"]


def test_arcs_walk_an_undirected_edge_both_ways(engine: EngineUnderTest) -> None:
    rows = engine.rows(WEIGHTED, (1, 2, 0.5), (3, 3, 2))
    assert_rows(Graph.of(rows, directed=True).arcs(), [(1, 2, 1.0), (3, 3, 1.0)])
    both = Graph.of(rows, directed=False, weights="positive").arcs()
    assert_rows(both, [(1, 2, 0.5), (2, 1, 0.5), (3, 3, 2.0), (3, 3, 2.0)])
    assert_rows(Graph.of(rows, directed=True, weights="positive").reversed().edges, [(2, 1, 0.5), (3, 3, 2.0)])


def test_null_ids_are_named(engine: EngineUnderTest) -> None:
    said = refused(engine.rows(EDGES, (1, 2), (None, 7), (8, None)))
    assert said == "2 edges have a null end: src=None, dst=7; src=8, dst=None."
    said = refused(engine.rows(EDGES, (1, 2)), engine.rows("id long", (1,), (2,), (None,)))
    assert said == "1 vertex has no id: id=None."


def test_string_ids_are_refused_with_some_of_them(engine: EngineUnderTest) -> None:
    said = refused(engine.rows("src string, dst long", ("ann", 2)))
    assert said == "The column 'src' of the edges is string ('ann'); ids are whole numbers."


def test_dangling_edges_are_named_up_to_five(engine: EngineUnderTest) -> None:
    edges = engine.rows(EDGES, (1, 2), *((1, n) for n in range(10, 17)), (9, 9))
    said = refused(edges, engine.rows("id long", (1,), (2,)))
    shown = "; ".join(f"src=1, dst={n}" for n in range(10, 15))
    assert said == f"8 edges dangle: {shown} and 3 more. An end of it is not among the vertices."


def test_a_vertex_has_one_row(engine: EngineUnderTest) -> None:
    said = refused(engine.rows(EDGES, (1, 2)), engine.rows("id long", (1,), (2,), (2,)))
    assert said == "1 id stands more than once: id=2, rows=2. A vertex has one row."


@pytest.mark.parametrize("weight", [-1.0, 0.0, float("nan"), float("inf"), float("-inf"), None])
def test_weights_are_positive_numbers(engine: EngineUnderTest, weight: float | None) -> None:
    rows = engine.rows(WEIGHTED, (1, 2, 1.0), (3, 4, weight))
    said = refused(rows, weights="positive")
    assert said.lower() == f"1 edge has no positive weight: src=3, dst=4, weight={weight}.".lower()
    # A graph without weights does not look at them.
    assert not Graph.of(rows, directed=True).weighted


def test_columns_that_are_missing_or_of_another_kind_are_named(engine: EngineUnderTest) -> None:
    assert "no column 'src'; they have from, dst" in refused(engine.rows("from long, dst long", (1, 2)))
    assert "no column 'weight'" in refused(engine.rows(EDGES, (1, 2)), weights="positive")
    assert "is string, not a number" in refused(
        engine.rows("src long, dst long, weight string", (1, 2, "x")), weights="positive"
    )


def test_no_edges_is_a_graph(engine: EngineUnderTest) -> None:
    graph = Graph.of(engine.rows(EDGES), directed=False)
    assert graph.vertices.collect() == graph.edges.collect() == graph.arcs().collect() == []
