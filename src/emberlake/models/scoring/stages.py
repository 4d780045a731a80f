"""All stages that a scorer knows."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from emberlake.models.scoring.levels import Encoder, Indexer
from emberlake.models.scoring.stage import width
from emberlake.models.scoring.vectors import Assembler, Imputer

Stage = Annotated[Indexer | Encoder | Imputer | Assembler, Field(discriminator="op")]

__all__ = ["Assembler", "Encoder", "Imputer", "Indexer", "Stage", "width"]
