"""Distances, neighbourhoods and paths are igraph's, on graphs of every kind."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.engine.conftest import EngineUnderTest
from tests.plain_graphs import PlainGraph, chain, plain_graphs
from tests.rows import assert_rows

from emberlake.errors import GraphError
from emberlake.graphs import Round, Rounds, neighbourhood, shortest_path, shortest_paths

# Both engines are given the same programs; on Spark their rounds of small jobs take minutes.
pytestmark = pytest.mark.long("spark")


@pytest.fixture
def rounds(engine: EngineUnderTest, tmp_path: Path) -> Iterator[Rounds]:
    with Rounds(engine.session, tmp_path) as opened:
        yield opened


def few(engine: EngineUnderTest) -> settings:
    checks = [HealthCheck.too_slow, HealthCheck.data_too_large]
    return settings(max_examples=10 if engine.name == "sail" else 2, suppress_health_check=checks)


def test_distances_are_igraphs_on_any_graph(engine: EngineUnderTest, rounds: Rounds) -> None:
    @few(engine)
    @given(plain_graphs(), st.data())
    def check(plain: PlainGraph, data: st.DataObject) -> None:
        places = data.draw(st.sets(st.integers(0, plain.size - 1), min_size=1, max_size=4))
        known = plain.igraph()
        weights = "weight" if plain.weights else None
        wanted = {
            (plain.ids[place], plain.ids[end]): far
            for place, row in zip(places, known.distances(places, weights=weights, mode="out"), strict=True)
            for end, far in enumerate(row)
            if far < math.inf
        }
        rows = shortest_paths(plain.graph(engine.session), [plain.ids[p] for p in places], rounds).collect()
        got = {(row["landmark"], row["id"]): row["distance"] for row in rows}
        assert got == pytest.approx(wanted, abs=1e-6)
        check_steps(plain, {(row["landmark"], row["id"]): row["via"] for row in rows}, got)

    check()


def check_steps(plain: PlainGraph, via: dict[tuple[int, int], int | None], far: dict[tuple[int, int], float]) -> None:
    """Each last step is an edge that is as long as the two distances differ."""
    lightest: dict[tuple[int, int], float] = {}
    for (a, b), weight in zip(plain.edges, plain.weights or [1.0] * len(plain.edges), strict=True):
        for step in [(a, b)] if plain.directed else [(a, b), (b, a)]:
            step = (plain.ids[step[0]], plain.ids[step[1]])
            lightest[step] = min(weight, lightest.get(step, math.inf))
    for (landmark, end), before in via.items():
        if before is None:
            assert landmark == end
        else:
            assert far[landmark, before] + lightest[before, end] == pytest.approx(far[landmark, end])


def test_neighbourhoods_are_igraphs_on_any_graph(engine: EngineUnderTest, rounds: Rounds) -> None:
    @few(engine)
    @given(plain_graphs(), st.data())
    def check(plain: PlainGraph, data: st.DataObject) -> None:
        place, hops = data.draw(st.integers(0, plain.size - 1)), data.draw(st.integers(0, 3))
        far = plain.igraph().distances(place, mode="out")[0]
        wanted = [(plain.ids[place], plain.ids[end], int(steps)) for end, steps in enumerate(far) if steps <= hops]
        assert_rows(neighbourhood(plain.graph(engine.session), [plain.ids[place]], hops, rounds), wanted)

    check()


def test_one_shortest_path_is_found_from_end_to_end(engine: EngineUnderTest, rounds: Rounds) -> None:
    # From 0 to 4 (id 12): two edges over 2 or 3, of which the smaller id is taken, three over 1 and 2.
    edges = ((0, 1), (1, 2), (0, 3), (0, 2), (2, 4), (3, 4), (4, 5))
    graph = PlainGraph(7, edges).graph(engine.session)
    assert shortest_path(graph, 0, 12, rounds) == [0, 6, 12]
    assert shortest_path(graph, 0, 0, rounds) == [0]
    assert shortest_path(graph, 12, 0, rounds) == []
    assert shortest_path(graph, 0, 18, rounds) == []
    # Over 3 it is there after two rounds, and lighter over 1 and 2 after three.
    heavy = PlainGraph(7, edges, weights=(1.0, 1.0, 5.0, 9.0, 1.0, 1.0, 1.0)).graph(engine.session)
    assert shortest_path(heavy, 0, 12, rounds) == [0, 3, 6, 12]


def test_a_path_is_found_without_walking_the_rest(engine: EngineUnderTest, tmp_path: Path) -> None:
    told: list[Round] = []
    with Rounds(engine.session, tmp_path, told=told.append) as rounds:
        assert shortest_path(chain(20).graph(engine.session), 0, 6, rounds) == [0, 3, 6]
    assert len(told) == 2


def test_landmarks_must_be_vertices(engine: EngineUnderTest, rounds: Rounds) -> None:
    graph = chain(3).graph(engine.session)
    with pytest.raises(GraphError, match="Not all landmarks are vertices of the graph: 1, 7"):
        shortest_paths(graph, [7, 0, 1], rounds)
    with pytest.raises(GraphError, match="no landmark"):
        shortest_paths(graph, [], rounds)
    with pytest.raises(GraphError, match="-1 hops"):
        neighbourhood(graph, [0], -1, rounds)
    with pytest.raises(GraphError, match="no landmark"):
        shortest_paths(PlainGraph(0, ()).graph(engine.session), [], rounds)
