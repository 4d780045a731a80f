"""The newest known follows, on which sizes and numbers of epochs are chosen: what is held out stays unseen."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from emberlake.graphs.links.compact import Array, Compact

NEWEST = 0.1


@dataclass(frozen=True)
class Checking:
    """Follows to learn from, and pairs to check on.

    Attributes:
        before: the older follows.
        a, b: places of pairs.
        linked: 1 for a newer follow, 0 for a pair drawn.
    """

    before: Compact
    a: Array
    b: Array
    linked: Array

    def auc(self, scores: Array) -> float:
        """How well scores tell the ones from the others."""
        from sklearn.metrics import roc_auc_score

        return float(roc_auc_score(self.linked, scores))


def checking(net: Compact, seed: int) -> Checking | None:
    """Take the newest tenth apart; None where it has nothing that could be foretold."""
    kept = len(net.src) - max(1, round(NEWEST * len(net.src)))
    before = net.first(kept)
    degree = np.bincount(np.concatenate([before.src, before.dst]), minlength=len(net))
    src, dst = net.src[kept:], net.dst[kept:]
    possible = (degree[src] > 0) & (degree[dst] > 0)
    src, dst = src[possible], dst[possible]
    if not len(src):
        return None
    known = np.flatnonzero(degree)
    other = known[np.random.default_rng(seed).integers(0, len(known), len(src))]
    a, b = np.concatenate([src, src]), np.concatenate([dst, other])
    return Checking(before, a, b, np.repeat([1, 0], len(src)))
