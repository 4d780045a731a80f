"""WHERE for the rows, HAVING for the groups."""


def answer(spark, lake):
    lake.read("silver.orders").createOrReplaceTempView("orders")
    return spark.sql("""
        SELECT country, COUNT(*) AS orders, SUM(amount) AS revenue
        FROM orders
        WHERE status <> 'cancelled'
        GROUP BY country
        HAVING AVG(amount) > 200
    """)
