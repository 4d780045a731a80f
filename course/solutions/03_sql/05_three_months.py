"""One row a month first, then windows over few rows."""


def answer(spark, lake):
    lake.read("silver.orders").createOrReplaceTempView("orders")
    return spark.sql("""
        WITH months AS (
            SELECT month, SUM(amount) AS revenue FROM orders WHERE status <> 'cancelled' GROUP BY month
        )
        SELECT month, revenue,
               LAG(revenue) OVER (ORDER BY month) AS before,
               AVG(revenue) OVER (ORDER BY month ROWS BETWEEN 2 PRECEDING AND CURRENT ROW) AS smooth
        FROM months
    """)
