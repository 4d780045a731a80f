"""How close two users are is igraph's answer; what is held out is what came later; lists hold nobody twice."""

from __future__ import annotations

import random
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score
from tests.engine.conftest import EngineUnderTest
from tests.plain_graphs import PlainGraph, plain_graphs, star
from tests.rows import assert_rows

from emberlake.errors import GraphError
from emberlake.graphs import Graph, Rounds
from emberlake.graphs.links import (
    MEASURES,
    aucs,
    compare,
    hold_out,
    pairs_within_two_hops,
    recalled,
    recommended_follows,
    score_pairs,
)
from emberlake.synth import draws
from emberlake.synth.community import follow
from emberlake.synth.draws import Draws
from emberlake.synth.people import people
from emberlake.synth.plan import Shop

# Both engines are given the same programs; on Spark their rounds of small jobs take minutes.
pytestmark = pytest.mark.long("spark")

# 1 and 2 share 3, 4 and 5; 5 is a hub with five neighbours, 4 has three.
SMALL = [(1, 3), (2, 3), (1, 4), (4, 2), (4, 6), (1, 5), (2, 5), (5, 6), (5, 7), (8, 5), (1, 3), (3, 1), (2, 2)]


@pytest.fixture
def rounds(engine: EngineUnderTest, tmp_path: Path) -> Iterator[Rounds]:
    with Rounds(engine.session, tmp_path) as opened:
        yield opened


def follows(engine: EngineUnderTest, *edges: tuple[int, int]) -> Graph:
    return Graph.of(engine.rows("src long, dst long", *edges), directed=True)


def igraphs(plain: PlainGraph) -> dict[tuple[int, int], tuple[float, ...]]:
    """Measures of all pairs with a common neighbour, by igraph on the simplified undirected graph."""
    known = plain.igraph().as_undirected(mode="collapse").simplify()
    jaccard, adamic_adar = known.similarity_jaccard(loops=False), known.similarity_inverse_log_weighted()
    near = [set(known.neighbors(place)) for place in range(plain.size)]
    found = {}
    for a, b in combinations(range(plain.size), 2):
        common = near[a] & near[b]
        if common:
            shares = sum(1 / known.degree(one) for one in common)
            found[plain.ids[a], plain.ids[b]] = (
                len(common), jaccard[a][b], adamic_adar[a][b], shares, known.degree(a) * known.degree(b),
            )  # fmt: skip
    return found


def by_pair(rows) -> dict[tuple[int, int], tuple[float, ...]]:
    return {(row["a"], row["b"]): tuple(row[name] for name in MEASURES) for row in rows.collect()}


def test_measures_are_igraphs_on_any_graph(engine: EngineUnderTest, rounds: Rounds) -> None:
    checks = [HealthCheck.too_slow, HealthCheck.data_too_large]

    @settings(max_examples=12 if engine.name == "sail" else 3, suppress_health_check=checks)
    @given(plain_graphs(weighted=False), st.randoms(use_true_random=False))
    def check(plain: PlainGraph, mixed: random.Random) -> None:
        known, graph = igraphs(plain), plain.graph(engine.session)
        got = by_pair(pairs_within_two_hops(graph, rounds, hub_cap=None))
        assert got.keys() == known.keys()
        assert all(got[pair] == pytest.approx(known[pair], abs=1e-9) for pair in known)
        # The same for given pairs, either way round; those without a common neighbour have their degrees still.
        asked = [mixed.choice([(a, b), (b, a)]) for a, b in combinations(plain.ids, 2)][:200] or [(plain.ids[0],) * 2]
        given_ = by_pair(score_pairs(graph, engine.session.createDataFrame(asked, "a long, b long"), rounds))
        assert given_.keys() == set(asked)
        for (a, b), measures in given_.items():
            wanted = known.get((min(a, b), max(a, b)))
            assert measures == pytest.approx(wanted, abs=1e-9) if wanted else measures[:4] == (0, 0, 0, 0)

    check()


def test_measures_of_a_small_graph_by_hand(engine: EngineUnderTest, rounds: Rounds) -> None:
    graph = follows(engine, *SMALL)
    pairs = engine.rows("a long, b long", (2, 1), (1, 2), (3, 7), (1, 99))
    adamic_adar = 1 / np.log(2) + 1 / np.log(3) + 1 / np.log(5)
    both = (3, 1.0, adamic_adar, 1 / 2 + 1 / 3 + 1 / 5, 9.0)
    rows = [(2, 1, *both), (1, 2, *both), (3, 7, 0, 0.0, 0.0, 0.0, 2.0), (1, 99, 0, 0.0, 0.0, 0.0, 0.0)]
    assert_rows(score_pairs(graph, pairs, rounds), rows)


