"""Orders that were known are still `open`: their new state came and was not taken. Add WHEN MATCHED THEN UPDATE."""

from pyspark.sql import functions as F


def yesterday(lake):
    """The table as the last run left it: orders up to the end of November; those from the 15th on are still open."""
    orders = (
        lake.read("silver.orders")
        .where("ordered_at < timestamp'2025-12-01'")
        .select("order_id", "status", "amount", "ordered_at")
    )
    open_ones = F.col("ordered_at") >= F.lit("2025-11-15").cast("timestamp")
    return orders.withColumn("status", F.when(open_ones, F.lit("open")).otherwise(F.col("status"))).drop("ordered_at")


def today(lake):
    """What the source sends now: new states of orders that are known, and new orders."""
    orders = lake.read("silver.orders").where("ordered_at >= timestamp'2025-11-15'")
    return orders.select("order_id", "status", "amount")


def answer(spark, lake):
    path = lake.scratch("orders")
    yesterday(lake).write.format("delta").save(path)
    for _ in range(2):
        today(lake).createOrReplaceTempView("today")
        spark.sql(f"""
            MERGE INTO delta.`{path}` AS t USING today AS s ON t.order_id = s.order_id
            WHEN NOT MATCHED THEN INSERT (order_id, status, amount) VALUES (s.order_id, s.status, s.amount)
        """).collect()
    return spark.read.format("delta").load(path)
