"""Right rows, but folders are chosen by `month` only, and the condition is on `ordered_at`, which is in the files.
Look at `PartitionFilters` in the plan.

fails: partitions_pruned files were read
"""

from pyspark.sql import functions as F


def answer(spark, lake):
    orders = lake.read("silver.orders").where("ordered_at >= timestamp'2025-12-01' AND status != 'cancelled'")
    december = orders.where("ordered_at < timestamp'2026-01-01'")
    return december.groupBy("channel").agg(F.count("*").alias("orders"), F.sum("amount").alias("revenue"))
