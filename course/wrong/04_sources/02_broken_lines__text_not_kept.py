"""All lines have a row, but `bad` is null in each: the reader had no column to put the text in. It looks for
`_corrupt_record` in the schema that you say."""

from pyspark.sql import functions as F


def export(lake):
    """Write orders as a partner sends them: lines of JSON, some of them cut off."""
    path = lake.scratch("partner")
    whole = lake.read("silver.orders").select("order_id", F.to_json(F.struct("order_id", "amount")).alias("line"))
    cut = F.expr("CASE WHEN order_id % 50 = 0 THEN LEFT(line, LENGTH(line) - 3) ELSE line END")
    whole.select(cut).write.mode("overwrite").text(path)
    return path


def answer(spark, lake):
    orders = spark.read.schema("order_id long, amount decimal(12,2)").json(export(lake))
    return orders.withColumn("bad", F.lit(None).cast("string"))
