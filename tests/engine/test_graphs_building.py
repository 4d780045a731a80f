"""Graphs from the shop's tables, trees of invitations, and the graph as it was: by hand, and by plain Python."""

from __future__ import annotations

import datetime as dt
import random

import igraph
import pytest
from tests.rows import assert_rows

from emberlake.graphs import Graph, Rounds, building
from emberlake.graphs.history import history, quarters
from emberlake.graphs.membership import memberships
from emberlake.graphs.trees import trees

# Both engines are given the same programs; on Spark their rounds of small jobs take minutes.
pytestmark = pytest.mark.long("spark")

USERS = "user_id long, signed_up_at timestamp, referred_by long"
FOLLOWS = "follower_id long, followee_id long, followed_at timestamp"
MARCH = dt.datetime(2025, 3, 1, tzinfo=dt.UTC)


@pytest.fixture
def rounds(engine, tmp_path):
    with Rounds(engine.session, tmp_path) as made:
        yield made


@pytest.fixture(scope="module")
def tables(engine):
    return {
        "silver.users": engine.rows(
            USERS,
            (1, "2024-01-01", None), (2, "2024-06-01", 1), (3, "2025-04-01", 2), (4, None, 4), (5, "2024-02-01", 99),
        ),
        "silver.follows": engine.rows(
            FOLLOWS,
            (2, 1, "2024-07-01"), (3, 1, "2025-05-01"), (1, 2, "2025-03-01 00:00"), (5, 1, None), (1, 8, "2024-01-05"),
        ),
    }  # fmt: skip


def test_follows_lead_from_the_follower_and_everybody_is_a_vertex(tables):
    graph = building.follows(tables)
    assert graph.directed
    assert_rows(graph.vertices, [(1,), (2,), (3,), (4,), (5,), (8,)])
    assert_rows(graph.edges.select("src", "dst"), [(2, 1), (3, 1), (1, 2), (5, 1), (1, 8)])


def test_the_graph_of_a_moment_knows_nothing_later(tables):
    graph = building.follows(tables, before=MARCH)
    # 3 came later; the follow of the very moment is not seen; what has no time has always been so.
    assert_rows(graph.vertices, [(1,), (2,), (4,), (5,), (8,)])
    assert_rows(graph.edges.select("src", "dst"), [(2, 1), (5, 1), (1, 8)])


def test_a_shop_without_a_table_of_users_has_those_of_its_follows(engine, tables):
    graph = building.follows({**tables, "silver.users": engine.rows(USERS)})
    assert_rows(graph.vertices, [(1,), (2,), (3,), (5,), (8,)])


def test_a_star_weighs_less_the_more_follow_it(engine):
    # 0 has twenty followers, 1 has two: no star.
    edges = engine.rows("src long, dst long", *[(i, 0) for i in range(1, 21)], (2, 1), (3, 1))
    graph = building.quietened(Graph.of(edges, directed=True))
    assert not graph.directed
    assert_rows(graph.edges, [*[(i, 0, 1 / 20) for i in range(1, 21)], (2, 1, 1 / 10), (3, 1, 1 / 10)])


def test_products_bought_together_are_weighted_by_their_orders_of_all_months(engine):
    pairs = engine.rows(
        "month date, product_a long, product_b long, baskets long",
        ("2025-01-01", 1, 2, 3), ("2025-02-01", 1, 2, 4), ("2025-02-01", 2, 3, 1),
    )  # fmt: skip
    graph = building.together({"gold.basket_pairs": pairs})
    assert not graph.directed
    assert_rows(graph.edges, [(1, 2, 7.0), (2, 3, 1.0)])
    assert_rows(graph.vertices, [(1,), (2,), (3,)])


def test_who_buys_what_counts_orders_and_keeps_users_and_products_apart(engine):
    tables = {
        "gold.order_features": engine.rows("order_id long, user_id long", (10, 1), (11, 1), (12, 2)),
        # Two lines with one product in an order, and a line of an order that was cancelled.
        "silver.order_items": engine.rows(
            "order_id long, product_id long", (10, 1), (10, 1), (11, 1), (12, 7), (13, 7)
        ),
    }
    graph = building.purchases(tables)
    assert_rows(graph.edges, [(1, -1, 2.0), (2, -7, 1.0)])
    assert_rows(graph.vertices, [(1, "user"), (2, "user"), (-1, "product"), (-7, "product")])


def test_invitations_by_oneself_or_by_nobody_who_is_known_are_none(tables):
    assert_rows(building.referrals(tables).edges, [(1, 2), (2, 3)])


def test_a_tree_by_hand(engine, rounds):
    edges = engine.rows("src long, dst long", (1, 2), (1, 3), (3, 4), (4, 5), (7, 8))
    vertices = engine.rows("id long", *[(i,) for i in (1, 2, 3, 4, 5, 6, 7, 8)])
    rows = trees(Graph.of(edges, vertices, directed=True), rounds)
    assert rows.columns == ["id", "parent", "root", "generation", "children", "descendants"]
    assert_rows(
        rows,
        [
            (1, None, 1, 0, 2, 4), (2, 1, 1, 1, 0, 0), (3, 1, 1, 1, 1, 2), (4, 3, 1, 2, 1, 1), (5, 4, 1, 3, 0, 0),
            (6, None, 6, 0, 0, 0), (7, None, 7, 0, 1, 1), (8, 7, 7, 1, 0, 0),
        ],
    )  # fmt: skip


