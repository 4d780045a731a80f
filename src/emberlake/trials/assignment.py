"""Who gets which variant: a number drawn from the user and the trial, the same in Python and on every engine."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from pyspark.sql import Column

Method = Literal["hash", "multiplicative", "file"]
SPACE = 2**32
# Knuth's multiplicative hash (The Art of Computer Programming, volume 3, 6.4), in two halves so that no product leaves
# 64 bits: 2654435761 = 40503 * 65536 + 31153.
_HIGH, _LOW = 40503, 31153


def bucket(user_id: int, salt: str, method: Method = "hash") -> int:
    """A user's place in a trial, from 0 to 2**32 - 1.

    Args:
        salt: the trial's own; another salt, another order of the users.
        method: `hash` is the first eight hexadecimal digits of SHA-256 over `salt:user_id`; `multiplicative` is
            `(user_id * 2654435761) % 2**32`, which has no salt: two trials with it share their users, so it is for
            experiments that another system assigned this way.
    """
    if method == "multiplicative":
        return user_id * 2654435761 % SPACE
    return int(hashlib.sha256(f"{salt}:{user_id}".encode()).hexdigest()[:8], 16)


def bucket_column(user_id: Column, salt: str, method: Method = "hash") -> Column:
    """`bucket` as a column (long)."""
    import pyspark.sql.functions as F

    if method == "multiplicative":
        place = F.pmod(user_id, F.lit(SPACE))
        high = F.pmod(place * _HIGH, F.lit(65536)) * 65536
        return F.pmod(place * _LOW + high, F.lit(SPACE))
    digest = F.sha2(F.concat(F.lit(f"{salt}:"), user_id.cast("string")), 256)
    return F.conv(F.substring(digest, 1, 8), 16, 10).cast("long")


def edges(shares: Sequence[float]) -> list[int]:
    """Where each variant's buckets end; the last one ends at 2**32 whatever the rounding."""
    total, ends = 0.0, []
    for share in shares:
        total += share
        ends.append(round(total * SPACE))
    return [*ends[:-1], SPACE]


def variant_of(user_id: int, shares: Mapping[str, float], salt: str, method: Method = "hash") -> str:
    """The variant that a user gets.

    Args:
        shares: variant to its share of the users, in the trial's order; they sum to 1.
    """
    place = bucket(user_id, salt, method)
    return next(name for name, end in zip(shares, edges(list(shares.values())), strict=True) if place < end)


def variant_column(user_id: Column, shares: Mapping[str, float], salt: str, method: Method = "hash") -> Column:
    """`variant_of` as a column (string)."""
    import pyspark.sql.functions as F

    names, ends = list(shares), edges(list(shares.values()))
    place = bucket_column(user_id, salt, method)
    chosen = F.lit(names[-1])
    for name, end in zip(reversed(names[:-1]), reversed(ends[:-1]), strict=True):
        chosen = F.when(place < F.lit(end), F.lit(name)).otherwise(chosen)
    return chosen
