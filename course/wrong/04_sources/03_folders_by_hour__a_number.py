"""`hour` is a number, 8: Spark guessed a type for the folders' names, and the zero is lost. Say the schema when you
read."""

from pyspark.sql import functions as F


def answer(spark, lake):
    path = lake.scratch("by_hour")
    orders = lake.read("silver.orders").select("order_id", "ordered_at")
    orders = orders.withColumn("hour", F.date_format("ordered_at", "HH"))
    orders.write.mode("overwrite").partitionBy("hour").parquet(path)
    return spark.read.parquet(path).where("hour = 8").select("order_id", "hour")
