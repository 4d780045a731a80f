"""The column is added by a command of its own, which stands in the table's history; then the append fits."""

from shutil import rmtree


def answer(spark, lake):
    path = lake.scratch("orders")
    rmtree(path, ignore_errors=True)
    orders = lake.read("silver.orders")
    first = orders.where("month < date'2025-12-01'").select("order_id", "amount")
    second = orders.where("month >= date'2025-12-01'").select("order_id", "amount", "channel")
    first.write.format("delta").save(path)
    spark.sql(f"ALTER TABLE delta.`{path}` ADD COLUMNS (channel string)")
    second.write.format("delta").mode("append").save(path)
    return spark.read.format("delta").load(path)
