"""A message spreads along edges that carry, in the same worlds on every engine; greedy is greedy."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from pathlib import Path

import pytest
from pyspark.sql import functions as F
from tests.engine.conftest import EngineUnderTest
from tests.rows import assert_rows

from emberlake.errors import GraphError
from emberlake.graphs import Graph, Rounds
from emberlake.graphs.draws import drawn
from emberlake.graphs.greedy import Chosen, best_seeds
from emberlake.graphs.spread import carries, influence, reaches, seeds_of, spread
from emberlake.synth import draws
from emberlake.synth.community import follow
from emberlake.synth.draws import Draws
from emberlake.synth.people import influencers, people
from emberlake.synth.plan import Shop

# Both engines are given the same programs; on Spark their rounds of small jobs take minutes.
pytestmark = pytest.mark.long("spark")

EDGES = "src long, dst long, chance double"


@pytest.fixture
def rounds(engine: EngineUnderTest, tmp_path: Path) -> Iterator[Rounds]:
    with Rounds(engine.session, tmp_path) as opened:
        yield opened


def test_draws_are_even_and_the_same_on_every_engine(engine: EngineUnderTest) -> None:
    rows = engine.session.range(20_000).select(drawn(42, "judged", F.col("id")).alias("u"))
    row = rows.agg(F.avg("u"), F.var_samp("u"), F.min("u"), F.max("u"), F.countDistinct("u")).first()
    assert row[0] == pytest.approx(1 / 2, abs=4 / (12 * 20_000) ** 0.5)
    assert row[1] == pytest.approx(1 / 12, rel=0.05)
    assert 0 <= row[2] < 0.001 and 0.999 < row[3] < 1 and row[4] == 20_000
    # Both engines draw these.
    first = engine.rows("a long, b long", (1, 2), (-7, 2**40)).select(drawn(42, "judged", F.col("a"), F.col("b")))
    assert sorted(row[0] for row in first.collect()) == pytest.approx(FIRST_DRAWS, abs=0)


FIRST_DRAWS = [0.3331946810171732, 0.8028661326484556]


def test_influence_runs_from_the_followed_to_the_followers(engine: EngineUnderTest) -> None:
    graph = Graph.of(engine.rows("src long, dst long", (1, 2), (1, 3), (1, 3), (4, 4), (5, 3)), directed=True)
    assert_rows(influence(graph, 0.25), [(2, 1, 0.25), (3, 1, 0.25), (3, 5, 0.25)])
    assert_rows(influence(graph, None), [(2, 1, 0.5), (3, 1, 0.5), (3, 5, 1.0)])
    with pytest.raises(GraphError, match="1.5 is no chance"):
        influence(graph, 1.5)


def test_what_surely_carries_reaches_all_there_is_to_reach(engine: EngineUnderTest, rounds: Rounds) -> None:
    # A ring 1 2 3, a way out of it to 4, 5; 6 hears from 5 and tells nobody; 8 tells 9, never.
    edges = [(1, 2, 1.0), (2, 3, 1.0), (3, 1, 1.0), (2, 4, 1.0), (4, 5, 1.0), (5, 6, 1.0), (8, 9, 0.0)]
    seeds = engine.rows(
        "plan string, id long",
        ("ring", 1),
        ("ring", 3),
        ("end", 6),
        ("never", 8),
        ("two", 5),
        ("two", 8),
        ("alone", 77),
    )
    got = spread(engine.rows(EDGES, *edges), seeds, rounds, worlds=2)
    wanted = {"ring": 6, "end": 1, "never": 1, "two": 3, "alone": 1}
    assert_rows(got, [(plan, world, users) for plan, users in wanted.items() for world in (0, 1)])


def test_a_cascade_goes_exactly_along_the_edges_that_carry(engine: EngineUnderTest, rounds: Rounds) -> None:
    edges = engine.rows(EDGES, *((a, b, 0.4) for a in range(12) for b in range(12) if a != b and (a + b) % 3))
    worlds = engine.session.range(5).withColumnRenamed("id", "world")
    live = edges.crossJoin(worlds).where(carries(9, "judged")).select("world", "src", "dst").collect()
    assert 100 < len(live) < 250
    wanted = [("one", world, len(walked(live, world, [3]))) for world in range(5)]
    wanted += [("two", world, len(walked(live, world, [0, 7]))) for world in range(5)]
    seeds = engine.rows("plan string, id long", ("one", 3), ("two", 0), ("two", 7))
    told: list[float] = []
    with Rounds(engine.session, rounds._folder, told=lambda one: told.append(one.change), work="spread") as watched:
        assert_rows(spread(edges, seeds, watched, worlds=5, seed=9), wanted)
    assert told[-1] == 0 and all(told[:-1])


def walked(live, world: int, start: list[int]) -> set[int]:
    """Breadth first, by hand."""
    found, waiting = set(start), deque(start)
    while waiting:
        here = waiting.popleft()
        for row in live:
            if row["world"] == world and row["src"] == here and row["dst"] not in found:
                found.add(row["dst"])
                waiting.append(row["dst"])
    return found


def test_a_chain_of_halves_is_reached_as_far_as_theory_says(engine: EngineUnderTest, rounds: Rounds) -> None:
    edges = engine.rows(EDGES, *((one, one + 1, 0.5) for one in range(8)))
    [found] = reaches(spread(edges, engine.rows("plan string, id long", ("first", 0)), rounds, worlds=1000))
    theory = sum(0.5**step for step in range(9))
    assert found.users == pytest.approx(theory, abs=4 * found.error)
    # Of a geometric number with chance 1/2 the variance is 2.
    assert found.error == pytest.approx((2 / 1000) ** 0.5, rel=0.2)


def test_first_tellers_are_the_first_of_each_ranking(engine: EngineUnderTest) -> None:
    scores = engine.rows("id long, score double", (5, 1.0), (3, 1.0), (9, 2.0), (1, 0.1))
    others = engine.rows("id long, score long", (1, 7), (2, 6), (3, 5))
    got = seeds_of({"rank": scores, "followers": others}, 2)
    assert_rows(got, [("rank", 9), ("rank", 3), ("followers", 1), ("followers", 2)])
    with pytest.raises(GraphError, match="0 first tellers of 1 rankings"):
        seeds_of({"rank": scores}, 0)


def test_greedy_takes_who_adds_most_not_who_has_most(engine: EngineUnderTest) -> None:
    # 1 reaches ten; 2 nine, of which 1 reaches eight; 3 reaches four others; 4 two more.
    star = [(1, 10 + n) for n in range(10)] + [(2, 10 + n) for n in range(8)] + [(2, 30)]
    edges = [*star, *((3, 40 + n) for n in range(4)), (4, 50), (4, 51)]
    frame = engine.rows(EDGES, *((a, b, 1.0) for a, b in edges))
    assert best_seeds(frame, 4, worlds=3) == (Chosen(1, 11), Chosen(3, 5), Chosen(4, 3), Chosen(2, 2))
    assert [one.id for one in best_seeds(frame, 9, worlds=1, candidates=9)] == [1, 3, 4, 2]
    # Of two candidates, those who reach most at once, there are no others.
    assert [one.id for one in best_seeds(frame, 2, worlds=1, candidates=2)] == [1, 2]
    assert best_seeds(engine.rows(EDGES), 1) == ()


def test_lazy_greedy_chooses_as_plain_greedy_does(engine: EngineUnderTest) -> None:
    edges = engine.rows(EDGES, *((a, b, 0.3) for a in range(25) for b in range(25) if a != b and (a * b + a) % 5 == 0))
    worlds = engine.session.range(8).withColumnRenamed("id", "world")
    live = edges.crossJoin(worlds).where(carries(3, "chosen")).select("world", "src", "dst").collect()
    tellers = sorted({row["src"] for row in edges.select("src").distinct().collect()})
    reached = {(user, world): walked(live, world, [user]) for user in tellers for world in range(8)}
    chosen: list[Chosen] = []
    covered: list[set[int]] = [set() for _ in range(8)]
    for _ in range(4):
        gains = {user: sum(len(reached[user, world] - covered[world]) for world in range(8)) for user in tellers}
        best = min(gains, key=lambda user: (-gains[user], user))
        chosen.append(Chosen(best, gains[best] / 8))
        covered = [covered[world] | reached[best, world] for world in range(8)]
    assert best_seeds(edges, 4, worlds=8, seed=3) == tuple(chosen)


def test_what_does_not_fit_is_refused(engine: EngineUnderTest, rounds: Rounds) -> None:
    edges = engine.rows(EDGES, (1, 2, 1.0))
    with pytest.raises(GraphError, match=r"20,000,000 worlds of this graph are 20,000,000 rows"):
        best_seeds(edges, 1, worlds=20_000_000)
    with pytest.raises(GraphError, match="3 of 2 candidates"):
        best_seeds(edges, 3, candidates=2)
    with pytest.raises(GraphError, match="0 worlds"):
        spread(edges, engine.rows("plan string, id long", ("one", 1)), rounds, worlds=0)


def test_planted_influencers_spread_as_far_as_the_best_choice(engine: EngineUnderTest, rounds: Rounds) -> None:
    shop = Shop(7, 0.1)
    made = follow(Draws(7, draws.FOLLOWS, 0), shop, people(shop, 0))
    rows = list(zip(made.follower.tolist(), made.followee.tolist(), strict=True))
    graph = Graph.of(engine.session.createDataFrame(rows, "src long, dst long"), directed=True)
    edges = rounds.write("edges", influence(graph, 0.1))
    stars = influencers(shop).tolist()
    followers = edges.groupBy(F.col("src").alias("id")).agg(F.count("*").alias("score"))
    planted = engine.session.createDataFrame([(one, 1.0) for one in stars], "id long, score double")
    anyone = followers.select("id", (-F.abs(F.col("id") - 500)).cast("double").alias("score"))
    plans = {"planted": planted, "followers": followers.withColumn("score", F.col("score").cast("double"))}
    chosen = best_seeds(edges, len(stars), worlds=32)
    greedy = engine.session.createDataFrame([(one.id, one.gain) for one in chosen], "id long, score double")
    seeds = seeds_of({**plans, "greedy": greedy, "anyone": anyone}, len(stars))
    found = {one.plan: one for one in reaches(spread(edges, seeds, rounds, worlds=32))}
    assert {one.id for one in chosen} == set(stars)
    assert found["greedy"].users == found["planted"].users == found["followers"].users
    assert found["planted"].users > 2 * found["anyone"].users
