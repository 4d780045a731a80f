"""These are each user's first orders: the window goes from old to new. Look at `desc`."""

from pyspark.sql import Window
from pyspark.sql import functions as F


def answer(spark, lake):
    orders = lake.read("silver.orders")
    in_order = Window.partitionBy("user_id").orderBy("ordered_at", "order_id")
    numbered = orders.withColumn("place", F.row_number().over(in_order))
    return numbered.where("place = 1").select("user_id", "order_id", "ordered_at", "amount")
