"""The revenue is too high: cancelled orders are in it."""

import sqlite3

from pyspark.sql import functions as F


def held(spark, path):
    """Give the rows of the table `months` as a DataFrame."""
    with sqlite3.connect(path) as db:
        rows = db.execute("SELECT month, revenue FROM months").fetchall()
    return spark.createDataFrame(rows, "month string, revenue double")


def answer(spark, lake):
    path = lake.scratch("shop.db")
    orders = lake.read("silver.orders")
    month, revenue = F.col("month").cast("string").alias("month"), F.sum("amount").cast("double").alias("revenue")
    for _ in range(2):
        frame = orders.groupBy(month).agg(revenue).toPandas()
        with sqlite3.connect(path) as db:
            frame.to_sql("months", db, if_exists="replace", index=False)
    return held(spark, path)
