"""The cancelled orders are counted, too. Leave them out before the grouping: WHERE."""


def answer(spark, lake):
    lake.read("silver.orders").createOrReplaceTempView("orders")
    return spark.sql("""
        SELECT country, COUNT(*) AS orders, SUM(amount) AS revenue
        FROM orders
        GROUP BY country
        HAVING AVG(amount) > 200
    """)
