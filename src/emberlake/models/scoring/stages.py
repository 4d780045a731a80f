"""Stages of a pipeline without Spark: what each MLlib transformer does to a row, and to many.

Source: the `transform` methods of `org.apache.spark.ml.feature`, Spark 4.2.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Annotated, Any, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pydantic import BaseModel, ConfigDict, Field, model_validator

from emberlake.models.scoring.batch import Batch, Numbers, Vectors
from emberlake.models.scoring.columns import doubles, nulls
from emberlake.models.scoring.refusals import empty, outside, unseen

Invalid = Literal["error", "skip", "keep"]
# From the row's values so far to whether the row is kept.
Step = Callable[[dict[str, Any]], bool]


class _Stage(BaseModel):
    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")

    def step(self) -> Step:
        """The stage for one row."""
        raise NotImplementedError

    def run(self, batch: Batch) -> None:
        """The stage for many rows."""
        raise NotImplementedError


class Indexer(_Stage):
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
        return _same_length(self, self.inputs, self.outputs, self.labels)

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


class Encoder(_Stage):
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
        return _same_length(self, self.inputs, self.outputs, self.categories)

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


class Imputer(_Stage):
    """ImputerModel: nulls and missing values to the surrogate.

    Attributes:
        surrogates: of each input, as the column's type holds it.
        missing: the value that counts as missing besides null; NaN for NaN.
    """

    op: Literal["impute"] = "impute"
    inputs: list[str]
    outputs: list[str]
    surrogates: list[float]
    missing: float

    def made(self) -> list[int | None]:
        return [None] * len(self.outputs)

    @model_validator(mode="after")
    def _match(self) -> Imputer:
        return _same_length(self, self.inputs, self.outputs, self.surrogates)

    def step(self) -> Step:
        columns, missing = list(zip(self.inputs, self.outputs, self.surrogates, strict=True)), self.missing
        no_number = math.isnan(missing)

        def step(values: dict[str, Any]) -> bool:
            for name, output, surrogate in columns:
                value = values[name]
                gone = value is None or (value != value if no_number else float(value) == missing)
                values[output] = surrogate if gone else float(value)
            return True

        return step

    def run(self, batch: Batch) -> None:
        for name, output, surrogate in zip(self.inputs, self.outputs, self.surrogates, strict=True):
            numbers = as_numbers(batch.values[name])
            gone = np.isnan(numbers.values) if math.isnan(self.missing) else numbers.values == self.missing
            batch.values[output] = Numbers(np.where(gone | numbers.nulls(), surrogate, numbers.values))


class Assembler(_Stage):
    """VectorAssembler: numbers and vectors to one vector.

    Attributes:
        sizes: of each input: the length of a vector, or None for a number.
    """

    op: Literal["assemble"] = "assemble"
    inputs: list[str]
    sizes: list[Annotated[int, Field(ge=0, le=1_000_000)] | None]
    output: str
    invalid: Invalid

    @model_validator(mode="after")
    def _match(self) -> Assembler:
        return _same_length(self, self.inputs, self.sizes)

    def step(self) -> Step:
        columns, output, invalid = list(zip(self.inputs, self.sizes, strict=True)), self.output, self.invalid

        def step(values: dict[str, Any]) -> bool:
            vector: list[float] = []
            for name, size in columns:
                value = values[name]
                if size is not None and value is not None:
                    vector += value
                elif value is None or value != value:
                    if invalid == "skip":
                        return False
                    if invalid == "error":
                        raise empty(name, "null" if value is None else "NaN")
                    vector += [math.nan] * width(size)
                else:
                    vector.append(float(value))
            values[output] = vector
            return True

        return step

    def run(self, batch: Batch) -> None:
        assembled = np.empty((batch.rows, sum(map(width, self.sizes))))
        place = 0
        for name, size in zip(self.inputs, self.sizes, strict=True):
            value = batch.values[name]
            column = value if isinstance(value, Vectors) else as_numbers(value)
            wide = column.values[:, None] if size is None else column.values
            null = np.zeros(batch.rows, bool) if column.null is None else column.null
            if column.null is not None:
                wide = np.where(null[:, None], np.nan, wide)
            # Only numbers are asked for NaN: MLlib takes what is inside of a vector as it is.
            bad = null | np.isnan(column.values) if size is None else null
            if self.invalid == "skip":
                batch.drop(bad)
            elif self.invalid == "error":
                batch.fail(bad, lambda row, name=name, null=null: empty(name, "null" if null[row] else "NaN"))  # type: ignore[misc]
            assembled[:, place : place + width(size)] = wide
            place += width(size)
        batch.values[self.output] = Vectors(assembled)


def width(size: int | None) -> int:
    """How many places of a vector an input of that size takes."""
    return 1 if size is None else size


def as_numbers(value: Any) -> Numbers:
    """A column of whole numbers or numbers as doubles."""
    return value if isinstance(value, Numbers) else Numbers(doubles(value), nulls(value))


def _same_length(stage: Any, *lists: list[Any]) -> Any:
    if len({len(some) for some in lists}) != 1:
        raise ValueError("a stage names as many outputs as inputs")
    return stage


Stage = Annotated[Indexer | Encoder | Imputer | Assembler, Field(discriminator="op")]
