"""The same as SQL; a view is a name for the plan."""


def answer(spark, lake):
    lake.read("silver.orders").createOrReplaceTempView("orders")
    return spark.sql("SELECT channel, COUNT(*) AS orders, MAX(amount) AS highest FROM orders GROUP BY channel")
