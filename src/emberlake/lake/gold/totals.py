"""Totals: sums that are never null, and groups from several sources put together."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from typing import TYPE_CHECKING

from pyspark.sql import functions as F

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame

MONEY_SUM = "decimal(22,2)"


def total(amount: Column | str) -> Column:
    """The sum of money as decimal(22,2), 0 where there is none."""
    return F.coalesce(F.sum(amount), F.lit(0)).cast(MONEY_SUM)


def or_zero(column: str) -> Column:
    """A count that may be null, as a long."""
    return F.coalesce(F.col(column), F.lit(0)).cast("long")


def stack(parts: Sequence[DataFrame], by: Sequence[str], counts: Sequence[str], sums: Sequence[str]) -> DataFrame:
    """Groups of several sources in one row each; what a source does not say is 0.

    Args:
        parts: frames with the columns `by` and some of `counts` (whole numbers) and `sums` (money).
        by: what groups are known by.
        counts: added up as long.
        sums: added up as decimal(22,2).
    """
    types = {**dict.fromkeys(counts, "long"), **dict.fromkeys(sums, MONEY_SUM)}

    def whole(part: DataFrame) -> DataFrame:
        # Said with its type: the embedded engine cannot add up the untyped null that unionByName would put there.
        said = [
            (F.col(name) if name in part.columns else F.lit(0)).cast(kind).alias(name) for name, kind in types.items()
        ]
        return part.select(*by, *said)

    rows = reduce(lambda a, b: a.unionByName(b), [whole(part) for part in parts])
    return rows.groupBy(*by).agg(*[F.sum(n).alias(n) for n in counts], *[total(n).alias(n) for n in sums])
