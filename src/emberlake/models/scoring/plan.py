"""What is in an exported model besides the nodes of its trees."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from emberlake.models.scoring.columns import WHOLE, Column
from emberlake.models.scoring.stages import Assembler, Encoder, Indexer, Stage, width


class Plan(BaseModel):
    """Columns, stages, and how the trees' leaves become a score.

    Attributes:
        columns: that a row has to have.
        stages: in their order.
        vector: the column that the trees read.
        score: what the score is: a prediction, or the probability of class 1.
    """

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")
    columns: list[Column]
    stages: list[Stage]
    vector: str
    score: Literal["prediction", "probability"]
    features: int = Field(ge=1, le=1_000_000)
    combine: Literal["mean", "sum"]
    link: Literal["identity", "logistic"]


def cells(plan: Plan) -> int:
    """Numbers that a row takes while it is scored, in all vectors together."""
    encoded = sum(width(size) for stage in plan.stages if isinstance(stage, Encoder) for size in stage.made())
    assembled = sum(width(size) for stage in plan.stages if isinstance(stage, Assembler) for size in stage.sizes)
    return max(1, encoded + assembled)


def check_flow(plan: Plan) -> None:
    """Every stage reads what is there before it, of the kind that it takes.

    Raises:
        ValueError: if one does not, which no pipeline of MLlib does.
    """
    whole = {column.name for column in plan.columns if column.type in {"string", *WHOLE}}
    texts = {column.name for column in plan.columns if column.type == "string"}
    # The length of each vector; None for a number.
    sizes: dict[str, int | None] = {column.name: None for column in plan.columns if column.name not in texts}
    for stage in plan.stages:
        if isinstance(stage, Indexer):
            _ask(whole.issuperset(stage.inputs), "an index is made of a row's texts and whole numbers")
            sizes |= dict.fromkeys(stage.outputs)
        elif isinstance(stage, Assembler):
            _ask(sizes.keys() >= set(stage.inputs), "a vector is made of numbers and vectors")
            _ask([sizes[name] for name in stage.inputs] == stage.sizes, "a vector is made of other parts")
            sizes[stage.output] = sum(map(width, stage.sizes))
        else:
            _ask(all(sizes.get(name, 0) is None for name in stage.inputs), f"{stage.op} takes numbers")
            sizes |= dict(zip(stage.outputs, stage.made(), strict=True))
    _ask(sizes.get(plan.vector) == plan.features, "the trees read another vector")


def _ask(holds: bool, otherwise: str) -> None:
    if not holds:
        raise ValueError(otherwise)
