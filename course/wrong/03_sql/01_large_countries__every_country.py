"""Countries with a lower average are there, too: no condition on the groups. Look at HAVING."""


def answer(spark, lake):
    lake.read("silver.orders").createOrReplaceTempView("orders")
    return spark.sql("""
        SELECT country, COUNT(*) AS orders, SUM(amount) AS revenue
        FROM orders
        WHERE status <> 'cancelled'
        GROUP BY country
    """)
