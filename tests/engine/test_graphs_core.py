"""Degrees, ranks and components are igraph's, on graphs of every kind."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from tests.engine.conftest import EngineUnderTest
from tests.plain_graphs import PlainGraph, beside, chain, plain_graphs, star
from tests.rows import assert_rows

from emberlake.errors import GraphError
from emberlake.graphs import (
    Graph,
    Round,
    Rounds,
    components,
    degrees,
    distribution,
    pagerank,
    personalised_pagerank,
)

EMPTY = PlainGraph(0, ())
SINGLE = PlainGraph(1, ())
LOOP = PlainGraph(2, ((0, 0), (0, 0), (0, 1)))
TWO_PARTS = PlainGraph(6, ((0, 1), (1, 2), (2, 0), (3, 4), (4, 3), (4, 3)))

# Both engines are given the same programs; on Spark their rounds of small jobs take minutes.
pytestmark = pytest.mark.long("spark")


@pytest.fixture
def rounds(engine: EngineUnderTest, tmp_path: Path) -> Iterator[Rounds]:
    with Rounds(engine.session, tmp_path) as opened:
        yield opened


def on_any_graph(
    engine: EngineUnderTest, check: Callable[[PlainGraph], None], most: int = 5, kinds: slice = slice(None)
) -> None:
    """Sail is given graphs by hypothesis; Spark, whose rounds cost ten times as much, two with all kinds of parts."""
    if engine.name == "spark":
        for plain in every_kind()[kinds]:
            check(plain)
        return
    checks = [HealthCheck.too_slow, HealthCheck.data_too_large]
    settings(max_examples=most, suppress_health_check=checks)(given(plain_graphs())(check))()


def every_kind() -> list[PlainGraph]:
    """A directed graph with weights and ids below zero, and an undirected one without."""
    random = Random(42)
    tangle = PlainGraph(20, tuple((random.randrange(20), random.randrange(20)) for _ in range(60)))
    plain = beside(tangle, star(12), chain(15), LOOP, TWO_PARTS, SINGLE, SINGLE)
    weights = tuple(random.uniform(0.1, 10) for _ in plain.edges)
    return [replace(plain, weights=weights, first=-(2**63)), replace(plain, directed=False)]


def same_ranks(got: dict[int, float], plain: PlainGraph, known: list[float]) -> None:
    assert got == pytest.approx(plain.by_id(known), abs=1e-6)
    assert sum(got.values()) == pytest.approx(1)


def smallest_of_components(plain: PlainGraph) -> dict[int, int]:
    members = plain.igraph().components(mode="weak")
    return {plain.ids[place]: plain.ids[part[0]] for part in members for place in part}


def test_ranks_are_igraphs_on_any_graph(engine: EngineUnderTest, rounds: Rounds) -> None:
    # Damping 0.5: a quarter of the rounds; 0.85 has a test of its own.
    def check(plain: PlainGraph) -> None:
        weights = "weight" if plain.weights else None
        known = plain.igraph().pagerank(damping=0.5, weights=weights)
        same_ranks(dict(pagerank(plain.graph(engine.session), rounds, damping=0.5).collect()), plain, known)

    on_any_graph(engine, check, kinds=slice(0, 1))


@pytest.mark.long("spark")
def test_personalised_ranks_are_igraphs_on_any_graph(engine: EngineUnderTest, rounds: Rounds) -> None:
    def check(plain: PlainGraph) -> None:
        # Every third vertex is a source, with weights 1, 2, 3, …
        shares = {place: 1.0 + place // 3 for place in range(0, plain.size, 3)}
        reset = [shares.get(place, 0.0) for place in range(plain.size)]
        weights = "weight" if plain.weights else None
        known = plain.igraph().personalized_pagerank(damping=0.5, reset=reset, weights=weights)
        rows = [(plain.ids[place], share) for place, share in shares.items()]
        sources = engine.session.createDataFrame(rows, "id long, weight double")
        ranks = personalised_pagerank(plain.graph(engine.session), sources, rounds, damping=0.5)
        same_ranks(dict(ranks.collect()), plain, known)

    on_any_graph(engine, check, kinds=slice(1, 2))


def test_components_are_igraphs_on_any_graph(engine: EngineUnderTest, rounds: Rounds) -> None:
    def check(plain: PlainGraph) -> None:
        assert dict(components(plain.graph(engine.session), rounds).collect()) == smallest_of_components(plain)

    on_any_graph(engine, check, most=10)


@pytest.mark.long("spark")
@pytest.mark.parametrize("seed", [1, 2])
def test_components_of_many_edges_are_igraphs(engine: EngineUnderTest, rounds: Rounds, seed: int) -> None:
    # Beyond eight edges a vertex a sample goes first; the tails are often not in it.
    random = Random(seed)

    def thicket() -> PlainGraph:
        thick = [(random.randrange(8), random.randrange(8)) for _ in range(150)]
        return PlainGraph(12, (*thick, (7, 8), (9, 8), (9, 10)))

    plain = beside(*(thicket() for _ in range(40)))
    wanted = smallest_of_components(plain)
    assert len(set(wanted.values())) == 80
    assert dict(components(plain.graph(engine.session), rounds).collect()) == wanted


def test_degrees_are_igraphs_on_any_graph(engine: EngineUnderTest) -> None:
    def check(plain: PlainGraph) -> None:
        known, rows = plain.igraph(), degrees(plain.graph(engine.session)).collect()
        assert {row["id"]: row["degree"] for row in rows} == plain.by_id(known.degree())
        if plain.directed:
            assert {row["id"]: row["in_degree"] for row in rows} == plain.by_id(known.degree(mode="in"))
            assert {row["id"]: row["out_degree"] for row in rows} == plain.by_id(known.degree(mode="out"))
        if plain.weights:
            strengths = plain.by_id(known.strength(weights="weight"))
            assert {row["id"]: row["strength"] for row in rows} == pytest.approx(strengths)

    on_any_graph(engine, check, most=20)


@pytest.mark.only("sail")
def test_ranks_are_igraphs_at_the_usual_damping(engine: EngineUnderTest, rounds: Rounds) -> None:
    plain = beside(star(50), chain(60), LOOP, TWO_PARTS, SINGLE)
    same_ranks(dict(pagerank(plain.graph(engine.session), rounds).collect()), plain, plain.igraph().pagerank())


def test_the_empty_graph_has_empty_answers(engine: EngineUnderTest, rounds: Rounds) -> None:
    graph = EMPTY.graph(engine.session)
    assert pagerank(graph, rounds).collect() == []
    assert components(graph, rounds).collect() == []
    assert degrees(graph).collect() == []
    assert distribution(degrees(graph)).collect() == []


@pytest.mark.long("spark")
def test_vertices_without_edges_are_components_of_equal_rank(engine: EngineUnderTest, rounds: Rounds) -> None:
    graph = PlainGraph(4, ()).graph(engine.session)
    assert_rows(pagerank(graph, rounds), [(0, 0.25), (3, 0.25), (6, 0.25), (9, 0.25)])
    assert_rows(components(graph, rounds), [(0, 0), (3, 3), (6, 6), (9, 9)])
    assert_rows(degrees(graph), [(0, 0, 0, 0), (3, 0, 0, 0), (6, 0, 0, 0), (9, 0, 0, 0)])
    assert_rows(pagerank(SINGLE.graph(engine.session), rounds), [(0, 1.0)])


def test_a_distribution_counts_vertices_from_a_degree_on(engine: EngineUnderTest) -> None:
    of = degrees(PlainGraph(5, ((0, 1), (0, 2), (0, 0)), directed=False).graph(engine.session))
    # Vertex 0 has degree 4 (the loop counts twice), 1 and 2 have 1, two have none.
    assert distribution(of).collect() == [(0, 2, 5), (1, 2, 3), (4, 1, 1)]


def test_ten_rounds_are_ten_rounds(engine: EngineUnderTest, tmp_path: Path) -> None:
    told: list[Round] = []
    with Rounds(engine.session, tmp_path, told=told.append) as rounds:
        pagerank(TWO_PARTS.graph(engine.session), rounds, most=3, tolerance=0).collect()
    assert [(one.work, one.number, one.wanted) for one in told] == [("pagerank", n, 0) for n in (1, 2, 3)]
    changes = [one.change for one in told]
    assert changes == sorted(changes, reverse=True) and changes[-1] > 0


def test_convergence_ends_the_rounds(engine: EngineUnderTest, tmp_path: Path) -> None:
    told: list[Round] = []
    with Rounds(engine.session, tmp_path, told=told.append) as rounds:
        pagerank(TWO_PARTS.graph(engine.session), rounds, damping=0.3, tolerance=0.01).collect()
    assert [one.converged for one in told] == [False] * (len(told) - 1) + [True]
    assert len(told) < 10


@pytest.mark.long("spark")
@pytest.mark.parametrize("shuffled", [False, True])
def test_a_long_chain_takes_few_rounds(engine: EngineUnderTest, tmp_path: Path, shuffled: bool) -> None:
    length = 100_000 if engine.name == "sail" else 1_000
    edges = engine.session.range(length - 1).selectExpr("id AS src", "id + 1 AS dst")
    if shuffled:
        # 7 has no factor in common with the length, so this is another order of the same vertices.
        edges = edges.selectExpr(f"src * 7 % {length} AS src", f"dst * 7 % {length} AS dst")
    told: list[Round] = []
    with Rounds(engine.session, tmp_path, told=told.append) as rounds:
        found = components(Graph.of(edges, directed=True), rounds)
        assert found.groupBy("component").count().collect() == [(0, length)]
    assert told[-1].number <= 25
    assert told[-1].converged and not any(one.converged for one in told[:-1])


def test_sources_that_are_no_vertices_are_named(engine: EngineUnderTest, rounds: Rounds) -> None:
    graph = chain(3).graph(engine.session)
    with pytest.raises(GraphError, match=r"2 of 3 sources are not vertices: 1, 5\."):
        personalised_pagerank(graph, [0, 5, 1], rounds)
    with pytest.raises(GraphError, match="no sources"):
        personalised_pagerank(graph, [], rounds)
    with pytest.raises(GraphError, match="stands twice"):
        personalised_pagerank(graph, [3, 3], rounds)
    with pytest.raises(GraphError, match="damping of PageRank is 1"):
        pagerank(graph, rounds, damping=1)
