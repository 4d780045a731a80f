"""Lots: who may move in a round, and which of equals is taken; the same on every engine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyspark.sql import functions as F

if TYPE_CHECKING:
    from pyspark.sql import Column


def lot(name: str, seed: int, number: int) -> Column:
    """A number (long) for each id, another one in each round."""
    return F.xxhash64(F.col(name), F.lit(seed).cast("long"), F.lit(number).cast("long"))


def its_turn(name: str, seed: int, number: int) -> Column:
    """True for one in two ids, others in each round: if all moved at once, two could change places for ever."""
    return F.pmod(lot(name, seed, number), F.lit(2)) == 0
