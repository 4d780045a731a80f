"""Some orders found no user: `country` is where the user lives in one table and where the order goes to in the
other. Join on what identifies a user, `user_id` alone."""

from pyspark.sql import functions as F


def answer(spark, lake):
    users = lake.read("silver.users")
    orders = lake.read("silver.orders").where("status != 'cancelled'").select("user_id", "country", "order_id")
    joined = users.join(orders, ["user_id", "country"], "left")
    return joined.groupBy("user_id").agg(F.count("order_id").alias("orders"))
