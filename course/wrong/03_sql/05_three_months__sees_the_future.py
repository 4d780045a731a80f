"""`smooth` has the month after in it: the frame goes from one before to one after. Whoever reads it in November does
not know December. Look at the frame's two ends."""


def answer(spark, lake):
    lake.read("silver.orders").createOrReplaceTempView("orders")
    return spark.sql("""
        WITH months AS (
            SELECT month, SUM(amount) AS revenue FROM orders WHERE status <> 'cancelled' GROUP BY month
        )
        SELECT month, revenue,
               LAG(revenue) OVER (ORDER BY month) AS before,
               AVG(revenue) OVER (ORDER BY month ROWS BETWEEN 1 PRECEDING AND 1 FOLLOWING) AS smooth
        FROM months
    """)
