"""Stages about numbers: missing ones filled in, and all put into one vector.

Source: `transform` of ImputerModel and VectorAssembler in `org.apache.spark.ml.feature`, Spark 4.2.
"""

from __future__ import annotations

import math
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import Field, model_validator

from emberlake.models.scoring.batch import Batch, Numbers, Vectors
from emberlake.models.scoring.refusals import empty
from emberlake.models.scoring.stage import FittedStage, Invalid, Step, as_numbers, same_length, width


class Imputer(FittedStage):
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
        return same_length(self, self.inputs, self.outputs, self.surrogates)

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


class Assembler(FittedStage):
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
        return same_length(self, self.inputs, self.sizes)

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
