"""Stages about levels: a level's index, and an index as a vector.

Source: `transform` of StringIndexerModel and OneHotEncoderModel in `org.apache.spark.ml.feature`, Spark 4.2.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pydantic import Field, model_validator

from emberlake.models.scoring.batch import Batch, Numbers, Vectors
from emberlake.models.scoring.refusals import empty, outside, unseen
from emberlake.models.scoring.stage import FittedStage, Invalid, Step, as_numbers, same_length


class Indexer(FittedStage):
    """StringIndexerModel: a text, or a whole number as text, to the index of its level.

    Attributes:
        labels: the levels of each input, in the order of their indices.
    """

    op: Literal["index"] = "index"
    inputs: list[str]
    outputs: list[str]
    labels: list[list[str]]
    invalid: Invalid

    @model_validator(mode="after")
    def _match(self) -> Indexer:
        return same_length(self, self.inputs, self.outputs, self.labels)

    def step(self) -> Step:
        invalid = self.invalid
        columns: list[tuple[str, str, dict[Any, float], float]] = [
            (name, output, {label: float(index) for index, label in enumerate(labels)}, float(len(labels)))
            for name, output, labels in zip(self.inputs, self.outputs, self.labels, strict=True)
        ]

        def step(values: dict[str, Any]) -> bool:
            for name, output, indices, unknown in columns:
                value = values[name]
                index = indices.get(value if value is None or type(value) is str else str(value))
                if index is None:
                    if invalid == "skip":
                        return False
                    if invalid == "error":
                        raise empty(name) if value is None else unseen(name, value, len(indices))
                    index = unknown
                values[output] = index
            return True

        return step

    def run(self, batch: Batch) -> None:
        for name, output, labels in zip(self.inputs, self.outputs, self.labels, strict=True):
            levels = batch.values[name]
            texts = levels.cast(pa.string())
            found = pc.fill_null(pc.index_in(texts, value_set=pa.array(labels, pa.string())), -1)
            indices = found.to_numpy(zero_copy_only=False).astype(np.float64)
            bad = indices < 0
            if self.invalid == "keep":
                indices[bad] = len(labels)
            elif self.invalid == "skip":
                batch.drop(bad)
            else:
                batch.fail(bad, _unseen_at(name, levels, len(labels)))
            batch.values[output] = Numbers(indices)


def _unseen_at(name: str, levels: pa.Array, known: int) -> Callable[[int], Any]:
    def why(row: int) -> Any:
        value = levels[row].as_py()
        return empty(name) if value is None else unseen(name, value, known)

    return why


class Encoder(FittedStage):
    """OneHotEncoderModel: an index to a vector with one 1.

    Attributes:
        categories: how many each input had at the fit.
    """

    op: Literal["encode"] = "encode"
    inputs: list[str]
    outputs: list[str]
    categories: list[Annotated[int, Field(ge=1, le=1_000_000)]]
    drop_last: bool
    invalid: Literal["error", "keep"]

    @model_validator(mode="after")
    def _match(self) -> Encoder:
        return same_length(self, self.inputs, self.outputs, self.categories)

    def size(self, categories: int) -> int:
        """Length of the vector: one more category for `keep`, one less with `drop_last`."""
        return categories + (self.invalid == "keep") - self.drop_last

    def made(self) -> list[int | None]:
        return [self.size(categories) for categories in self.categories]

    def step(self) -> Step:
        keep = self.invalid == "keep"
        columns = [
            (name, output, known, self.size(known))
            for name, output, known in zip(self.inputs, self.outputs, self.categories, strict=True)
        ]

        def step(values: dict[str, Any]) -> bool:
            for name, output, known, size in columns:
                value = values[name]
                if value is None:
                    values[output] = None
                    continue
                if not 0 <= value < known:
                    if not keep:
                        raise outside(name, value)
                    value = known
                vector = [0.0] * size
                if value < size:
                    vector[int(value)] = 1.0
                values[output] = vector
            return True

        return step

    def run(self, batch: Batch) -> None:
        for name, output, known in zip(self.inputs, self.outputs, self.categories, strict=True):
            numbers = as_numbers(batch.values[name])
            size = self.size(known)
            bad = ~((numbers.values >= 0) & (numbers.values < known))
            if numbers.null is not None:
                bad &= ~numbers.null
            if self.invalid == "error":
                batch.fail(bad, lambda row, name=name, of=numbers: outside(name, of.values[row]))  # type: ignore[misc]
            places = np.where(bad, known, np.nan_to_num(numbers.values)).astype(np.int64)
            vectors = np.zeros((batch.rows, size))
            rows = np.flatnonzero(places < size)
            vectors[rows, places[rows]] = 1.0
            batch.values[output] = Vectors(vectors, numbers.null)
