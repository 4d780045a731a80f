"""The first three months are right, and then `smooth` moves less and less: without a frame a window with an ORDER BY
sees everything from the beginning to here. Say how far back: ROWS BETWEEN 2 PRECEDING AND CURRENT ROW."""


def answer(spark, lake):
    lake.read("silver.orders").createOrReplaceTempView("orders")
    return spark.sql("""
        WITH months AS (
            SELECT month, SUM(amount) AS revenue FROM orders WHERE status <> 'cancelled' GROUP BY month
        )
        SELECT month, revenue,
               LAG(revenue) OVER (ORDER BY month) AS before,
               AVG(revenue) OVER (ORDER BY month) AS smooth
        FROM months
    """)
