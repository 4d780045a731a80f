"""The column may have a name of its own: an option says which."""

from pyspark.sql import functions as F


def export(lake):
    """Write orders as a partner sends them: lines of JSON, some of them cut off."""
    path = lake.scratch("partner")
    whole = lake.read("silver.orders").select("order_id", F.to_json(F.struct("order_id", "amount")).alias("line"))
    cut = F.expr("CASE WHEN order_id % 50 = 0 THEN LEFT(line, LENGTH(line) - 3) ELSE line END")
    whole.select(cut).write.mode("overwrite").text(path)
    return path


def answer(spark, lake):
    schema = "order_id long, amount decimal(12,2), bad string"
    return spark.read.schema(schema).option("columnNameOfCorruptRecord", "bad").json(export(lake))
