"""What every stage has: a way for one row, and a way for many."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from emberlake.models.scoring.batch import Batch, Numbers
from emberlake.models.scoring.columns import doubles, nulls

Invalid = Literal["error", "skip", "keep"]
# From the row's values so far to whether the row is kept.
Step = Callable[[dict[str, Any]], bool]


class FittedStage(BaseModel):
    """A fitted transformer without Spark."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")

    def step(self) -> Step:
        """The stage for one row."""
        raise NotImplementedError

    def run(self, batch: Batch) -> None:
        """The stage for many rows."""
        raise NotImplementedError


def width(size: int | None) -> int:
    """How many places of a vector an input of that size takes."""
    return 1 if size is None else size


def as_numbers(value: Any) -> Numbers:
    """A column of whole numbers or numbers as doubles."""
    return value if isinstance(value, Numbers) else Numbers(doubles(value), nulls(value))


def same_length(stage: Any, *lists: list[Any]) -> Any:
    """The stage, if its lists have one length.

    Raises:
        ValueError: if not.
    """
    if len({len(some) for some in lists}) != 1:
        raise ValueError("a stage names as many outputs as inputs")
    return stage
