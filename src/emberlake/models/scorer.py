"""An exported model that scores in this process: no Spark, no JVM, no MLflow."""

from __future__ import annotations

import os
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
from pydantic import ValidationError

from emberlake.errors import ModelError
from emberlake.models.scoring.batch import Batch, Floats, Mask
from emberlake.models.scoring.file import pack, read
from emberlake.models.scoring.forest import Forest
from emberlake.models.scoring.plan import Plan, cells, check_flow
from emberlake.models.scoring.stages import Indexer

if TYPE_CHECKING:
    import pandas as pd

# Rows that a thread takes at once, fewer for long vectors: the matrix stays below 32 MB.
_CHUNK, _CHUNK_CELLS = 65_536, 4_000_000


class Scorer:
    """A fitted pipeline of trees that scores as `PipelineModel.transform` does."""

    def __init__(self, plan: Plan, forest: Forest) -> None:
        self.plan, self.forest = plan, forest
        self._readers = [(column.name, column.reader()) for column in plan.columns]
        self._steps = [stage.step() for stage in plan.stages]
        self._chunk = max(1, min(_CHUNK, _CHUNK_CELLS // cells(plan)))

    @classmethod
    def open(cls, path: Path) -> Scorer:
        """The scorer in a file.

        Raises:
            ModelError: if the file is not there, not whole, of another version, or no exported model.
        """
        path = Path(path)
        document, arrays = read(path)
        try:
            plan = Plan.model_validate(document)
            forest = Forest(plan.features, plan.combine, plan.link, **_typed(arrays))
            check_flow(plan)
        except (ValidationError, TypeError, ValueError) as error:
            said = str(error).replace("\n", " ")
            raise ModelError(f"{path} is not what an exported model is: {said}.", "Export the model again.") from error
        return cls(plan, forest.checked())

    def packed(self) -> bytes:
        """The bytes of its file."""
        return pack(self.plan.model_dump(), {name: getattr(self.forest, name) for name in _ARRAYS})

    @property
    def columns(self) -> dict[str, str]:
        """The columns that a row has to have, and their Spark types."""
        return {column.name: column.type for column in self.plan.columns}

    @property
    def levels(self) -> dict[str, tuple[str, ...]]:
        """The levels that the model has learnt, by column, where it has learnt levels."""
        return {
            name: tuple(labels)
            for stage in self.plan.stages
            if isinstance(stage, Indexer)
            for name, labels in zip(stage.inputs, stage.labels, strict=True)
        }

    def score(self, row: Mapping[str, Any]) -> float | None:
        """The prediction for one row; for a classifier the probability of class 1.

        Args:
            row: column to value; None is null. Other columns than the model's are not looked at.

        Returns:
            None where `PipelineModel.transform` drops the row (`handleInvalid="skip"`).

        Raises:
            ModelError: if a column is missing or of the wrong type, or where `PipelineModel.transform` raises.
        """
        values = {}
        try:
            for name, reader in self._readers:
                values[name] = reader(row[name])
        except KeyError as error:
            raise self._lacks(row) from error
        for step in self._steps:
            if not step(values):
                return None
        return self.forest.one(values[self.plan.vector])

    def score_batch(self, rows: pa.Table | pd.DataFrame, threads: int | None = None) -> Floats:
        """The same for many rows.

        Args:
            rows: an Arrow table, or a pandas frame, whose NaN counts as null (as in Spark's own conversion).
            threads: that score at the same time; None: one a core.

        Returns:
            One score a row, in order; NaN where `PipelineModel.transform` drops the row.

        Raises:
            ModelError: as `score`; the message names the first such row, counted from 0.
        """
        scores, _, error = self.outcomes(rows, threads)
        if error is not None:
            row, reason = error
            raise ModelError(f"Row {row}: {reason.problem}", reason.hint)
        return scores

    def outcomes(
        self, rows: pa.Table | pd.DataFrame, threads: int | None = None
    ) -> tuple[Floats, Mask, tuple[int, ModelError] | None]:
        """Scores as `score_batch` gives them, which rows it refuses, and the first refusal with its row."""
        table = self._table(rows)
        starts = range(0, table.num_rows, self._chunk)
        self.forest.treelite  # noqa: B018 - made once, before the threads all ask for it
        with ThreadPoolExecutor(threads or os.cpu_count() or 1) as pool:
            parts = list(pool.map(lambda start: self._part(table.slice(start, self._chunk)), starts))
        if not parts:
            return np.empty(0), np.empty(0, bool), None
        errors = [(start + part[2][0], part[2][1]) for start, part in zip(starts, parts, strict=True) if part[2]]
        scores = np.concatenate([part[0] for part in parts])
        return scores, np.concatenate([part[1] for part in parts]), errors[0] if errors else None

    def _part(self, table: pa.Table) -> tuple[Floats, Mask, tuple[int, ModelError] | None]:
        values = {column.name: column.read(_array(table[column.name])) for column in self.plan.columns}
        batch = Batch(values, table.num_rows)
        for stage in self.plan.stages:
            stage.run(batch)
        vectors = batch.values[self.plan.vector]
        scores = self.forest.many(vectors.values)
        scores[~batch.alive] = np.nan
        return scores, batch.failed, batch.error

    def _table(self, rows: pa.Table | pd.DataFrame) -> pa.Table:
        there = rows.column_names if isinstance(rows, pa.Table) else list(rows.columns)
        if not set(self.columns) <= set(there):
            raise self._lacks(there)
        if isinstance(rows, pa.Table):
            return rows
        try:
            return pa.Table.from_pandas(rows[list(self.columns)], preserve_index=False)
        except (pa.ArrowInvalid, pa.ArrowTypeError) as error:
            raise ModelError(f"A column has values of several types: {'; '.join(map(str, error.args))}.") from error

    def _lacks(self, there: Any) -> ModelError:
        missing = [name for name in self.columns if name not in there]
        wanted = ", ".join(f"{name} ({type_})" for name, type_ in self.columns.items())
        return ModelError(f"The row has no column {', '.join(missing)}.", f"The model reads {wanted}.")


_ARRAYS = {
    "roots": "<i4", "kind": "|u1", "feature": "<i4", "value": "<f8", "left": "<i4", "right": "<i4",
    "holds_left": "|u1", "category_ends": "<i4", "categories": "<i4",
}  # fmt: skip


def _typed(arrays: dict[str, Any]) -> dict[str, Any]:
    if {name: array.dtype.str for name, array in arrays.items()} != _ARRAYS:
        raise ValueError(f"the arrays are {', '.join(arrays)}")
    return arrays


def _array(column: pa.ChunkedArray) -> pa.Array:
    combined = column.combine_chunks()
    return combined if isinstance(combined, pa.Array) else combined.chunk(0)
