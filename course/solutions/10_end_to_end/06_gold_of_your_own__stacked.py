"""Both facts one below the other with the same columns, and one grouping: no full join, no nulls."""

from pyspark.sql import functions as F


def answer(spark, lake):
    orders = lake.read("silver.orders").where("status <> 'cancelled'")
    nothing = F.lit(0).cast("decimal(12,2)")
    sold = orders.select(
        F.to_date("ordered_at").alias("day"), "country", F.lit(1).alias("one"), "amount", nothing.alias("refund")
    )
    returns = lake.read("silver.returns").join(orders.select("order_id", "country"), "order_id")
    back = returns.select(
        F.to_date("returned_at").alias("day"), "country", F.lit(0).alias("one"), nothing.alias("amount"), "refund"
    )
    rows = sold.unionByName(back).groupBy("day", "country")
    return rows.agg(F.sum("one").alias("orders"), F.sum("amount").alias("revenue"), F.sum("refund").alias("refunds"))
