"""What ordinary orders are like, from the shop's own history: medians and quantiles, which few odd ones cannot move."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import log10, sqrt
from statistics import NormalDist
from typing import TYPE_CHECKING, Any

from pyspark.sql import Window
from pyspark.sql import functions as F

from emberlake.errors import ModelError
from emberlake.models.odd.history import judged
from emberlake.models.odd.signs import Ordinary, expected_log, level, standardised

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

FEWEST_ORDERS = 500
# One ordinary order in so many is called odd.
ORDERS_A_FALSE_ALARM = 10_000
# A normal distribution's standard deviation over its median absolute deviation.
_MAD = 1.4826
_KEPT_WITHIN = 3.0
_TAIL = (0.90, 0.99)
# Fifths of the customers by what they are expected to spend.
_LEVELS = (0.2, 0.4, 0.6, 0.8)
# Where nearly all lines have one piece, two are still nothing odd.
_LEAST_SCALE = 0.2
_BUSY_DAY = 0.99
_ACCURACY = 10_000


def learn(inputs: Mapping[str, DataFrame], stage: Callable[[DataFrame], DataFrame]) -> Ordinary:
    """The parameters of ordinary orders.

    Args:
        inputs: what `history.judged` takes, up to the moment that the model may know.
        stage: computes rows once.

    Raises:
        ModelError: with too few orders, or when all are of the same amount.
    """
    orders = inputs["gold.order_features"]
    count = orders.count()
    if count < FEWEST_ORDERS:
        raise ModelError(
            f"{count} orders are too few to tell which ones are odd.",
            f"At least {FEWEST_ORDERS} are needed: take in more orders first.",
        )
    amounts = _amounts(orders)
    rows = stage(judged(inputs, amounts["low"], amounts["high"]))
    levels, tails = _tails(rows, amounts["center"], amounts["deviation"], amounts["weight"])
    strangers = rows.agg(F.avg(F.col("new_country").cast("double")).alias("share")).first()
    share = strangers.share if strangers is not None else None
    return Ordinary(
        **amounts,
        levels=levels,
        tails=tails,
        pieces_tail=_tail(_quantiles(rows.select(F.ln("pieces").alias("x")), "x", _TAIL)),
        **_rhythm(orders),
        # One order more than was seen: what never happened is not impossible.
        new_country=((share or 0.0) * count + 1) / (count + 1),
        threshold=log10(ORDERS_A_FALSE_ALARM),
    )


def _quantiles(rows: DataFrame, column: str, shares: tuple[float, ...]) -> list[float]:
    found = rows.agg(F.percentile_approx(column, list(shares), _ACCURACY).alias("at")).first()
    return [] if found is None or found.at is None else [float(value) for value in found.at]


def _tails(
    rows: DataFrame, center: float, deviation: float, weight: float
) -> tuple[tuple[float, ...], tuple[tuple[float, float], ...]]:
    """The levels of expected spending, and the upper tail of what customers of each really spend."""
    known = rows.where("earlier > 0").select(expected_log(center, weight).alias("x"))
    levels = tuple(sorted(set(_quantiles(known, "x", _LEVELS))))
    z = rows.select(level(center, weight, levels).alias("level"), standardised(center, deviation, weight).alias("z"))
    by_level = z.groupBy("level").agg(
        F.percentile_approx("z", list(_TAIL), _ACCURACY).alias("at"), F.count("*").alias("orders")
    )
    found = {row.level: row.at for row in by_level.collect() if row.orders >= FEWEST_ORDERS}
    whole = _quantiles(z, "z", _TAIL)
    return levels, tuple(_tail(found.get(group, whole)) for group in range(len(levels) + 2))


def _tail(at: Sequence[float]) -> tuple[float, float]:
    """Location and scale of the normal distribution with these quantiles; the standard one where there are none."""
    if not at:
        return 0.0, 1.0
    normal = [NormalDist().inv_cdf(share) for share in _TAIL]
    scale = max((at[1] - at[0]) / (normal[1] - normal[0]), _LEAST_SCALE)
    return at[0] - scale * normal[0], scale


def _amounts(orders: DataFrame) -> dict[str, Any]:
    """Centre and spread of the logarithms of amounts, and how much of the spread lies between customers."""
    logs = orders.select("user_id", "order_number", F.ln(F.col("amount").cast("double") + 1).alias("x"))
    (center,) = _quantiles(logs, "x", (0.5,))
    before = Window.partitionBy("user_id").orderBy("order_number")
    steps = logs.withColumn("step", F.abs(F.col("x") - F.lag("x").over(before)))
    spread = steps.agg(
        F.percentile_approx(F.abs(F.col("x") - F.lit(center)), 0.5, _ACCURACY).alias("total"),
        F.percentile_approx("step", 0.5, _ACCURACY).alias("step"),
    ).first()
    total = _MAD * (spread.total if spread is not None else 0.0)
    if total <= 0:
        raise ModelError(
            "At least half of all orders are of the same amount.",
            "Amounts say nothing about which orders are odd in this data; take in more orders first.",
        )
    # A step is the difference of two orders: its variance is twice an order's.
    step = spread.step if spread is not None and spread.step else total * sqrt(2) / _MAD
    deviation = min(_MAD * step / sqrt(2), total)
    between = max(total**2 - deviation**2, 0.01 * total**2)
    return {
        "center": center,
        "deviation": deviation,
        "weight": deviation**2 / between,
        "low": center - _KEPT_WITHIN * total,
        "high": center + _KEPT_WITHIN * total,
    }


def _rhythm(orders: DataFrame) -> dict[str, Any]:
    """How often customers order, at which hours, and how much busier a busy day is."""
    by_hour = {row.hour: row.orders for row in orders.groupBy("hour").agg(F.count("*").alias("orders")).collect()}
    mean = sum(by_hour.values()) / 24
    days = orders.groupBy(F.to_date("ordered_at").alias("day")).agg(F.count("*").cast("double").alias("orders"))
    busy, usual = _quantiles(days, "orders", (_BUSY_DAY, 0.5))
    gap = F.unix_micros("ordered_at") - F.unix_micros("previous_ordered_at")
    gaps = _quantiles(orders.select((gap / 3.6e9).alias("hours")).where("hours > 0"), "hours", (0.5,))
    return {
        "profile": tuple(by_hour.get(hour, 0) / mean for hour in range(24)),
        "busy": max(busy / usual, 1.0),
        "prior_hours": max(gaps[0], 24.0) if gaps else 24.0 * 365,
    }
