"""Chance that is no chance: a number drawn from keys, the same on every engine, in every order of the rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyspark.sql import functions as F

if TYPE_CHECKING:
    from pyspark.sql import Column

# A double holds 53 bits exactly.
_BITS = 53


def drawn(seed: int, purpose: str, *keys: Column) -> Column:
    """A number from 0 to below 1, even over different keys.

    Another purpose is another draw of the same keys. Source: XXH64 (Collet), as Spark's `xxhash64`, which both engines
    have.

    Args:
        keys: columns of type long.
    """
    mixed = F.xxhash64(F.lit(seed).cast("long"), F.lit(purpose), *keys)
    return F.shiftrightunsigned(mixed, 64 - _BITS).cast("double") / F.lit(float(2**_BITS))
