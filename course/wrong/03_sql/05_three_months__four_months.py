"""`smooth` has four months in it: three before and this one. The current row counts, so two before it are enough."""


def answer(spark, lake):
    lake.read("silver.orders").createOrReplaceTempView("orders")
    return spark.sql("""
        WITH months AS (
            SELECT month, SUM(amount) AS revenue FROM orders WHERE status <> 'cancelled' GROUP BY month
        )
        SELECT month, revenue,
               LAG(revenue) OVER (ORDER BY month) AS before,
               AVG(revenue) OVER (ORDER BY month ROWS BETWEEN 3 PRECEDING AND CURRENT ROW) AS smooth
        FROM months
    """)
