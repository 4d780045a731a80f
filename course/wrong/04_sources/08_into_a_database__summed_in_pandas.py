"""Right rows, but all orders came to the driver to be added up there. Sum on Spark, and fetch one row a month.

fails: rows_to_driver
"""

import sqlite3


def held(spark, path):
    """Give the rows of the table `months` as a DataFrame."""
    with sqlite3.connect(path) as db:
        rows = db.execute("SELECT month, revenue FROM months").fetchall()
    return spark.createDataFrame(rows, "month string, revenue double")


def answer(spark, lake):
    path = lake.scratch("shop.db")
    orders = lake.read("silver.orders").where("status != 'cancelled'")
    for _ in range(2):
        frame = orders.selectExpr("CAST(month AS string) AS month", "CAST(amount AS double) AS revenue").toPandas()
        with sqlite3.connect(path) as db:
            frame.groupby("month", as_index=False).sum().to_sql("months", db, if_exists="replace", index=False)
    return held(spark, path)
