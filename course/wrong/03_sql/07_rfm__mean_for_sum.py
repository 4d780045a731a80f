"""`money` ranks by the mean order: who orders often and little falls behind who ordered once. The goal asks for the
sum."""


def answer(spark, lake):
    lake.read("silver.orders").createOrReplaceTempView("orders")
    return spark.sql("""
        WITH customers AS (
            SELECT user_id, MAX(ordered_at) AS last_at, COUNT(*) AS orders, AVG(amount) AS revenue
            FROM orders
            WHERE status <> 'cancelled'
            GROUP BY user_id
        )
        SELECT user_id,
               NTILE(3) OVER (ORDER BY last_at, user_id) AS recency,
               NTILE(3) OVER (ORDER BY orders, user_id) AS frequency,
               NTILE(3) OVER (ORDER BY revenue, user_id) AS money
        FROM customers
    """)
