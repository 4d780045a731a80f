# %% [markdown]
# # 10.4 A load that may run twice
#
# A job that failed is run again, and nobody knows how far it came. An append adds its rows once more; a MERGE by key
# updates what is there and adds what is not, so that a second run finds everything as it should be. Such a load is
# called idempotent.
#
# **Goal.** Write `yesterday(lake)` as a Delta table to `lake.scratch("orders")`. Bring `today(lake)` in **twice**, as
# a job does that is run again: orders that are known get the new `status` and `amount`, those that are not are added.
# Return the table's rows: `order_id`, `status`, `amount`. (A MERGE is SQL here: `spark.sql(...)`, with `.collect()`
# behind it.)

# %%
from pyspark.sql import functions as F


def yesterday(lake):
    """The table as the last run left it: orders up to the end of November; those from the 15th on are still open."""
    orders = (
        lake.read("silver.orders")
        .where("ordered_at < timestamp'2025-12-01'")
        .select("order_id", "status", "amount", "ordered_at")
    )
    open_ones = F.col("ordered_at") >= F.lit("2025-11-15").cast("timestamp")
    return orders.withColumn("status", F.when(open_ones, F.lit("open")).otherwise(F.col("status"))).drop("ordered_at")


def today(lake):
    """What the source sends now: new states of orders that are known, and new orders."""
    orders = lake.read("silver.orders").where("ordered_at >= timestamp'2025-11-15'")
    return orders.select("order_id", "status", "amount")


def answer(spark, lake):
    path = lake.scratch("orders")
    yesterday(lake).write.format("delta").mode("overwrite").save(path)
    for _ in range(2):
        today(lake).createOrReplaceTempView("today")
        ...  # the MERGE
    ...  # what the table holds now


# %% Try it
# From here on nothing is run by a check: look around as you like.
from emberlake.school import check, desk

spark, lake = desk()
answer(spark, lake).show()

# %%
check("10.4", answer)
