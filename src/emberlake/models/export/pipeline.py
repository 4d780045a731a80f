"""A fitted pipeline to a file: translated, compared with the pipeline, and kept only if they agree."""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from emberlake.errors import ModelError
from emberlake.models.export.nodes import MODELS, forest_of
from emberlake.models.export.parity import Parity, check_parity
from emberlake.models.export.stages import SUPPORTED, Translation, flattened
from emberlake.models.scorer import Scorer
from emberlake.models.scoring.plan import Plan
from emberlake.progress import Progress, silent

if TYPE_CHECKING:
    from pyspark.ml import PipelineModel
    from pyspark.sql import DataFrame


@dataclass(frozen=True)
class Exported:
    """What was written.

    Attributes:
        size: of the file, in bytes.
        columns: that a row has to have, and their Spark types.
        score: what a score is: a prediction, or the probability of class 1.
    """

    path: Path
    size: int
    columns: dict[str, str]
    score: str
    trees: int
    nodes: int
    parity: Parity


def export_pipeline(
    model: PipelineModel,
    sample: DataFrame,
    path: Path,
    *,
    rows: int = 100_000,
    scratch: Path | None = None,
    progress: Progress = silent,
) -> Exported:
    """Write a fitted pipeline of trees as one file that `Scorer.open` scores with, without Spark.

    Args:
        model: StringIndexer, OneHotEncoder, Imputer, VectorAssembler, then trees.
        sample: raw rows as `model.transform` takes them; more columns than the model's are left alone.
        path: of the file; one that is there is replaced, at once and whole.
        rows: of the sample that are compared at most.
        scratch: a folder that all of Spark's processes can write to; None: a temporary one of this machine.

    Raises:
        ModelError: if a stage cannot be exported, or any row scores differently by more than 1e-9 of the value, is
            dropped by one side only or refused by one side only. No file is left then, and one that was there stays.
    """
    path = Path(path)
    progress("translating the pipeline", 0.0)
    scorer = translated(model, sample, scratch)
    progress("comparing it with the pipeline", 0.3)
    return write_checked(model, scorer, sample, path, rows)


def translated(model: PipelineModel, sample: DataFrame, scratch: Path | None = None) -> Scorer:
    """The scorer of a pipeline, not yet compared with it.

    Raises:
        ModelError: if a stage cannot be exported.
    """
    *before, trees = flattened(model.stages)
    name = type(trees).__name__
    if name not in MODELS:
        raise ModelError(f"The pipeline ends in {name}, which cannot be exported.", f"What can: {SUPPORTED}.")
    translation = Translation(sample.schema)
    for stage in before:
        translation.add(stage)
    vector = trees.getFeaturesCol()
    if vector not in translation.slots:
        raise ModelError(f"{name} reads {vector!r}, which no stage before it makes.", "Assemble it in the pipeline.")
    forest = forest_of(trees, sample.sparkSession, translation.slots[vector], scratch)
    plan = Plan(
        columns=translation.columns,
        stages=translation.stages,
        vector=vector,
        score="probability" if name.endswith("ClassificationModel") else "prediction",
        features=forest.features,
        combine=forest.combine,
        link=forest.link,
    )
    return Scorer(plan, forest)


def write_checked(model: PipelineModel, scorer: Scorer, sample: DataFrame, path: Path, rows: int) -> Exported:
    """Write a scorer beside its place, compare what was written with the pipeline, and only then put it there.

    Raises:
        ModelError: if they differ; nothing is left.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
    beside = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(scorer.packed())
            file.flush()
            os.fsync(file.fileno())
        written = Scorer.open(beside)
        parity = check_parity(model, written, sample, rows)
        beside.chmod(0o644)
        size = beside.stat().st_size
        os.replace(beside, path)
    finally:
        beside.unlink(missing_ok=True)
    forest = written.forest
    return Exported(path, size, written.columns, written.plan.score, len(forest.roots), len(forest.kind), parity)
