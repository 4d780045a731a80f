"""The baseline is the mean of all orders, those of the test among them: on the day of the forecast nobody had them.
Take the mean of the past alone."""

from pyspark.sql import functions as F


def answer(spark, lake):
    orders = lake.read("gold.order_features").withColumn("amount", F.col("amount").cast("double"))
    test = orders.where("ordered_at >= timestamp'2025-10-01'")
    error = F.col("amount") - F.col("baseline")
    return (
        test.crossJoin(orders.agg(F.avg("amount").alias("baseline")))
        .groupBy("baseline")
        .agg(F.sqrt(F.avg(error * error)).alias("rmse"), F.count("*").alias("rows"))
    )
