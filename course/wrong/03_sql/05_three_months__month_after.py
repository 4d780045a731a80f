"""`before` is the revenue of the month after: LEAD looks ahead, LAG looks back."""


def answer(spark, lake):
    lake.read("silver.orders").createOrReplaceTempView("orders")
    return spark.sql("""
        WITH months AS (
            SELECT month, SUM(amount) AS revenue FROM orders WHERE status <> 'cancelled' GROUP BY month
        )
        SELECT month, revenue,
               LEAD(revenue) OVER (ORDER BY month) AS before,
               AVG(revenue) OVER (ORDER BY month ROWS BETWEEN 2 PRECEDING AND CURRENT ROW) AS smooth
        FROM months
    """)