def test_who_invited_each_other_in_a_circle_has_no_tree(engine, rounds):
    edges = engine.rows("src long, dst long", (1, 2), (2, 3), (3, 1), (3, 4), (8, 9))
    rows = trees(Graph.of(edges, directed=True), rounds)
    assert_rows(rows.select("id", "root"), [(8, 8), (9, 8)])


def test_random_forests_are_as_walking_up_says(engine, rounds):
    draw = random.Random(5)
    # Forty forests side by side, some of them bushes, some of them chains.
    parent: dict[int, int] = {}
    for forest in range(40):
        first, size = 1000 * forest, draw.randint(1, 60)
        for i in range(1, size):
            near = max(0, i - draw.choice((1, 1, 3, size)))
            if draw.random() < 0.9:
                parent[first + i] = first + draw.randint(near, i - 1)
    ids = sorted({*parent, *parent.values()})
    above = {}
    for i in ids:
        above[i] = [i]
        while above[i][-1] in parent:
            above[i].append(parent[above[i][-1]])
    edges = engine.rows("src long, dst long", *[(p, c) for c, p in parent.items()])
    rows = trees(Graph.of(edges, directed=True), rounds)
    expected = [
        (i, parent.get(i), above[i][-1], len(above[i]) - 1, sum(p == i for p in parent.values()),
         sum(i in above[j][1:] for j in ids))
        for i in ids
    ]  # fmt: skip
    assert_rows(rows, expected)


def test_a_chain_takes_the_logarithm_of_its_length(engine, tmp_path):
    told = []
    edges = engine.session.range(1, 2000).selectExpr("id - 1 AS src", "id AS dst")
    with Rounds(engine.session, tmp_path, told=told.append) as rounds:
        rows = trees(Graph.of(edges, directed=True), rounds).where("generation = 1999").collect()
    assert [(row["id"], row["root"]) for row in rows] == [(1999, 0)]
    assert len(told) == 11


def test_quarters_are_those_that_had_begun():
    days = quarters(dt.date(2026, 1, 1), 4)
    assert days == [dt.date(2025, 4, 1), dt.date(2025, 7, 1), dt.date(2025, 10, 1), dt.date(2026, 1, 1)]
    assert quarters(dt.date(2025, 12, 31), 1) == [dt.date(2025, 10, 1)]


def test_the_history_is_each_quarter_by_itself(engine, rounds):
    draw = random.Random(9)
    people = {i: dt.datetime(2024, 1, 1, tzinfo=dt.UTC) + dt.timedelta(days=draw.randint(0, 700)) for i in range(1, 41)}
    follows = {(draw.randint(1, 40), draw.randint(1, 40)) for _ in range(160)}
    edges = [
        (a, b, max(people[a], people[b]) + dt.timedelta(days=draw.randint(0, 300)))
        for a, b in sorted(follows)
        if a != b
    ]
    tables = {
        "silver.users": engine.rows(USERS, *[(i, at, None) for i, at in people.items()]),
        "silver.follows": engine.rows(FOLLOWS, *edges),
    }
    days = [dt.date(2024, 10, 1), dt.date(2025, 4, 1), dt.date(2025, 10, 1)]
    rows = history(tables["silver.users"].select("user_id", "signed_up_at"), building.follows(tables), days, rounds)
    found = {(row["user_id"], row["as_of"]): row for row in rows.collect()}
    assert set(found) == {(i, day) for i, at in people.items() for day in days if at.date() < day}
    for day in days:
        there = [i for i, at in people.items() if at.date() < day]
        then = [(there.index(a), there.index(b)) for a, b, at in edges if at.date() < day]
        graph = igraph.Graph(len(there), then, directed=True)
        for i, rank, into, out in zip(there, graph.pagerank(), graph.indegree(), graph.outdegree(), strict=True):
            row = found[i, day]
            assert (row["followers"], row["following"]) == (into, out)
            # To the tolerance of a feature.
            assert row["rank"] == pytest.approx(rank * len(there), rel=0.02)


def ring_of_cliques(cliques: int, size: int, first: int) -> list[tuple[int, int]]:
    """Everybody knows everybody in a clique, and one of each knows one of the next."""
    edges = []
    for c in range(cliques):
        of = [first + c * size + i for i in range(size)]
        edges += [(a, b) for a in of for b in of if a < b]
        edges.append((of[0], first + (c + 1) % cliques * size + 1))
    return edges


def test_communities_of_several_graphs_are_those_of_each_alone(engine, rounds):
    # The second is sixty times as heavy, and has some of the first one's numbers; the third has no edge.
    light, heavy = ring_of_cliques(8, 6, 0), ring_of_cliques(12, 10, 24)
    graphs = [
        Graph.of(engine.rows("src long, dst long, weight double", *rows), directed=False, weights="positive")
        for rows in ([(a, b, 1.0) for a, b in light], [(a, b, 12.0) for a, b in heavy])
    ]
    alone = Graph(engine.rows("id long", (3,), (4,)), engine.rows("src long, dst long, weight double"), False)
    found = memberships([*graphs, alone], rounds)
    expected = [(0, i, i // 6 * 6) for i in range(48)]
    expected += [(1, 24 + i, 24 + i // 10 * 10) for i in range(120)] + [(2, 3, 3), (2, 4, 4)]
    assert_rows(found, expected)
