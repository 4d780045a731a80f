"""From what happened to sums by variant and day: all that the statistics need, in one pass, whatever the users' number.

For each day the sums are those of all users exposed by then, over what they did by then. A user changes them only on
days on which something happened, by what he adds now less what he added before; so the engine handles rows of the log,
not users times days, and what leaves it is a row a variant and day.
"""

from __future__ import annotations

import datetime as dt
from itertools import combinations_with_replacement
from typing import TYPE_CHECKING

from emberlake.trials.exposures import moment

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame

# A user's numerator and denominator in the trial, and both in the time before it.
VARIABLES = ("x", "y", "cx", "cy")
PAIRS = tuple(combinations_with_replacement(VARIABLES, 2))
COLUMNS = ("users", *VARIABLES, *[f"{a}_{b}" for a, b in PAIRS])


def daily_sums(exposed: DataFrame, happened: DataFrame, since: dt.date, kind: str) -> DataFrame:
    """By how much the sums of each variant change on each day.

    Args:
        exposed: user_id, variant, exposed_at: a row a user.
        happened: user_id, happened_at, numerator, denominator, from before the trial to its end.
        since: the trial's first day; what happened before it is the covariate.
        kind: of the metric; for `share` a user adds 1 from the first numerator above 0 on.

    Returns:
        variant, day (date), users, a column for each of `VARIABLES` and one for each of `PAIRS`, such as `x_cx`.
    """
    import pyspark.sql.functions as F
    from pyspark.sql import Window

    days = _user_days(exposed, happened, since)
    by_then = Window.partitionBy("user_id").orderBy("day").rowsBetween(Window.unboundedPreceding, Window.currentRow)
    days = days.withColumn("_x", F.sum("x").over(by_then)).withColumn("_y", F.sum("y").over(by_then))
    now, earlier = _states(kind)
    changes = {"users": F.col("users")} | {name: now[name] - earlier[name] for name in VARIABLES}
    changes |= {f"{a}_{b}": now[a] * now[b] - earlier[a] * earlier[b] for a, b in PAIRS}
    return days.groupBy("variant", "day").agg(*[F.sum(change).alias(name) for name, change in changes.items()])


def _user_days(exposed: DataFrame, happened: DataFrame, since: dt.date) -> DataFrame:
    """A row for each day on which a user came or did something: user_id, variant, day, users, x, y, cx, cy."""
    import pyspark.sql.functions as F

    begin = F.lit(moment(since))
    totals = [F.sum("numerator").alias("x"), F.sum("denominator").alias("y")]
    own = happened.where(F.col("happened_at") >= begin).join(exposed, "user_id")
    own = own.where(F.col("happened_at") >= F.col("exposed_at")).withColumn("day", F.to_date("happened_at"))
    deeds = own.groupBy("user_id", "variant", "day").agg(*totals).withColumn("users", F.lit(0.0))
    arrivals = exposed.select(
        "user_id", "variant", F.to_date("exposed_at").alias("day"), F.lit(0.0).alias("x"), F.lit(0.0).alias("y"),
        F.lit(1.0).alias("users"),
    )  # fmt: skip
    rows = arrivals.unionByName(deeds).groupBy("user_id", "variant", "day")
    days = rows.agg(*[F.sum(name).alias(name) for name in ("users", "x", "y")])
    before = happened.where(F.col("happened_at") < begin).groupBy("user_id").agg(*totals)
    return days.join(before.withColumnsRenamed({"x": "cx", "y": "cy"}), "user_id", "left")


def _states(kind: str) -> tuple[dict[str, Column], dict[str, Column]]:
    """What a user adds to the sums at the end of the day, and before it."""
    import pyspark.sql.functions as F

    def counted(value: Column) -> Column:
        return F.when(value > 0, F.lit(1.0)).otherwise(F.lit(0.0)) if kind == "share" else value

    was_there = F.when(F.col("users") > 0, F.lit(0.0)).otherwise(F.lit(1.0))
    cx, cy = counted(F.coalesce("cx", F.lit(0.0))), F.coalesce("cy", F.lit(0.0))
    now = {"x": counted(F.col("_x")), "y": F.col("_y"), "cx": cx, "cy": cy}
    before = {"x": counted(F.col("_x") - F.col("x")), "y": F.col("_y") - F.col("y")}
    return now, {**before, "cx": cx * was_there, "cy": cy * was_there}
