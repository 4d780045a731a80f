"""`customers` is too high: it counts orders, and whoever orders twice in a month is one customer. Look at
COUNT(DISTINCT …)."""


def answer(spark, lake):
    lake.read("silver.orders").createOrReplaceTempView("orders")
    return spark.sql("""
        WITH kept AS (
            SELECT user_id, month, MIN(month) OVER (PARTITION BY user_id) AS cohort_month
            FROM orders
            WHERE status <> 'cancelled'
        )
        SELECT cohort_month, CAST(MONTHS_BETWEEN(month, cohort_month) AS INT) AS months_since, COUNT(*) AS customers
        FROM kept
        GROUP BY cohort_month, month
    """)
