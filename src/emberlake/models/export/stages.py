"""MLlib's fitted stages, translated: which input columns they read, and what they do to a row."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from emberlake.errors import ModelError
from emberlake.models.scoring.columns import WHOLE, Column, precision, quantized
from emberlake.models.scoring.stages import Assembler, Encoder, Imputer, Indexer, Stage, width

if TYPE_CHECKING:
    from pyspark.sql.types import StructType

SUPPORTED = (
    "StringIndexer, OneHotEncoder, Imputer and VectorAssembler, then a DecisionTree, RandomForest or GBT, "
    "as regressor or as classifier of two classes"
)


class Translation:
    """The stages so far.

    Attributes:
        columns: input columns that they read, in the order in which they are first read.
        stages: translated, in order.
        slots: of each vector that was made, one entry a place: how many categories it has, or None for a number.
    """

    def __init__(self, schema: StructType) -> None:
        self._types = {field.name: field.dataType.simpleString() for field in schema.fields}
        self.columns: list[Column] = []
        self.stages: list[Stage] = []
        self.slots: dict[str, list[int | None]] = {}
        # Of each number that was made: its categories, and of imputed columns the type that they keep.
        self._made: dict[str, int | None] = {}

    def add(self, stage: Any) -> None:
        """Translate the next stage.

        Raises:
            ModelError: if it is none that can be exported, or reads a column that is not there or of another type.
        """
        name = type(stage).__name__
        known: dict[str, Callable[[Any], None]] = {
            "StringIndexerModel": self._index,
            "OneHotEncoderModel": self._encode,
            "ImputerModel": self._impute,
            "VectorAssembler": self._assemble,
        }
        if name not in known:
            raise ModelError(f"The pipeline's stage {name} cannot be exported.", f"What can: {SUPPORTED}.")
        known[name](stage)

    def _index(self, stage: Any) -> None:
        inputs, outputs = _in_out(stage)
        labels = [list(each) for each in stage.labelsArray]
        for column, output, each in zip(inputs, outputs, labels, strict=True):
            type_ = self._raw(column, stage)
            if type_ != "string" and type_ not in WHOLE:
                raise ModelError(
                    f"StringIndexer reads {column!r}, which is {type_}.",
                    "Levels of an exported model are texts or whole numbers: cast the column before the pipeline.",
                )
            self._made[output] = len(each) + (stage.getHandleInvalid() == "keep")
        self.stages.append(Indexer(inputs=inputs, outputs=outputs, labels=labels, invalid=stage.getHandleInvalid()))

    def _encode(self, stage: Any) -> None:
        inputs, outputs = _in_out(stage)
        for column in inputs:
            self._number(column, stage)
        encoder = Encoder(
            inputs=inputs,
            outputs=outputs,
            categories=[int(size) for size in stage.categorySizes],
            drop_last=stage.getDropLast(),
            invalid=stage.getHandleInvalid(),
        )
        # A place of a one-hot vector is a category of two for MLlib's trees.
        self.slots |= {output: [2] * width(size) for output, size in zip(outputs, encoder.made(), strict=True)}
        self.stages.append(encoder)

    def _impute(self, stage: Any) -> None:
        inputs, outputs = _in_out(stage)
        row = stage.surrogateDF.first()
        types = [self._number(column, stage) for column in inputs]
        surrogates = [held_as(type_, row[column]) for column, type_ in zip(inputs, types, strict=True)]
        self._made |= dict.fromkeys(outputs)
        self.stages.append(
            Imputer(inputs=inputs, outputs=outputs, surrogates=surrogates, missing=float(stage.getMissingValue()))
        )

    def _assemble(self, stage: Any) -> None:
        inputs, output = list(stage.getInputCols()), stage.getOutputCol()
        slots: list[int | None] = []
        sizes: list[int | None] = []
        for column in inputs:
            if column in self.slots:
                sizes.append(len(self.slots[column]))
                slots += self.slots[column]
            else:
                self._number(column, stage, booleans=True)
                sizes.append(None)
                slots.append(self._made.get(column))
        self.slots[output] = slots
        self.stages.append(Assembler(inputs=inputs, sizes=sizes, output=output, invalid=stage.getHandleInvalid()))

    def _number(self, column: str, stage: Any, booleans: bool = False) -> str:
        """The type of a column of numbers that a stage reads."""
        if column in self._made:
            return "double"
        type_ = self._raw(column, stage)
        if type_ == "string" or (type_ == "boolean" and not booleans):
            raise ModelError(f"{type(stage).__name__} reads {column!r}, which is {type_} and no number.")
        return type_

    def _raw(self, column: str, stage: Any) -> str:
        """The type of an input column, which is from now on one that a row has to have."""
        reads = f"{type(stage).__name__} reads {column!r}"
        if column in self._made or column in self.slots:
            raise ModelError(f"{reads}, which another stage made: that cannot be exported.", f"What can: {SUPPORTED}.")
        if column not in self._types:
            raise ModelError(f"{reads}, which the sample does not have.", f"It has {', '.join(self._types)}.")
        if column not in {known.name for known in self.columns}:
            try:
                self.columns.append(Column(name=column, type=self._types[column]))
            except ValidationError as error:
                raise ModelError(
                    f"{reads}, which is {self._types[column]}.",
                    "A row's columns are texts, booleans, whole numbers, float, double or decimal.",
                ) from error
        return self._types[column]


def held_as(type_: str, value: float) -> float:
    """A surrogate as a column of that type holds it: whole columns cut decimals off, as Spark's cast does."""
    import numpy as np

    if type_ in WHOLE:
        return float(math.trunc(value))
    if type_ == "float":
        return float(np.float32(value))
    if scale := precision(type_):
        return float(quantized(Decimal(repr(float(value))), scale[1]))
    return float(value)


def flattened(stages: list[Any]) -> Iterator[Any]:
    """The stages of a pipeline, and of pipelines in it."""
    for stage in stages:
        if type(stage).__name__ == "PipelineModel":
            yield from flattened(stage.stages)
        else:
            yield stage


def _in_out(stage: Any) -> tuple[list[str], list[str]]:
    """Input and output columns, whether the stage was given one or several."""
    if stage.isSet("inputCols"):
        return list(stage.getInputCols()), list(stage.getOutputCols())
    return [stage.getInputCol()], [stage.getOutputCol()]
