"""Whom to tell first so that many hear it: plans compared in the same worlds."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from pyspark.sql import functions as F

from emberlake.errors import GraphError
from emberlake.graphs import building
from emberlake.graphs.draws import drawn
from emberlake.graphs.rounds import Rounds
from emberlake.graphs.spread import CHANCE, influence, reaches, seeds_of, spread
from emberlake.progress import Progress, silent

if TYPE_CHECKING:
    from emberlake.lake import Lake

TELLERS = 10


def compare_tellers(
    lake: Lake, tellers: int = TELLERS, chance: float = CHANCE, progress: Progress = silent
) -> list[dict[str, Any]]:
    """How many users hear what these tell: the highest ranks, the most followed, and users drawn by lot.

    Args:
        tellers: users who are told first, by each plan.
        chance: that a follower takes it up from one whom they follow.

    Returns:
        plan, users (in the average world), error (its standard error); the farthest first.

    Raises:
        GraphError: if the graphs were not built.
    """
    if not lake.exists("gold.influence") or not lake.rows("gold.influence"):
        raise GraphError("gold.influence has no rows: nobody is known to tell.", "Build it: emberlake graph build.")
    who = lake.read("gold.influence").select(F.col("user_id").alias("id"), "rank", "followers")
    plans = {
        "highest rank": who.select("id", F.col("rank").alias("score")),
        "most followers": who.select("id", F.col("followers").cast("double").alias("score")),
        "by lot": who.select("id", drawn(42, "tellers", F.col("id")).alias("score")),
    }
    graph = building.follows({name: lake.read(name) for name in building.READS["follows"]})

    def told(done: Any) -> None:
        progress(f"step {done.number}", done.number / (done.number + 5))

    with Rounds(lake.session, lake.settings.scratch, told=told, work="spread") as rounds:
        seeds = rounds.write("seeds", seeds_of(plans, tellers))
        return [asdict(reach) for reach in reaches(spread(influence(graph, chance), seeds, rounds))]
