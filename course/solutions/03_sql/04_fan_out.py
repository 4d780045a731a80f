"""The attempts are counted by order first; then every order has one row at most to meet."""


def answer(spark, lake):
    lake.read("silver.orders").createOrReplaceTempView("orders")
    lake.read("silver.payments").createOrReplaceTempView("payments")
    return spark.sql("""
        WITH tries AS (SELECT order_id, COUNT(*) AS attempts FROM payments GROUP BY order_id)
        SELECT country, COUNT(*) AS orders, SUM(amount) AS revenue, SUM(COALESCE(attempts, 0)) AS attempts
        FROM orders LEFT JOIN tries USING (order_id)
        WHERE orders.status <> 'cancelled'
        GROUP BY country
    """)
