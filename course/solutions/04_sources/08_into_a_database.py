"""Summed on Spark, written by key."""

import sqlite3

from pyspark.sql import functions as F


def held(spark, path):
    """Give the rows of the table `months` as a DataFrame."""
    with sqlite3.connect(path) as db:
        rows = db.execute("SELECT month, revenue FROM months").fetchall()
    return spark.createDataFrame(rows, "month string, revenue double")


def answer(spark, lake):
    path = lake.scratch("shop.db")
    orders = lake.read("silver.orders").where("status != 'cancelled'")
    month, revenue = F.col("month").cast("string").alias("month"), F.sum("amount").cast("double").alias("revenue")
    for _ in range(2):
        rows = [tuple(row) for row in orders.groupBy(month).agg(revenue).collect()]
        with sqlite3.connect(path) as db:
            db.execute("CREATE TABLE IF NOT EXISTS months (month TEXT PRIMARY KEY, revenue REAL)")
            db.executemany(
                "INSERT INTO months VALUES (?, ?) ON CONFLICT (month) DO UPDATE SET revenue = excluded.revenue", rows
            )
    return held(spark, path)
