"""Python asks a whole column here whether it is true, and a column has no single answer. `and` asks so, and `&` without
brackets does, too: it binds closer than `==` and `>=`. Join conditions by `&`, each in brackets.

fails: error CANNOT_CONVERT_COLUMN_INTO_BOOL
"""

from pyspark.sql import functions as F


def answer(spark, lake):
    orders = lake.read("silver.orders")
    wanted = (F.col("channel") == "app") and (F.col("amount") >= 100)
    return orders.where(wanted).select("order_id", "user_id", "amount")
