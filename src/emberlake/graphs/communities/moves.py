"""Vertices move to the community of a neighbour as long as modularity grows: the inner loop of Louvain, in rounds.

In a round all vertices look at the same state, which no sequential program does. If all moved at once, two neighbours
could change places for ever; so in each round only those move on whom a lot falls, one in two, drawn from the seed,
the round and the id. Que, Checconi, Petrini and Gunnels, Scalable community detection with the Louvain algorithm
(IPDPS 2015) and Lu, Halappanavar and Kalyanaraman, Parallel heuristics for scalable community detection (2015) meet
the same difficulty by thresholds and by orders of labels.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pyspark.sql import functions as F

from emberlake.graphs.communities.lots import its_turn, lot

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

    from emberlake.graphs.communities.ties import Ties
    from emberlake.graphs.rounds import Rounds

# Rounds that may gain less than the step before a level counts as settled: lots can fall badly once.
PATIENCE = 2
# A level that has not settled by then is taken as it is; the next one goes on.
MOST = 30
# Differences of modularity that are no more than rounding.
NOTHING = 1e-12
LONGEST = 2**63 - 1


@dataclass(frozen=True)
class Terms:
    """How communities are judged.

    Attributes:
        seed: of the lots.
        resolution: what a community's size costs; above 1 for smaller communities.
        step: a level has settled when rounds gain less modularity than this.
    """

    seed: int
    resolution: float
    step: float


@dataclass(frozen=True)
class Settled:
    """A level after its moves.

    Attributes:
        placed: id, strength, community.
        quality: its modularity.
        moved: whether anybody did.
    """

    placed: DataFrame
    quality: float
    moved: bool


def settle(ties: Ties, placed: DataFrame, terms: Terms, rounds: Rounds, started: int) -> tuple[Settled, int]:
    """Let vertices move in rounds, and take the best state that was seen.

    Args:
        placed: id, strength, community: where they stand.
        rounds: told what a round gained.
        started: rounds before this level, so that every round has lots of its own.

    Returns:
        the settled level, and the rounds after it.
    """
    best: Settled | None = None
    kept = quiet = 0
    for number in range(started + 1, started + MOST + 1):
        seen = rounds.write(f"seen-{number}", _looked_around(ties, placed, terms, number))
        quality, wanting = _judged(seen, ties, terms)
        gained = quality - best.quality if best else quality
        before = {kept, number - 1}
        if best is None or gained > NOTHING:
            best, kept = Settled(seen.select("id", "strength", "community"), quality, best is not None), number
        for old in before - {kept}:
            rounds.drop(f"seen-{old}")
        rounds.tell(number, gained, terms.step)
        quiet = 0 if gained >= terms.step else quiet + 1
        if not wanting or quiet > PATIENCE:
            break
        placed = _moved(seen, terms, number)
    assert best is not None
    return best, number


def _looked_around(ties: Ties, placed: DataFrame, terms: Terms, number: int) -> DataFrame:
    """What every vertex sees: the community where it would add most to modularity.

    Returns:
        id, strength, community, held (all strengths of that community), inside (links to it), target, wants (whether
        moving there adds anything).
    """
    held = placed.groupBy("community").agg(F.sum("strength").alias("held"))
    there = placed.select(F.col("id").alias("dst"), F.col("community").alias("target"))
    # A vertex reaches its own community also when no link leads there.
    itself = placed.select(F.col("id").alias("src"), F.col("community").alias("target"), F.lit(0.0).alias("weight"))
    reached = ties.links.join(there, "dst").select("src", "target", "weight").unionAll(itself)
    reached = reached.groupBy(F.col("src").alias("id"), "target").agg(F.sum("weight").alias("link"))
    options = reached.join(held.select(F.col("community").alias("target"), "held"), "target").join(placed, "id")
    home = F.col("target") == F.col("community")
    # Blondel, Guillaume, Lambiotte and Lefebvre (2008), equation 2, times the total and without what is the same
    # for all targets: the links gained, less those that chance would give.
    others = F.col("held") - F.when(home, F.col("strength")).otherwise(0.0)
    gain = F.col("link") - F.col("strength") * others * terms.resolution / ties.total
    drawn = F.when(home, F.lit(LONGEST)).otherwise(lot("target", terms.seed, -number))
    options = options.select(
        "id",
        "strength",
        "community",
        F.when(home, F.col("held")).alias("held"),
        F.when(home, F.col("link")).alias("inside"),
        F.when(home, gain).alias("stay"),
        F.struct(gain.alias("gain"), drawn.alias("drawn"), F.col("target").alias("target")).alias("option"),
    )
    one = ("held", "inside", "stay")
    best = options.groupBy("id", "strength", "community").agg(
        *(F.max(c).alias(c) for c in one), F.max("option").alias("best")
    )
    return best.select(
        "id",
        "strength",
        "community",
        "held",
        "inside",
        F.col("best.target").alias("target"),
        (F.col("best.gain") - F.col("stay") > NOTHING * ties.total).alias("wants"),
    )


def _moved(seen: DataFrame, terms: Terms, number: int) -> DataFrame:
    """Those who want to and on whom the lot falls have moved: id, strength, community."""
    goes = F.col("wants") & its_turn("id", terms.seed, number)
    return seen.select("id", "strength", F.when(goes, F.col("target")).otherwise(F.col("community")).alias("community"))


def _judged(seen: DataFrame, ties: Ties, terms: Terms) -> tuple[float, int]:
    """The modularity of the state, and how many want to move."""
    share = F.col("strength") / ties.total
    by_chance = F.sum(share * F.col("held") / ties.total)
    row = seen.agg(F.sum("inside"), by_chance, F.sum(F.col("wants").cast("int"))).first()
    inside, chance, wanting = (row[0] or 0.0, row[1] or 0.0, row[2] or 0) if row else (0.0, 0.0, 0)
    return (ties.within + inside) / ties.total - terms.resolution * chance, wanting
