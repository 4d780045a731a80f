"""`orders` is right, but `revenue` is too low: `SUM(DISTINCT amount)` adds each amount once, and two orders of the
same amount are two. DISTINCT hides what the join multiplied, and takes away more than that."""


def answer(spark, lake):
    lake.read("silver.orders").createOrReplaceTempView("orders")
    lake.read("silver.payments").createOrReplaceTempView("payments")
    return spark.sql("""
        SELECT country, COUNT(DISTINCT order_id) AS orders, SUM(DISTINCT orders.amount) AS revenue,
               COUNT(payment_id) AS attempts
        FROM orders LEFT JOIN payments USING (order_id)
        WHERE orders.status <> 'cancelled'
        GROUP BY country
    """)
