"""Decision trees as flat arrays: checked, walked for one row, and given to treelite for many."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import numpy.typing as npt

from emberlake.errors import ModelError
from emberlake.models.scoring.batch import Floats

if TYPE_CHECKING:
    from treelite import Model

LEAF, NUMBER, CATEGORY = 0, 1, 2


@dataclass(frozen=True)
class Forest:
    """Trees in pre-order: a node's children come after it.

    Attributes:
        features: length of the vector that is scored.
        combine: how the leaves' values become one: their mean, or their sum.
        link: what becomes of that: itself, or 1 / (1 + exp(-2 x)), MLlib's probability of a boosted classifier.
        roots: node of each tree's root.
        kind: of each node: 0 a leaf, 1 `feature <= value` goes left, 2 a test of categories.
        feature: that the node tests.
        value: a leaf's value, or the threshold.
        left: child.
        right: child.
        holds_left: 1 where a row whose category is in the node's list goes left, 0 where it goes right.
        category_ends: where each node's part of `categories` ends; it begins where the one before ends.
        categories: of all nodes, one after the other.
    """

    features: int
    combine: Literal["mean", "sum"]
    link: Literal["identity", "logistic"]
    roots: npt.NDArray[np.int32]
    kind: npt.NDArray[np.uint8]
    feature: npt.NDArray[np.int32]
    value: Floats
    left: npt.NDArray[np.int32]
    right: npt.NDArray[np.int32]
    holds_left: npt.NDArray[np.uint8]
    category_ends: npt.NDArray[np.int32]
    categories: npt.NDArray[np.int32]

    def one(self, vector: Sequence[float]) -> float:
        """The score of one vector."""
        total = 0.0
        for node in self._tuples:
            while type(node) is tuple:
                feature, threshold, categories, yes, no = node
                if categories is None:
                    node = yes if vector[feature] <= threshold else no
                else:
                    node = yes if vector[feature] in categories else no
            total += node
        if self.combine == "mean":
            total /= len(self.roots)
        return _logistic(total) if self.link == "logistic" else total

    def many(self, vectors: Floats) -> Floats:
        """The scores of many vectors, a row each, in one thread."""
        from treelite import gtil

        raw = gtil.predict(self.treelite, vectors, nthread=1, pred_margin=True).reshape(-1)
        if self.link == "logistic":
            with np.errstate(over="ignore"):
                raw = 1.0 / (1.0 + np.exp(-2.0 * raw))
        return raw

    def lists(self) -> list[list[int]]:
        """The categories of each node."""
        return [part.tolist() for part in np.split(self.categories, self.category_ends[:-1])]

    @cached_property
    def _tuples(self) -> list[Any]:
        """Each tree as nested tuples: four times as fast to walk as the arrays."""
        nodes: list[Any] = self.value.tolist()
        kind, feature, left, right = (a.tolist() for a in (self.kind, self.feature, self.left, self.right))
        holds_left, lists = self.holds_left.tolist(), self.lists()
        for node in reversed(range(len(nodes))):
            if kind[node] == LEAF:
                continue
            yes, no = nodes[left[node]], nodes[right[node]]
            if kind[node] == NUMBER:
                nodes[node] = (feature[node], nodes[node], None, yes, no)
            else:
                pair = (yes, no) if holds_left[node] else (no, yes)
                nodes[node] = (feature[node], None, frozenset(lists[node]), *pair)
        return [nodes[root] for root in self.roots.tolist()]

    @cached_property
    def treelite(self) -> Model:
        """The same trees for treelite: tests `<=` in double precision, NaN to where MLlib's tests send it."""
        return _treelite(self)

    def checked(self) -> Forest:
        """Itself, if it is made of whole trees.

        Raises:
            ModelError: if a node, a child, a feature or a category is not where it can be.
        """
        from emberlake.models.scoring.wholeness import is_whole

        if not is_whole(self):
            raise ModelError(
                "The file's trees are not whole: a node points to where there is none.", "Export the model again."
            )
        return self


def _logistic(margin: float) -> float:
    try:
        return 1.0 / (1.0 + math.exp(-2.0 * margin))
    except OverflowError:
        return 0.0


def _treelite(forest: Forest) -> Model:
    from treelite.model_builder import Metadata, ModelBuilder, PostProcessorFunc, TreeAnnotation

    trees = len(forest.roots)
    builder = ModelBuilder(
        threshold_type="float64",
        leaf_output_type="float64",
        metadata=Metadata(forest.features, "kRegressor", forest.combine == "mean", 1, [1], (1, 1)),
        tree_annotation=TreeAnnotation(trees, [0] * trees, [0] * trees),
        postprocessor=PostProcessorFunc("identity"),
        base_scores=[0.0],
    )
    kind, feature, left, right = (a.tolist() for a in (forest.kind, forest.feature, forest.left, forest.right))
    value, holds_left, lists = forest.value.tolist(), forest.holds_left.tolist(), forest.lists()
    for root in forest.roots.tolist():
        builder.start_tree()
        waiting = [root]
        while waiting:
            node = waiting.pop()
            builder.start_node(node)
            if kind[node] == LEAF:
                builder.leaf(value[node])
            else:
                children = {"left_child_key": left[node], "right_child_key": right[node]}
                waiting += [right[node], left[node]]
                if kind[node] == NUMBER:
                    builder.numerical_test(feature[node], value[node], default_left=False, opname="<=", **children)
                else:
                    holds = bool(holds_left[node])
                    builder.categorical_test(
                        feature[node],
                        default_left=not holds,
                        category_list=lists[node],
                        category_list_right_child=not holds,
                        **children,
                    )
            builder.end_node()
        builder.end_tree()
    return builder.commit()
