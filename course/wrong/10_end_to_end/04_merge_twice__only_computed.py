"""The rows are right, and no MERGE has run: a query puts both together, and the table in the folder is as it was.
A load changes the table; whoever reads it next has to find the new rows there.

fails: commits nothing
"""

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
    kept = spark.read.format("delta").load(path).join(today(lake), "order_id", "left_anti")
    return kept.unionByName(today(lake))
