"""Each fact summed by itself, then a full join, and 0 where a side has nothing."""

from pyspark.sql import functions as F


def answer(spark, lake):
    orders = lake.read("silver.orders").where("status <> 'cancelled'")
    sold = orders.groupBy(F.to_date("ordered_at").alias("day"), "country").agg(
        F.count("*").alias("orders"), F.sum("amount").alias("revenue")
    )
    returns = lake.read("silver.returns").join(orders.select("order_id", "country"), "order_id")
    refunded = returns.groupBy(F.to_date("returned_at").alias("day"), "country").agg(F.sum("refund").alias("refunds"))
    both = sold.join(refunded, ["day", "country"], "full")
    return both.na.fill(0)
