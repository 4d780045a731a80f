"""The best few to tell first, chosen one by one: each the one who adds most to those already chosen.

Greedy comes within 1 - 1/e of the best choice there is: Kempe, Kleinberg, Tardos (2003). A gain only falls while others
are chosen, so that most need not be counted again: CELF, Leskovec et al., "Cost-effective outbreak detection in
networks" (2007). On the driver, in a sample of worlds that the engine draws.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from pyspark.sql import functions as F

from emberlake.errors import GraphError
from emberlake.graphs.spread import WORLDS, carries

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

Array = npt.NDArray[Any]

# 24 bytes each on their way here, and 16 bytes a user and world: 600 MB at most.
MOST_LIVE = 10_000_000
MOST_PLACES = 20_000_000
CANDIDATES = 2_000


@dataclass(frozen=True)
class Chosen:
    """One who tells first.

    Attributes:
        gain: users in the average world whom those chosen before do not reach.
    """

    id: int
    gain: float


def best_seeds(
    edges: DataFrame, k: int, worlds: int = WORLDS, seed: int = 42, candidates: int = CANDIDATES
) -> tuple[Chosen, ...]:
    """Choose first tellers, the one with the largest gain first; equal gains go by id.

    Judge them in other worlds (`spread` with its own purpose): in those they were chosen in, they look better than they
    are.

    Args:
        edges: src, dst, chance, as `influence` gives them.
        k: how many; fewer are chosen where there are fewer users.
        worlds: of the sample.
        candidates: only so many users are considered: those who reach most followers at once.

    Raises:
        GraphError: if the sample would not fit this process.
    """
    if k < 1 or worlds < 1 or candidates < k:
        raise GraphError(
            f"{k} of {candidates} candidates cannot be chosen in {worlds} worlds.",
            "Give 1 or more of each, and no fewer candidates than are to be chosen.",
        )
    live = _live(edges, worlds, seed)
    considered = (
        edges.groupBy("src").agg(F.round(F.sum("chance"), 9).alias("at_once"))
        .orderBy(F.col("at_once").desc(), "src").limit(candidates).select("src").toArrow()
    )  # fmt: skip
    users = np.sort(considered.column("src").to_numpy())
    return _greedy(_Worlds(live, users, worlds), users, k)


def _live(edges: DataFrame, worlds: int, seed: int) -> tuple[Array, Array, Array]:
    """Edges that carry, by world: world, src, dst."""
    found = edges.agg(F.sum("chance"), F.countDistinct("src"), F.countDistinct("dst")).first()
    expected, tellers, hearers = found if found is not None else (0, 0, 0)
    for many, most in (((expected or 0) * worlds, MOST_LIVE), ((tellers + hearers) * worlds, MOST_PLACES)):
        if many > most:
            raise GraphError(
                f"{worlds:,} worlds of this graph are {many:,.0f} rows, more than the {most:,} that one process takes.",
                "Take fewer worlds, a smaller chance, or a part of the graph (a community).",
            )
    every = F.explode(F.sequence(F.lit(0).cast("long"), F.lit(worlds - 1).cast("long"))).alias("world")
    rows = edges.select("src", "dst", "chance", every).where(carries(seed, "chosen")).select("world", "src", "dst")
    table = rows.toArrow()
    world, src, dst = (table.column(name).to_numpy() for name in ("world", "src", "dst"))
    return world, src, dst


class _Worlds:
    """All worlds side by side as one graph: user u of world w is place w * users + u."""

    def __init__(self, live: tuple[Array, Array, Array], candidates: Array, worlds: int) -> None:
        world, src, dst = live
        self.ids = np.unique(np.concatenate([src, dst, candidates]))
        self.worlds = worlds
        size = len(self.ids)
        start = world * size + np.searchsorted(self.ids, src)
        order = np.argsort(start, kind="stable")
        self._to = (world * size + np.searchsorted(self.ids, dst))[order]
        self._first = np.searchsorted(start[order], np.arange(worlds * size + 1))
        self._seen = np.zeros(worlds * size, dtype=np.int32)
        self._walk = 0
        self.covered = np.zeros(worlds * size, dtype=bool)

    def fresh(self, user: int) -> Array:
        """Places that the user reaches and that are not covered; beyond a covered place all is covered."""
        self._walk += 1
        places = np.arange(self.worlds) * len(self.ids) + np.searchsorted(self.ids, user)
        found = [self._new(places)]
        while len(found[-1]):
            length = self._first[found[-1] + 1] - self._first[found[-1]]
            ends = np.cumsum(length)
            steps = np.arange(ends[-1]) + np.repeat(self._first[found[-1]] - ends + length, length)
            found.append(self._new(self._to[steps]))
        return np.concatenate(found)

    def _new(self, places: Array) -> Array:
        new = np.unique(places[~self.covered[places] & (self._seen[places] != self._walk)])
        self._seen[new] = self._walk
        return new


def _greedy(worlds: _Worlds, users: Array, k: int) -> tuple[Chosen, ...]:
    # The gain in places, negative for a heap of the smallest; the user; how many were chosen when it was counted.
    waiting = [(-len(worlds.fresh(int(user))), int(user), 0) for user in users]
    heapq.heapify(waiting)
    chosen: list[Chosen] = []
    while waiting and len(chosen) < k:
        loss, user, known = heapq.heappop(waiting)
        if known < len(chosen):
            heapq.heappush(waiting, (-len(worlds.fresh(user)), user, len(chosen)))
            continue
        worlds.covered[worlds.fresh(user)] = True
        chosen.append(Chosen(user, -loss / worlds.worlds))
    return tuple(chosen)
