"""A fitted pipeline of trees as one expression of Spark's own: no vector is made of a row, and none is read.

MLlib's stages are functions that Spark calls row by row, with each value in a box. The same tests as an expression
are compiled into the loop that reads the row.
"""

from __future__ import annotations

import logging
import math
from functools import reduce
from operator import add
from typing import TYPE_CHECKING, Any

from pyspark.sql import functions as F

from emberlake.errors import ModelError
from emberlake.models.export.pipeline import translated
from emberlake.models.scoring.forest import LEAF, NUMBER, Forest
from emberlake.models.scoring.stages import Assembler, Imputer, Indexer

if TYPE_CHECKING:
    from pyspark.ml import PipelineModel
    from pyspark.sql import Column, DataFrame

_LOG = logging.getLogger("emberlake.streams")
# More would be split into methods that the JVM does not compile well; such a model is scored by MLlib.
MOST_NODES = 2_000


def predicted(rows: DataFrame, model: PipelineModel) -> DataFrame:
    """Rows with the model's `prediction`, as `model.transform` gives it (to 1e-9 of the value).

    Args:
        rows: the columns that the model reads, and others, which are kept.
    """
    try:
        return _predicted(rows, translated(model, rows.limit(0)))
    except ModelError as e:
        _LOG.warning("MLlib scores this model itself: %s", e)
        return model.transform(rows)


def _predicted(rows: DataFrame, scorer: Any) -> DataFrame:
    forest: Forest = scorer.forest
    if len(forest.kind) > MOST_NODES or forest.link != "identity":
        raise ModelError(f"Its trees have {len(forest.kind):,} nodes, or are a classifier's.")
    slots: dict[str, list[str]] = {}
    kept = rows.columns
    for stage in scorer.plan.stages:
        if isinstance(stage, Indexer) and stage.invalid == "keep":
            rows = rows.withColumns(_indices(stage))
        elif isinstance(stage, Imputer):
            rows = rows.withColumns(_filled(stage))
        elif isinstance(stage, Assembler) and not any(stage.sizes):
            slots[stage.output] = stage.inputs
        else:
            raise ModelError(f"Its stage {stage.op} has no expression.")
    total = reduce(add, trees(forest, slots[scorer.plan.vector]))
    if forest.combine == "mean":
        total = total / len(forest.roots)
    return rows.select(*kept, total.alias("prediction"))


def trees(forest: Forest, names: list[str]) -> list[Column]:
    """Each tree as an expression over the columns that stand for the places of its vector."""
    categories = forest.lists()
    nodes: list[Column] = [F.lit(float(value)) for value in forest.value]
    # A node's children come after it.
    for node in reversed(range(len(nodes))):
        kind = forest.kind[node]
        if kind == LEAF:
            continue
        feature = F.col(names[int(forest.feature[node])])
        left, right = nodes[int(forest.left[node])], nodes[int(forest.right[node])]
        if kind == NUMBER:
            nodes[node] = F.when(feature <= float(forest.value[node]), left).otherwise(right)
        else:
            listed = feature.isin([float(category) for category in categories[node]])
            yes, no = (left, right) if forest.holds_left[node] else (right, left)
            nodes[node] = F.when(listed, yes).otherwise(no)
    return [nodes[int(root)] for root in forest.roots]


def _indices(stage: Indexer) -> dict[str, Column]:
    made = {}
    for name, output, labels in zip(stage.inputs, stage.outputs, stage.labels, strict=True):
        text, index = F.col(name).cast("string"), F.lit(float(len(labels)))
        for place, label in reversed(list(enumerate(labels))):
            index = F.when(text == label, F.lit(float(place))).otherwise(index)
        made[output] = index
    return made


def _filled(stage: Imputer) -> dict[str, Column]:
    made = {}
    for name, output, surrogate in zip(stage.inputs, stage.outputs, stage.surrogates, strict=True):
        value = F.col(name).cast("double")
        missing = F.isnan(value) if math.isnan(stage.missing) else value == F.lit(stage.missing)
        made[output] = F.when(value.isNull() | missing, F.lit(surrogate)).otherwise(value)
    return made
