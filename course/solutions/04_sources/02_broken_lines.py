"""The text of what could not be read has a column of its own."""

from pyspark.sql import functions as F


def export(lake):
    """Write orders as a partner sends them: lines of JSON, some of them cut off."""
    path = lake.scratch("partner")
    whole = lake.read("silver.orders").select("order_id", F.to_json(F.struct("order_id", "amount")).alias("line"))
    cut = F.expr("CASE WHEN order_id % 50 = 0 THEN LEFT(line, LENGTH(line) - 3) ELSE line END")
    whole.select(cut).write.mode("overwrite").text(path)
    return path


def answer(spark, lake):
    path = export(lake)
    schema = "order_id long, amount decimal(12,2), _corrupt_record string"
    return spark.read.schema(schema).json(path).withColumnRenamed("_corrupt_record", "bad")
