"""Nothing is open: orders of the last 14 days have a label that nobody can know yet. As long as something can still
come back, the label is null."""

from pyspark.sql import functions as F

NOW = "timestamp'2025-11-15 00:00:00'"


def answer(spark, lake):
    orders = lake.read("silver.orders").where(f"ordered_at < {NOW}")
    back = (
        lake.read("silver.returns")
        .where(f"returned_at < {NOW}")
        .groupBy("order_id")
        .agg(F.min("returned_at").alias("back_at"))
    )
    rows = orders.select("order_id", "ordered_at").join(back, "order_id", "left")
    label = F.expr("""
        CASE WHEN back_at <= ordered_at + INTERVAL 14 DAYS THEN true
             ELSE false END
    """)
    return rows.select("order_id", label.alias("returned"))
