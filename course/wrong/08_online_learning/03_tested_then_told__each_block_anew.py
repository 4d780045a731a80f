"""Each block begins again from nothing: the mean is that of the block's own orders. What was learned before stays
learned."""

from pyspark.sql import Window
from pyspark.sql import functions as F


def answer(spark, lake):
    in_time = Window.orderBy("ordered_at", "order_id")
    rows = lake.read("silver.orders").select(
        F.col("amount").cast("double").alias("came"), (F.row_number().over(in_time) - 1).alias("event")
    )
    rows = rows.withColumn("block", F.floor(F.col("event") / 500))
    before = Window.partitionBy("block").orderBy("event").rowsBetween(Window.unboundedPreceding, -1)
    said = F.coalesce(F.avg("came").over(before), F.lit(0.0))
    rows = rows.withColumn("error", F.abs(F.col("came") - said))
    return rows.groupBy("block").agg(F.count("*").alias("events"), F.avg("error").alias("mae"))
