"""All blocks are judged by the mean of all orders, later ones among them: nobody knew it while they came. Foretell
each from those before it."""

from pyspark.sql import Window
from pyspark.sql import functions as F


def answer(spark, lake):
    in_time = Window.orderBy("ordered_at", "order_id")
    rows = lake.read("silver.orders").select(
        F.col("amount").cast("double").alias("came"),
        F.avg(F.col("amount").cast("double")).over(Window.partitionBy()).alias("said"),
        F.row_number().over(in_time).alias("event"),
    )
    error = F.abs(F.col("came") - F.coalesce("said", F.lit(0.0)))
    blocks = rows.groupBy(F.floor((F.col("event") - 1) / 500).alias("block"))
    return blocks.agg(F.count("*").alias("events"), F.avg(error).alias("mae"))
