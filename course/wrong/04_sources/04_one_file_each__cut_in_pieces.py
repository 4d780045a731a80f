"""The rows of a month are in one task, but its file was cut: `maxRecordsPerFile` begins another one after so many
rows. It is for files that grow too large."""

from pyspark.sql import functions as F


def arrived(lake):
    """Give orders as they arrive: eight parts, each with orders of every month."""
    return lake.read("silver.orders").select("order_id", "month", "amount").repartition(8, "order_id")


def files_of(spark, path):
    """Count files and rows by month of what lies in a folder."""
    files = spark.read.parquet(path).select("month", "_metadata.file_path")
    return files.groupBy("month").agg(F.countDistinct("file_path").alias("files"), F.count("*").alias("orders"))


def answer(spark, lake):
    path = lake.scratch("by_month")
    orders = arrived(lake).repartition("month")
    orders.write.mode("overwrite").option("maxRecordsPerFile", 20).partitionBy("month").parquet(path)
    return files_of(spark, path)