def test_a_hub_above_the_cap_makes_no_pairs(engine: EngineUnderTest, rounds: Rounds) -> None:
    graph = follows(engine, *SMALL)
    with_hub, without = (by_pair(pairs_within_two_hops(graph, rounds, hub_cap=cap)) for cap in (5, 4))
    assert with_hub[1, 2][0] == 3 and without[1, 2][0] == 2
    assert (7, 8) in with_hub and (7, 8) not in without
    assert by_pair(pairs_within_two_hops(star(7).graph(engine.session), rounds, hub_cap=5)) == {}
    with pytest.raises(GraphError, match="hub cap of 1"):
        pairs_within_two_hops(graph, rounds, hub_cap=1)


def test_lists_leave_out_whom_one_follows_and_end_with_the_most_followed(
    engine: EngineUnderTest, rounds: Rounds
) -> None:
    # 1 follows 2 and 3; 4 follows them too, and 5 follows 3 alone; nobody but 9 knows 8, whom 6 and 7 follow as well.
    edges = [(1, 2), (1, 3), (4, 2), (4, 3), (5, 3), (6, 8), (7, 8), (9, 8), (9, 9)]
    lists = recommended_follows(follows(engine, *edges), rounds, top=3, by="resource_allocation", fame=0)
    mine = {user: [] for user in range(1, 10)}
    for row in lists.orderBy("user_id", "rank").collect():
        mine[row["user_id"]].append((row["rank"], row["followee_id"], row["score"], row["common"], row["reason"]))
    # Of 2 two are neighbours, of 3 three.
    assert mine[1] == [
        (1, 4, pytest.approx(1 / 2 + 1 / 3), 2, "near"), (2, 5, pytest.approx(1 / 3), 1, "near"),
        (3, 8, 0.0, 0, "popular"),
    ]  # fmt: skip
    assert [(one[1], one[4]) for one in mine[5]] == [(1, "near"), (4, "near"), (8, "popular")]
    # 8 shares nobody; 3 and 2 are the most followed besides itself.
    assert [(one[1], one[4]) for one in mine[8]] == [(3, "popular"), (2, "popular")]
    assert [one[1] for one in mine[9]] == [6, 7, 3]


def test_fame_lifts_those_with_followers(engine: EngineUnderTest, rounds: Rounds) -> None:
    # For 1, both 5 and 6 share 2; 6 has three followers, which also breaks the tie of the plain measure.
    graph = follows(engine, (1, 2), (5, 2), (6, 2), (7, 6), (8, 6), (9, 6))
    first = {}
    for fame in (0, 0.5):
        lists = recommended_follows(graph, rounds, top=1, by="common", fame=fame).where("user_id = 1")
        [first[fame]] = lists.select("followee_id", "score").collect()
    assert tuple(first[0]) == (6, 1.0)
    assert tuple(first[0.5]) == (6, 2.0)


def test_lists_of_other_measures_or_places_are_refused(engine: EngineUnderTest, rounds: Rounds) -> None:
    graph = follows(engine, (1, 2))
    with pytest.raises(GraphError, match=r"'pagerank' is no measure.*common, jaccard"):
        recommended_follows(graph, rounds, by="pagerank")
    with pytest.raises(GraphError, match="0 places"):
        recommended_follows(graph, rounds, top=0)


DAYS = [
    (1, 2, "2026-01-01 00:00"), (2, 3, "2026-01-02 10:00"), (3, 4, "2026-01-03 10:00"), (4, 5, None),
    (5, 6, "2026-01-04 23:59"), (6, 1, "2026-01-05 00:00"), (7, 7, "2026-01-05 00:00"),
    # The day held out: a new pair, one that follows back, and one with a newcomer.
    (1, 4, "2026-01-06 00:00"), (3, 2, "2026-01-06 12:00"), (9, 1, "2026-01-06 13:00"),
]  # fmt: skip


def test_the_newest_follows_are_held_out_by_time(engine: EngineUnderTest, rounds: Rounds) -> None:
    held = hold_out(engine.rows("src long, dst long, at timestamp", *DAYS), rounds, share=0.34)
    assert held.cut.isoformat() == "2026-01-06"
    assert (held.held_out, held.strangers, held.linked_before) == (3, 1, 1)
    assert_rows(held.known.edges.select("src", "dst"), [(1, 2), (2, 3), (3, 4), (4, 5), (5, 6), (6, 1)])
    assert_rows(held.known.vertices, [(one,) for one in range(1, 7)])
    assert_rows(held.pairs.where("linked = 1").select("a", "b"), [(1, 4)])
    # With a smaller share, no whole day is left.
    with pytest.raises(GraphError, match="9 follows cannot be split by time"):
        hold_out(engine.rows("src long, dst long, at timestamp", *DAYS), rounds, share=0.2)
    with pytest.raises(GraphError, match="share of 1 held out"):
        hold_out(engine.rows("src long, dst long, at timestamp", *DAYS), rounds, share=1)
    with pytest.raises(GraphError, match="0 follows cannot be split"):
        hold_out(engine.rows("src long, dst long, at timestamp"), rounds)


