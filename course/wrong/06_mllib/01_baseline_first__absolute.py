"""The column `rmse` has the mean absolute error: without the square large misses weigh no more than small ones.
Square the error, take the mean, then the root."""

from pyspark.sql import functions as F


def answer(spark, lake):
    orders = lake.read("gold.order_features").withColumn("amount", F.col("amount").cast("double"))
    past = orders.where("ordered_at < timestamp'2025-10-01'")
    test = orders.where("ordered_at >= timestamp'2025-10-01'")
    baseline = past.agg(F.avg("amount").alias("baseline"))
    return (
        test.crossJoin(baseline)
        .groupBy("baseline")
        .agg(F.avg(F.abs(F.col("amount") - F.col("baseline"))).alias("rmse"), F.count("*").alias("rows"))
    )
