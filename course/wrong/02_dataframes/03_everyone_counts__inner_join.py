"""Users without an order are missing: an inner join keeps only those who match, and so does a filter on the orders'
columns after a left join. Look at the third argument of `join`, and filter the orders before it."""

from pyspark.sql import functions as F


def answer(spark, lake):
    users = lake.read("silver.users")
    orders = lake.read("silver.orders").where("status != 'cancelled'")
    return users.join(orders, "user_id").groupBy("user_id").agg(F.count("*").alias("orders"))
