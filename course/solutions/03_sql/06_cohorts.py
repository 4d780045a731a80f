"""The first month as a window over the customer's rows: no join is needed."""


def answer(spark, lake):
    lake.read("silver.orders").createOrReplaceTempView("orders")
    return spark.sql("""
        WITH kept AS (
            SELECT user_id, month, MIN(month) OVER (PARTITION BY user_id) AS cohort_month
            FROM orders
            WHERE status <> 'cancelled'
        )
        SELECT cohort_month, CAST(MONTHS_BETWEEN(month, cohort_month) AS INT) AS months_since,
               COUNT(DISTINCT user_id) AS customers
        FROM kept
        GROUP BY cohort_month, month
    """)
