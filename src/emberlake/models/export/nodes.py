"""Trees of a fitted model, from what MLlib itself saves of them: exact, and not node by node through the JVM."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from emberlake.errors import ModelError
from emberlake.models.export.stages import SUPPORTED
from emberlake.models.scoring.forest import CATEGORY, LEAF, NUMBER, Forest

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

_AVERAGED = ("DecisionTreeRegressionModel", "RandomForestRegressionModel")
_VOTED = ("DecisionTreeClassificationModel", "RandomForestClassificationModel")
_BOOSTED = ("GBTRegressionModel", "GBTClassificationModel")
MODELS = (*_AVERAGED, *_VOTED, *_BOOSTED)


def forest_of(model: Any, session: SparkSession, slots: list[int | None], scratch: Path | None = None) -> Forest:
    """The trees of a fitted tree model.

    Args:
        slots: of each place of its vector: the categories that it can be, or None for a number.
        scratch: a folder that all of Spark's processes can write to; None: one of this machine's temporary ones.

    Raises:
        ModelError: if it has not two classes, or tests categories of what has none.
    """
    name = type(model).__name__
    if name in _VOTED and model.numClasses != 2:
        raise ModelError(f"{name} has {model.numClasses} classes.", f"What can be exported: {SUPPORTED}.")
    rows = _saved_nodes(model, session, scratch)
    weights = list(model.treeWeights) if name in _BOOSTED else None
    try:
        nodes = _Nodes(slots)
        for tree in _by_tree(rows):
            nodes.add(tree, weights[tree[0]["treeID"]] if weights else None, voted=name in _VOTED)
    except KeyError as error:
        raise ModelError(f"This Spark saves trees in another form than 4.2: it has no {error}.") from error
    return nodes.forest(
        combine="sum" if weights else "mean", link="logistic" if name == "GBTClassificationModel" else "identity"
    )


def _saved_nodes(model: Any, session: SparkSession, scratch: Path | None) -> list[dict[str, Any]]:
    folder = Path(tempfile.mkdtemp(prefix="export-", dir=scratch))
    try:
        model.write().overwrite().save(str(folder / "model"))
        saved = session.read.parquet(str(folder / "model" / "data")).toArrow().to_pylist()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    # An ensemble's nodes lie beside their tree's number; a single tree's do not.
    return [row["nodeData"] | {"treeID": row["treeID"]} if "nodeData" in row else row | {"treeID": 0} for row in saved]


def _by_tree(rows: list[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    trees: dict[int, list[dict[str, Any]]] = {}
    for row in sorted(rows, key=lambda row: (row["treeID"], row["id"])):
        trees.setdefault(row["treeID"], []).append(row)
    return list(trees.values())


class _Nodes:
    """The arrays of a forest while trees are added."""

    def __init__(self, slots: list[int | None]) -> None:
        self._slots = slots
        self._roots: list[int] = []
        self._rows: list[tuple[int, int, float, int, int, int]] = []
        self._ends: list[int] = []
        self._categories: list[int] = []

    def add(self, tree: list[dict[str, Any]], weight: float | None, voted: bool) -> None:
        # MLlib numbers a tree's nodes in pre-order, from 0.
        root = len(self._rows)
        self._roots.append(root)
        for row in tree:
            if row["leftChild"] < 0:
                self._rows.append((LEAF, 0, _leaf(row, weight, voted), 0, 0, 0))
            else:
                self._inner(row["split"], root + row["leftChild"], root + row["rightChild"])
            self._ends.append(len(self._categories))

    def _inner(self, split: dict[str, Any], left: int, right: int) -> None:
        feature, categories = split["featureIndex"], split["numCategories"]
        tested = split["leftCategoriesOrThreshold"]
        if categories < 0:
            self._rows.append((NUMBER, feature, tested[0], left, right, 0))
            return
        if self._slots[feature] is None:
            raise ModelError(
                f"The trees test categories of feature {feature}, which is neither indexed nor one-hot encoded here.",
                "Make categories by a StringIndexer inside of the pipeline.",
            )
        # As MLlib's CategoricalSplit does: the smaller of the two sets is kept, and all else goes the other way.
        listed = {int(category) for category in tested}
        holds_left = len(listed) <= categories // 2
        self._categories += sorted(listed if holds_left else set(range(categories)) - listed)
        self._rows.append((CATEGORY, feature, 0.0, left, right, int(holds_left)))

    def forest(self, combine: Any, link: Any) -> Forest:
        kind, feature, value, left, right, holds_left = zip(*self._rows, strict=True)
        return Forest(
            features=len(self._slots),
            combine=combine,
            link=link,
            roots=np.array(self._roots, np.int32),
            kind=np.array(kind, np.uint8),
            feature=np.array(feature, np.int32),
            value=np.array(value, np.float64),
            left=np.array(left, np.int32),
            right=np.array(right, np.int32),
            holds_left=np.array(holds_left, np.uint8),
            category_ends=np.array(self._ends, np.int32),
            categories=np.array(self._categories, np.int32),
        ).checked()


def _leaf(row: dict[str, Any], weight: float | None, voted: bool) -> float:
    if voted:
        counts = row["impurityStats"]
        return float(counts[1] / sum(counts))
    return float(row["prediction"] if weight is None else row["prediction"] * weight)