def test_non_links_are_known_unlinked_and_the_same_on_every_engine(engine: EngineUnderTest, rounds: Rounds) -> None:
    ring = [(one, (one + step) % 40, f"2026-01-0{step} 08:00") for one in range(40) for step in (1, 2, 3)]
    held = hold_out(engine.rows("src long, dst long, at timestamp", *ring), rounds, share=0.4, negatives=2)
    others = sorted((row["a"], row["b"]) for row in held.pairs.where("linked = 0").collect())
    linked = {(a, b) for a, b, _ in ring} | {(b, a) for a, b, _ in ring}
    assert len(others) == len(set(others)) > 50
    assert not linked & set(others)
    assert all(a != b and 0 <= b < 40 for a, b in others)
    # Both engines draw these, today and later.
    assert others[:6] == FIRST_NON_LINKS


FIRST_NON_LINKS = [(0, 35), (1, 12), (2, 14), (2, 30), (3, 19), (4, 26)]


def test_auc_is_scikit_learns_with_ties(engine: EngineUnderTest) -> None:
    draw = np.random.default_rng(5)
    linked = draw.integers(0, 2, 300)
    rough, fine = np.round(draw.normal(linked, 1.0), 0), draw.normal(size=300)
    rows = [(int(y), float(r), float(f)) for y, r, f in zip(linked, rough, fine, strict=True)]
    got = aucs(engine.session.createDataFrame(rows, "linked int, rough double, fine double"), ("rough", "fine"))
    wanted = {"rough": roc_auc_score(linked, rough), "fine": roc_auc_score(linked, fine)}
    assert got == pytest.approx(wanted, abs=1e-12)
    by_hand = engine.rows("linked int, s double", (1, 3.0), (1, 1.0), (0, 1.0), (0, 0.5))
    assert aucs(by_hand, ("s",)) == {"s": 3.5 / 4}
    for rows in ([(1, 1.0)], []):
        with pytest.raises(GraphError, match="no score can be judged"):
            aucs(engine.rows("linked int, s double", *rows), ("s",))


def test_recall_is_the_share_of_links_that_are_listed(engine: EngineUnderTest) -> None:
    pairs = engine.rows("a long, b long, linked int", (1, 2, 1), (1, 3, 1), (2, 1, 1), (1, 4, 0))
    lists = engine.rows("user_id long, followee_id long", (1, 3), (1, 4), (2, 5))
    assert recalled(lists, pairs) == pytest.approx(1 / 3)
    assert recalled(lists.where("user_id = 9"), pairs) == 0


@pytest.mark.only("sail")  # What it adds to the measures is numpy, whatever the engine.
def test_ways_that_learn_find_what_common_neighbours_do_not(engine: EngineUnderTest, rounds: Rounds) -> None:
    shop = Shop(7, 0.12)
    made = follow(Draws(7, draws.FOLLOWS, 0), shop, people(shop, 0))
    rows = zip(made.follower.tolist(), made.followee.tolist(), made.followed.tolist(), strict=True)
    edges = engine.session.createDataFrame(list(rows), "src long, dst long, s long")
    edges = edges.selectExpr("src", "dst", "timestamp_seconds(s) at")
    found = compare(edges, rounds)
    assert [way.name for way in found.ways] == [*MEASURES, "all measures together", "node embedding",
                                                "graph neural network"]  # fmt: skip
    # Communities were planted: seven of ten follows stay inside, and few pairs share a neighbour yet.
    assert found.auc("node embedding") > 0.7 > found.auc("adamic_adar") > 0.5
    assert found.auc("graph neural network") > 0.7
    assert found.links + found.strangers + found.linked_before == found.held_out


@pytest.mark.only("sail")
def test_without_the_extra_the_network_says_what_is_missing(engine: EngineUnderTest, rounds: Rounds, monkeypatch):
    from emberlake.graphs.links import network

    monkeypatch.setattr(network, "installed", lambda: False)
    ring = [(one, (one + step) % 40, f"2026-01-0{step} 08:00") for one in range(40) for step in (1, 2, 3, 5)]
    found = compare(engine.rows("src long, dst long, at timestamp", *ring), rounds, share=0.3)
    assert found.ways[-1].auc is None and "emberlake[deep]" in found.ways[-1].note
    assert (
        len(compare(engine.rows("src long, dst long, at timestamp", *ring), rounds, share=0.3, learn=False).ways) == 5
    )
