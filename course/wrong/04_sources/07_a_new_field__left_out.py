"""All orders are there, but `channel` is null in the new ones, too: the column was dropped to make the append fit,
and what it said is lost."""

from shutil import rmtree

from pyspark.sql import functions as F


def answer(spark, lake):
    path = lake.scratch("orders")
    rmtree(path, ignore_errors=True)
    orders = lake.read("silver.orders")
    first = orders.where("month < date'2025-12-01'").select("order_id", "amount")
    second = orders.where("month >= date'2025-12-01'").select("order_id", "amount")
    first.write.format("delta").save(path)
    second.write.format("delta").mode("append").save(path)
    return spark.read.format("delta").load(path).withColumn("channel", F.lit(None).cast("string"))
