"""Odd orders made from ordinary ones, to measure a detector on: a real shop has no list of those that it had."""

from __future__ import annotations

from math import log
from typing import TYPE_CHECKING, Any

import numpy as np
from pyspark.sql import functions as F

from emberlake.models.odd.signs import SIGNS

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from pyspark.sql import Column, DataFrame

# One order in so many is made odd, in turn by its amount, its velocity and its address.
ONE_IN = 50
AMOUNT_TIMES = (8.0, 40.0)
ADDRESS_TIMES = (4.0, 15.0)
WITHIN_HOUR = (1, 5)


def with_injected(rows: DataFrame, seed: int) -> DataFrame:
    """Some of the orders made odd, the same ones each time.

    Args:
        rows: the columns of `history.judged`.

    Returns:
        The same, with `injected`: the sign that was put in, null for orders as they were.
    """
    part = F.pmod(F.xxhash64("order_id", F.lit(seed)), F.lit(ONE_IN * len(SIGNS)))
    kind = F.get(F.array(*[F.lit(sign) for sign in SIGNS]), part.cast("int"))
    chance = F.pmod(F.xxhash64("order_id", F.lit(seed + 1)), F.lit(1_000_000)) / 1_000_000
    injected = rows.withColumn("injected", F.when(part < len(SIGNS), kind))
    amount, velocity, address = (F.col("injected") == sign for sign in SIGNS)
    times = (
        F.when(amount, _between(chance, *AMOUNT_TIMES)).when(address, _between(chance, *ADDRESS_TIMES)).otherwise(1.0)
    )
    # A larger amount is as often more pieces as it is a dearer product.
    by_pieces = F.pmod(F.xxhash64("order_id", F.lit(seed + 3)), F.lit(2)) == 0
    more = F.lit(WITHIN_HOUR[0]) + F.floor(chance * (WITHIN_HOUR[1] - WITHIN_HOUR[0] + 1)).cast("int")
    return (
        injected.withColumn("pieces", F.when(by_pieces, F.round(F.col("pieces") * times)).otherwise(F.col("pieces")))
        .withColumn("amount", (F.col("amount").cast("double") * times).cast("decimal(12,2)"))
        .withColumn("log_amount", F.col("log_amount") + F.ln(times))
        .withColumn("within_hour", F.when(velocity, F.col("within_hour") + more).otherwise(F.col("within_hour")))
        .withColumn("new_country", F.when(address, True).otherwise(F.col("new_country")))
    )  # fmt: skip


def _between(chance: Column, least: float, most: float) -> Column:
    """Evenly between the logarithms: twice as much is as likely as half as much."""
    return F.exp(F.lit(log(least)) + chance * F.lit(log(most / least)))


def average_precision(scores: NDArray[Any], odd: NDArray[Any]) -> float:
    """The area under precision by recall, in steps: the mean precision at each odd order; 0 without any."""
    if not odd.any():
        return 0.0
    order = np.argsort(-scores, kind="stable")
    hits = np.cumsum(odd[order])
    # Equal scores are one step: all of them are alarms, or none.
    last = np.append(np.diff(scores[order]) != 0, True)
    found, alarms = hits[last], np.flatnonzero(last) + 1
    gained = np.diff(found, prepend=0)
    return float((gained * found / alarms).sum() / hits[-1])
