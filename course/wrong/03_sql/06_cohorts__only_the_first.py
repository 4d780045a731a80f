"""Each cohort has the row of its first month and no other, `months_since` 0. Keep all orders, and put the customer's
first month beside each."""


def answer(spark, lake):
    lake.read("silver.orders").createOrReplaceTempView("orders")
    return spark.sql("""
        WITH first AS (
            SELECT user_id, MIN(month) AS cohort_month FROM orders WHERE status <> 'cancelled' GROUP BY user_id
        )
        SELECT cohort_month, 0 AS months_since, COUNT(DISTINCT user_id) AS customers
        FROM first
        GROUP BY cohort_month
    """)
