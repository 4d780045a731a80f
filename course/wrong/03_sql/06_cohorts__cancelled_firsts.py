"""Some customers are in another cohort: their first order was cancelled, and it made the cohort all the same. Leave
the cancelled out before the first month is found."""


def answer(spark, lake):
    lake.read("silver.orders").createOrReplaceTempView("orders")
    return spark.sql("""
        WITH every AS (
            SELECT user_id, month, status, MIN(month) OVER (PARTITION BY user_id) AS cohort_month FROM orders
        )
        SELECT cohort_month, CAST(MONTHS_BETWEEN(month, cohort_month) AS INT) AS months_since,
               COUNT(DISTINCT user_id) AS customers
        FROM every
        WHERE status <> 'cancelled'
        GROUP BY cohort_month, month
    """)
