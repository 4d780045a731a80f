# %% [markdown]
# # 10.5 One day again
#
# A day went wrong and is to be computed again, and the other days stay as they are. `replaceWhere` removes the rows
# for which a predicate holds and writes new ones in the same commit: readers see the day before or after, and never a
# table without it.
#
# **Goal.** Write `as_it_is(lake)` as a Delta table to `lake.scratch("sales")`: its row of the day 2025-11-28 (`DAY`)
# has twice the orders and twice the revenue. Replace that day, and only it, by the right row of `sales(lake)`. Return
# the table's rows: `day`, `orders`, `revenue`.

# %%
from pyspark.sql import functions as F

DAY = "2025-11-28"


def sales(lake):
    """Orders and revenue of each day."""
    orders = lake.read("silver.orders").where("status <> 'cancelled'")
    day = F.to_date("ordered_at").alias("day")
    return orders.groupBy(day).agg(F.count("*").alias("orders"), F.sum("amount").cast("decimal(22,2)").alias("revenue"))


def as_it_is(lake):
    """The table as it was found: the load of one day ran twice."""
    twice = F.when(F.col("day") == F.lit(DAY).cast("date"), 2).otherwise(1)
    rows = sales(lake).withColumn("orders", F.col("orders") * twice)
    return rows.withColumn("revenue", (F.col("revenue") * twice).cast("decimal(22,2)"))


def answer(spark, lake):
    path = lake.scratch("sales")
    as_it_is(lake).write.format("delta").mode("overwrite").save(path)
    ...


# %% Try it
# From here on nothing is run by a check: look around as you like.
from emberlake.school import check, desk

spark, lake = desk()
answer(spark, lake).show()

# %%
check("10.5", answer)
