"""The guess switched off for the session: then every partition column is a text."""

from pyspark.sql import functions as F


def answer(spark, lake):
    path = lake.scratch("by_hour")
    orders = lake.read("silver.orders").select("order_id", "ordered_at")
    orders = orders.withColumn("hour", F.date_format("ordered_at", "HH"))
    orders.write.mode("overwrite").partitionBy("hour").parquet(path)
    spark.conf.set("spark.sql.sources.partitionColumnTypeInference.enabled", "false")
    return spark.read.parquet(path).where(F.col("hour") == "08").select("order_id", "hour")
