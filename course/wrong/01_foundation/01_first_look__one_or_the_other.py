"""There are orders of other channels and cheap ones among these: `|` keeps a row when one of the conditions holds.
Both have to: `&`."""

from pyspark.sql import functions as F


def answer(spark, lake):
    orders = lake.read("silver.orders")
    wanted = (F.col("channel") == "app") | (F.col("amount") >= 100)
    return orders.where(wanted).select("order_id", "user_id", "amount")
