"""Every country is there, with its large orders only: the condition was asked of each order (WHERE), not of the
country's average. Look at HAVING."""


def answer(spark, lake):
    lake.read("silver.orders").createOrReplaceTempView("orders")
    return spark.sql("""
        SELECT country, COUNT(*) AS orders, SUM(amount) AS revenue
        FROM orders
        WHERE status <> 'cancelled' AND amount > 200
        GROUP BY country
    """)
