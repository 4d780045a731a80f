"""Whether arrays are whole trees: what a stranger's file is asked before anything walks them."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from emberlake.models.scoring.forest import CATEGORY, LEAF, Forest

# MLlib grows no deeper than 30; a file that says so was not written by the exporter.
_DEEPEST = 31
_MOST_CATEGORIES = 1_000_000


def is_whole(forest: Forest) -> bool:
    """Every node has its place, every test its feature and its categories."""
    nodes = len(forest.kind)
    others = (forest.feature, forest.value, forest.left, forest.right, forest.holds_left, forest.category_ends)
    if not nodes or any(len(array) != nodes for array in others) or not len(forest.roots) or (forest.kind > 2).any():
        return False
    inner = np.flatnonzero(forest.kind != LEAF)
    children = np.concatenate([forest.left[inner], forest.right[inner]])
    # Every node has one parent, or is a root; and comes after its parent, so that no walk goes round.
    every = np.sort(np.concatenate([children, forest.roots]))
    parents = np.concatenate([inner, inner])
    if len(every) != nodes or (every != np.arange(nodes)).any() or (children <= parents).any():
        return False
    if ((forest.feature[inner] < 0) | (forest.feature[inner] >= forest.features)).any():
        return False
    return _shallow(forest, inner) and _has_categories(forest) and bool(np.isfinite(forest.value).all())


def _shallow(forest: Forest, inner: npt.NDArray[np.intp]) -> bool:
    level, depth = forest.roots, 0
    while len(level):
        level = level[forest.kind[level] != LEAF]
        level = np.concatenate([forest.left[level], forest.right[level]])
        depth += 1
        if depth > _DEEPEST:
            return False
    return True


def _has_categories(forest: Forest) -> bool:
    lengths = np.diff(forest.category_ends, prepend=0)
    ends = forest.category_ends[-1] == len(forest.categories)
    placed = (lengths >= 0).all() and not lengths[forest.kind != CATEGORY].any() and ends
    known = ((forest.categories >= 0) & (forest.categories < _MOST_CATEGORIES)).all()
    return bool(placed and known)
