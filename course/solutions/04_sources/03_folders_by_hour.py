"""Folders by hour, and a schema that says what their names are."""

from pyspark.sql import functions as F


def answer(spark, lake):
    path = lake.scratch("by_hour")
    orders = lake.read("silver.orders").select("order_id", "ordered_at")
    orders = orders.withColumn("hour", F.date_format("ordered_at", "HH"))
    orders.write.mode("overwrite").partitionBy("hour").parquet(path)
    return spark.read.schema("order_id long, hour string").parquet(path).where("hour = '08'")
