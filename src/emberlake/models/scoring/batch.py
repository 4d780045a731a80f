"""Rows on their way through the stages: columns of numbers, texts and vectors, and which rows are still there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from emberlake.errors import ModelError

Mask = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Numbers:
    """A column of numbers; `null` is None where there is no null."""

    values: Floats
    null: Mask | None = None

    def nulls(self) -> Mask:
        return np.zeros(len(self.values), bool) if self.null is None else self.null


@dataclass(frozen=True)
class Vectors:
    """A column of vectors of one length, a row each; `null` is None where there is no null."""

    values: Floats
    null: Mask | None = None


class Batch:
    """Some rows of a table.

    Attributes:
        values: by column: `Numbers`, `Vectors`, or an Arrow array of texts or whole numbers.
        alive: rows that no stage has dropped or refused.
        failed: rows for which `PipelineModel.transform` raises.
        error: of the first such row that was met.
    """

    def __init__(self, values: dict[str, Any], rows: int) -> None:
        self.values, self.rows = values, rows
        self.alive: Mask = np.ones(rows, bool)
        self.failed: Mask = np.zeros(rows, bool)
        self.error: tuple[int, ModelError] | None = None

    def drop(self, where: Mask) -> None:
        """Leave rows out, as `handleInvalid="skip"` does."""
        self.alive &= ~where

    def fail(self, where: Mask, why: Callable[[int], ModelError]) -> None:
        """Refuse rows, as `handleInvalid="error"` does, unless an earlier stage has dropped them."""
        where = where & self.alive
        if not where.any():
            return
        first = int(where.argmax())
        if self.error is None or first < self.error[0]:
            self.error = (first, why(first))
        self.failed |= where
        self.alive &= ~where
