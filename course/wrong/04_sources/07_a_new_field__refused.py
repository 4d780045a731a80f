"""The table has no column `channel`, and refuses rows that have one: this is schema enforcement, and it keeps wrong
files out. Say that the column is meant: `option("mergeSchema", "true")`.

fails: error METADATA_MISMATCH
"""

from shutil import rmtree


def answer(spark, lake):
    path = lake.scratch("orders")
    rmtree(path, ignore_errors=True)
    orders = lake.read("silver.orders")
    first = orders.where("month < date'2025-12-01'").select("order_id", "amount")
    second = orders.where("month >= date'2025-12-01'").select("order_id", "amount", "channel")
    first.write.format("delta").save(path)
    second.write.format("delta").mode("append").save(path)
    return spark.read.format("delta").load(path)
