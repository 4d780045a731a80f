"""Right rows, but every folder was opened: the filter is on `ordered_at`, which is in the files. Ask for the `hour`
of the folders' names.

fails: partitions_pruned
"""

from pyspark.sql import functions as F


def answer(spark, lake):
    path = lake.scratch("by_hour")
    orders = lake.read("silver.orders").select("order_id", "ordered_at")
    orders = orders.withColumn("hour", F.date_format("ordered_at", "HH"))
    orders.write.mode("overwrite").partitionBy("hour").parquet(path)
    read = spark.read.schema("order_id long, ordered_at timestamp, hour string").parquet(path)
    return read.where(F.hour("ordered_at") == 8).select("order_id", "hour")
