"""`orders` and `revenue` are too high: the join has a row for every attempt, and an order that was paid at the
second try is in it twice, with its amount. Compare the join's number of rows with the number of orders."""


def answer(spark, lake):
    lake.read("silver.orders").createOrReplaceTempView("orders")
    lake.read("silver.payments").createOrReplaceTempView("payments")
    return spark.sql("""
        SELECT country, COUNT(*) AS orders, SUM(orders.amount) AS revenue, COUNT(payment_id) AS attempts
        FROM orders LEFT JOIN payments USING (order_id)
        WHERE orders.status <> 'cancelled'
        GROUP BY country
    """)
