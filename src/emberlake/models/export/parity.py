"""The proof that an exported model scores as its pipeline does, on real rows and on rows made to be difficult."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from emberlake.errors import ModelError
from emberlake.models.export.made_rows import mixed_rows, single_rows
from emberlake.models.scoring.batch import Floats, Mask
from emberlake.models.scoring.refusals import shown

if TYPE_CHECKING:
    from pyspark.ml import PipelineModel
    from pyspark.sql import DataFrame

    from emberlake.models.scorer import Scorer

BOUND = 1e-9
_ROW = "emberlake_row"
# Each row that has to be refused is asked alone, at a third of a second: the first ones of the sample, all made ones.
_REFUSED_ASKED = 5
_RAISED = "FAILED_EXECUTE_UDF"


@dataclass(frozen=True)
class Parity:
    """What was compared.

    Attributes:
        rows: of the sample.
        made: rows that were made: every level, unseen levels, nulls, NaN, thresholds, and columns mixed.
        dropped: rows that both drop.
        refused: rows that both refuse, each asked alone.
        largest: the largest relative difference of two scores.
    """

    rows: int
    made: int
    dropped: int
    refused: int
    largest: float


def check_parity(model: PipelineModel, scorer: Scorer, sample: DataFrame, rows: int) -> Parity:
    """Compare an exported model with its pipeline.

    Raises:
        ModelError: if the sample has no row, or the two differ anywhere: where, and by how much.
    """
    asked = [field for field in sample.schema.fields if field.name in scorer.columns]
    table = sample.select(*(field.name for field in asked)).limit(rows).toArrow()
    if not table.num_rows:
        raise ModelError("The sample has no row to compare the exported model on.", "Give rows that the model reads.")
    mixed, singles = mixed_rows(table, scorer), single_rows(table, scorer)
    every = pa.concat_tables([table, mixed, singles])
    scores, failed, _ = scorer.outcomes(every)
    theirs = _transformed(model, sample, every, np.flatnonzero(~failed))
    largest = _compare(every, scores, theirs, failed)
    refused, made = np.flatnonzero(failed), table.num_rows + mixed.num_rows
    alone = np.concatenate([refused[refused < made][:_REFUSED_ASKED], refused[refused >= made]])
    for row in alone:
        _refuses(model, sample, every, int(row))
    dropped = int((np.isnan(scores) & ~failed).sum())
    return Parity(table.num_rows, mixed.num_rows + singles.num_rows, dropped, len(alone), largest)


def _transformed(model: PipelineModel, sample: DataFrame, every: pa.Table, rows: Any) -> Floats:
    """The pipeline's scores by row, NaN where it has none."""
    from py4j.protocol import Py4JJavaError
    from pyspark.errors import PySparkException

    asked = every.take(rows).append_column(_ROW, pa.array(rows, pa.int64()))
    try:
        scored = _score(model, _frame(sample, asked)).toArrow()
    except (PySparkException, Py4JJavaError) as error:
        if _RAISED not in str(error):
            raise
        said = re.search(r"failed due to: (.*)", str(error))
        raise _unequal(
            f"the pipeline refuses a row that the exported model scores: {said[1] if said else shown(str(error))}"
        ) from error
    theirs = np.full(every.num_rows, np.nan)
    theirs[scored[_ROW].to_numpy()] = scored["score"].to_numpy()
    return theirs


def _frame(sample: DataFrame, table: pa.Table) -> DataFrame:
    from pyspark.sql.types import LongType, StructField, StructType

    types = {field.name: field.dataType for field in sample.schema.fields}
    fields = [StructField(name, types.get(name, LongType()), True) for name in table.column_names]
    return sample.sparkSession.createDataFrame(table, StructType(fields))


def _score(model: PipelineModel, rows: DataFrame) -> DataFrame:
    """The pipeline's score beside the row's number: the prediction, or the probability of class 1."""
    from pyspark.ml.functions import vector_to_array
    from pyspark.sql import functions as F

    last: Any = model.stages[-1]
    while hasattr(last, "stages"):
        last = last.stages[-1]
    if hasattr(last, "getProbabilityCol"):
        score = vector_to_array(F.col(last.getProbabilityCol())).getItem(1)
    else:
        score = F.col(last.getPredictionCol())
    return model.transform(rows).select(_ROW, score.alias("score"))


def _compare(every: pa.Table, ours: Floats, theirs: Floats, failed: Mask) -> float:
    """The largest relative difference."""
    one_sided = np.flatnonzero((np.isnan(ours) != np.isnan(theirs)) & ~failed)
    if len(one_sided):
        row = int(one_sided[0])
        who = "the pipeline drops it and the exported model does not" if np.isnan(theirs[row]) else (
            "the exported model drops it and the pipeline does not")  # fmt: skip
        raise _unequal(f"{len(one_sided):,} rows have a score on one side only: {_row(every, row)}: {who}.")
    scored = np.flatnonzero(~np.isnan(ours))
    if not len(scored):
        raise ModelError("No row of the sample has a score: there is nothing to compare the exported model on.",
                         "Give a sample that the model can score.")  # fmt: skip
    mine, other = ours[scored], theirs[scored]
    differences = np.abs(mine - other) / np.maximum(np.maximum(np.abs(mine), np.abs(other)), np.finfo(float).tiny)
    worst = int(differences.argmax())
    if differences[worst] > BOUND:
        apart = int((differences > BOUND).sum())
        raise _unequal(
            f"{apart:,} of {len(scored):,} rows score differently, by up to {differences[worst]:.3g} of the value "
            f"({BOUND:g} is allowed): {_row(every, int(scored[worst]))}: the pipeline says {other[worst]!r}, "
            f"the exported model {mine[worst]!r}."
        )
    return float(differences[worst])


def _refuses(model: PipelineModel, sample: DataFrame, every: pa.Table, row: int) -> None:
    from py4j.protocol import Py4JJavaError
    from pyspark.errors import PySparkException

    alone = every.slice(row, 1).append_column(_ROW, pa.array([row], pa.int64()))
    try:
        _score(model, _frame(sample, alone)).collect()
    except (PySparkException, Py4JJavaError) as error:
        # MLlib's stages raise inside of their functions; a Spark that went away is no refusal of the row.
        if _RAISED not in str(error):
            raise
        return
    raise _unequal(f"{_row(every, row)}: the exported model refuses it and the pipeline does not.")


def _row(table: pa.Table, row: int) -> str:
    values = table.slice(row, 1).to_pylist()[0]
    return "the row " + ", ".join(f"{name} = {shown(value)}" for name, value in values.items())


def _unequal(problem: str) -> ModelError:
    return ModelError(
        f"The exported model is not the pipeline, and was not kept: {problem}",
        "Score with the pipeline itself, and report this.",
    )
