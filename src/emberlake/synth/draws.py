"""Random numbers that are the same on every machine: raw Philox words and our own inverse transforms.

numpy promises that a bit generator's raw words never change; it does not promise so for what `Generator` makes
of them, and `exp` or `log` differ in the last bit between processors. So all that is random here is a table look-up,
an integer multiplication or an IEEE operation that rounds alike everywhere (docs/decisions/0010-one-seed-one-shop.md).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cache
from statistics import NormalDist
from typing import Any

import numpy as np
from numpy.random import Philox
from numpy.typing import NDArray

Array = NDArray[Any]

# A number per stream, never reused: a stream that is moved changes every shop.
USERS, ADDRESSES, ORDERS, ITEMS, PAYMENTS, RETURNS = 1, 2, 3, 4, 5, 6
INVENTORY, EVENTS, FOLLOWS, RATINGS, DIRT, CATALOGUE, CROWD, DAY = 7, 8, 9, 10, 11, 12, 13, 14
# A later day's streams are DAY + one of the above: the next free number is after those.
ODD, REFERRALS = 40, 41

SLOTS = 4096


class Draws:
    """The random numbers of one table in one block, independent of every other table and block."""

    def __init__(self, seed: int, stream: int, block: int) -> None:
        self._bits = Philox(key=np.array([seed | stream << 32, block], dtype=np.uint64))

    def _words(self, n: int) -> Array:
        return self._bits.random_raw(n).astype("<u8", copy=False)

    def u32(self, n: int) -> Array:
        """`n` numbers from 0 to 2³² - 1, as unsigned 64-bit, ready to be multiplied."""
        return self._words((n + 1) // 2).view("<u4")[:n].astype(np.uint64)

    def u16(self, n: int) -> Array:
        """`n` numbers from 0 to 65,535."""
        return self._words((n + 3) // 4).view("<u2")[:n]

    def u8(self, n: int) -> Array:
        """`n` numbers from 0 to 255."""
        return self._words((n + 7) // 8).view("u1")[:n]

    def below(self, n: int, limit: int | Array) -> Array:
        """`n` whole numbers from 0 to `limit` - 1; `limit` is one number or one for each, at most 2³¹."""
        bound = np.uint64(limit) if isinstance(limit, int) else limit.astype(np.uint64)
        return ((self.u32(n) * bound) >> np.uint64(32)).astype(np.int64)

    def small(self, n: int, limit: int) -> Array:
        """Like `below`, for a `limit` of at most 65,536 and at half the cost."""
        return ((self.u16(n).astype(np.uint32) * np.uint32(limit)) >> np.uint32(16)).astype(np.int64)

    def pick(self, n: int, table: Array) -> Array:
        """`n` entries of a table of `SLOTS` entries."""
        return table[self.u16(n) >> 4]

    def chance(self, n: int, probability: float) -> Array:
        """`n` booleans, true with that probability to the nearest 1/65,536."""
        return self.u16(n) < round(probability * 65536)

    def shuffled(self, n: int) -> Array:
        """The numbers 0 to `n` - 1 in random order; `n` is at most 2³¹."""
        # Ties cannot occur: the position is the low half of each sorted word.
        keys = (self.u32(n) << np.uint64(32)) | np.arange(n, dtype=np.uint64)
        keys.sort()
        return (keys & np.uint64(0xFFFFFFFF)).astype(np.int64)

    def some(self, n: int, size: int) -> Array:
        """`n` of the numbers 0 to `size` - 1, rising, one from each stretch of equal length."""
        # Without a sort of all `size`; beyond `size`, numbers come again.
        edges = np.arange(n + 1) * size // max(n, 1)
        return np.minimum(edges[:-1] + self.below(n, np.maximum(np.diff(edges), 1)), size - 1)


def shares(weights: Sequence[float] | Array, size: int = SLOTS) -> Array:
    """How many of `size` slots each weight gets, summing to `size`."""
    edges = np.floor(np.cumsum(np.asarray(weights, dtype=np.float64)) / float(sum(weights)) * size + 0.5)
    edges[-1] = size
    return np.diff(edges, prepend=0.0).astype(np.int64)


def table_of(weights: Sequence[float] | Array, size: int = SLOTS, values: Sequence[int] | Array | None = None) -> Array:
    """A table of `size` slots in which index i (or `values[i]`) stands as often as `weights[i]` says."""
    entries = np.arange(len(weights)) if values is None else np.asarray(values)
    return np.repeat(entries, shares(weights, size)).astype(np.int32)


@cache
def normal_milli() -> Array:
    """The standard normal's quantiles at `SLOTS` points, in thousandths."""
    normal = NormalDist()
    return np.array([round(1000 * normal.inv_cdf((i + 0.5) / SLOTS)) for i in range(SLOTS)], dtype=np.int64)


@cache
def exponential_milli() -> Array:
    """The unit exponential's quantiles at `SLOTS` points, in thousandths; the mean is 1,000."""
    return np.array([round(-1000 * math.log(1 - (i + 0.5) / SLOTS)) for i in range(SLOTS)], dtype=np.int64)
