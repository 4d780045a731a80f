"""Triangles and clustering are igraph's, on graphs of every kind."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from tests.engine.conftest import EngineUnderTest
from tests.plain_graphs import PlainGraph, plain_graphs, star
from tests.rows import assert_rows

from emberlake.graphs import Rounds, transitivity, triangles

pytestmark = pytest.mark.long("spark")


@pytest.fixture
def rounds(engine: EngineUnderTest, tmp_path: Path) -> Iterator[Rounds]:
    with Rounds(engine.session, tmp_path) as opened:
        yield opened


def test_triangles_are_igraphs_on_any_graph(engine: EngineUnderTest, rounds: Rounds) -> None:
    checks = [HealthCheck.too_slow, HealthCheck.data_too_large]

    @settings(max_examples=12 if engine.name == "sail" else 3, suppress_health_check=checks)
    @given(plain_graphs())
    def check(plain: PlainGraph) -> None:
        known = plain.igraph().as_undirected().simplify()
        counts = [0] * plain.size
        for corners in known.list_triangles():
            for corner in corners:
                counts[corner] += 1
        found = triangles(plain.graph(engine.session), rounds)
        rows = found.collect()
        assert {row["id"]: row["triangles"] for row in rows} == plain.by_id(counts)
        assert {row["id"]: row["neighbours"] for row in rows} == plain.by_id(known.degree())
        clustering = {row["id"]: math.nan if row["clustering"] is None else row["clustering"] for row in rows}
        wanted = plain.by_id(known.transitivity_local_undirected())
        assert clustering == pytest.approx(wanted, abs=1e-9, nan_ok=True)
        assert transitivity(found) == pytest.approx(known.transitivity_undirected(), abs=1e-9, nan_ok=True)

    check()


def test_four_who_all_know_each_other_have_four_triangles(engine: EngineUnderTest, rounds: Rounds) -> None:
    # A fifth knows one of them: that one has 3 triangles among 6 pairs of neighbours.
    plain = PlainGraph(5, ((0, 1), (2, 0), (0, 3), (1, 2), (3, 1), (2, 3), (4, 0)))
    wanted = [(0, 4, 3, 0.5), (3, 3, 3, 1.0), (6, 3, 3, 1.0), (9, 3, 3, 1.0), (12, 1, 0, None)]
    assert_rows(triangles(plain.graph(engine.session), rounds), wanted)


def test_edges_that_repeat_or_lead_nowhere_make_no_triangle(engine: EngineUnderTest, rounds: Rounds) -> None:
    plain = PlainGraph(2, ((0, 1), (1, 0), (0, 1), (0, 0), (0, 0)))
    assert_rows(triangles(plain.graph(engine.session), rounds), [(0, 1, 0, None), (3, 1, 0, None)])


def test_the_empty_graph_has_no_triangles(engine: EngineUnderTest, rounds: Rounds) -> None:
    found = triangles(PlainGraph(0, ()).graph(engine.session), rounds)
    assert found.collect() == []
    assert math.isnan(transitivity(found))


@pytest.mark.only("sail")
def test_a_hub_costs_no_more_than_its_followers(engine: EngineUnderTest, rounds: Rounds) -> None:
    # 40,000 followers are 800 million pairs: only an order by degree does not look at them.
    hub = star(40_000)
    closed = PlainGraph(hub.size, (*hub.edges, (1, 2)))
    rows = triangles(closed.graph(engine.session), rounds).where("triangles > 0")
    pairs = 39_999 * 39_998 / 2
    assert_rows(rows, [(0, 39_999, 1, 1 / pairs), (3, 2, 1, 1.0), (6, 2, 1, 1.0)])
