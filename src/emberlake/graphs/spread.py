"""How far a message spreads: the independent cascade, run in many worlds at once.

Whoever hears it tells each follower once, and each hears it with the edge's chance. Whether an edge carries is drawn
from the seed, the world and the edge alone, so that every engine, and every set of first tellers, meets the same
worlds: Kempe, Kleinberg, Tardos, "Maximizing the spread of influence through a social network" (2003), its live edges.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING

from pyspark.sql import Window
from pyspark.sql import functions as F

from emberlake.errors import GraphError
from emberlake.graphs.draws import drawn

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame

    from emberlake.graphs.graph import Graph
    from emberlake.graphs.rounds import Rounds

WORLDS = 64
CHANCE = 0.1


@dataclass(frozen=True)
class Reach:
    """How far a plan's first tellers come.

    Attributes:
        users: reached in the average world, the first tellers included.
        error: the standard error of that average over the worlds.
    """

    plan: str
    users: float
    error: float


def influence(follows: Graph, chance: float | None = CHANCE) -> DataFrame:
    """Whom each user reaches: their followers.

    Args:
        follows: src follows dst; loops carry nothing, and a repeated edge carries once.
        chance: of every edge; None is the weighted cascade, one part in as many as the follower follows.

    Returns:
        src (who is followed), dst (who follows), chance.
    """
    if chance is not None and not 0 <= chance <= 1:
        raise GraphError(f"{chance:g} is no chance.", "Give a number from 0 to 1, or None for the weighted cascade.")
    edges = follows.edges.where("src <> dst").select(F.col("dst").alias("src"), F.col("src").alias("dst")).distinct()
    if chance is not None:
        return edges.withColumn("chance", F.lit(float(chance)))
    heard = edges.groupBy("dst").agg((1 / F.count("*")).alias("chance"))
    return edges.join(heard, "dst").select("src", "dst", "chance")


def carries(seed: int, purpose: str) -> Column:
    """Whether an edge carries in a world: of the columns src, dst, chance and world (long)."""
    return drawn(seed, purpose, F.col("world"), F.col("src"), F.col("dst")) < F.col("chance")


def spread(
    edges: DataFrame, seeds: DataFrame, rounds: Rounds, worlds: int = WORLDS, seed: int = 42, purpose: str = "judged"
) -> DataFrame:
    """How many users each plan reaches in each world.

    Args:
        edges: src, dst, chance, as `influence` gives them.
        seeds: plan (string), id: who tells first; of a plan with nobody nothing is known.
        worlds: how many; the error falls with their root.
        seed: another seed, other worlds.
        purpose: as the seed; what was chosen in some worlds is judged in others.

    Returns:
        plan, world, reached: the first tellers included, also those whom nobody follows.
    """
    if worlds < 1:
        raise GraphError(f"Nothing spreads in {worlds} worlds.", "Give 1 or more.")
    edges = rounds.write("influence", edges)
    every = F.explode(F.sequence(F.lit(0).cast("long"), F.lit(worlds - 1).cast("long")))
    first = seeds.select("plan", "id").distinct().select("plan", every.alias("world"), "id", F.lit(0).alias("round"))
    reached = rounds.write("reached", first)
    for number in count(1):
        told = reached.where(F.col("round") == number - 1).select("plan", "world", F.col("id").alias("src"))
        heard = told.join(edges, "src").where(carries(seed, purpose)).select("plan", "world", F.col("dst").alias("id"))
        fresh = heard.distinct().join(reached, ["plan", "world", "id"], "left_anti")
        reached = rounds.write("reached", reached.unionByName(fresh.withColumn("round", F.lit(number))))
        if rounds.tell(number, float(reached.where(F.col("round") == number).count()), 0):
            break
    return reached.groupBy("plan", "world").agg(F.count("*").alias("reached"))


def reaches(spread: DataFrame) -> tuple[Reach, ...]:
    """The plans of `spread`, the farthest first."""
    users, error = F.avg("reached"), F.stddev_samp("reached") / F.sqrt(F.count("*"))
    rows = spread.groupBy("plan").agg(users.alias("users"), error.alias("error")).collect()
    found = [Reach(row["plan"], row["users"], row["error"] or 0.0) for row in rows]
    return tuple(sorted(found, key=lambda one: (-one.users, one.plan)))


def seeds_of(rankings: Mapping[str, DataFrame], k: int) -> DataFrame:
    """The first k users of each ranking as first tellers.

    Args:
        rankings: name of a plan → id, score; equal scores go by id.

    Returns:
        plan, id.
    """
    if k < 1 or not rankings:
        raise GraphError(f"{k} first tellers of {len(rankings)} rankings are nobody.", "Give 1 or more of both.")
    best = Window.partitionBy("plan").orderBy(F.col("score").desc(), "id")
    named = [ranking.select(F.lit(plan).alias("plan"), "id", "score") for plan, ranking in rankings.items()]
    all_, *others = named
    for one in others:
        all_ = all_.unionByName(one)
    return all_.withColumn("place", F.row_number().over(best)).where(F.col("place") <= k).select("plan", "id")
