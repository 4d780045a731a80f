"""ROLLUP makes the levels, GROUPING names them."""


def answer(spark, lake):
    lake.read("silver.orders").createOrReplaceTempView("orders")
    return spark.sql("""
        SELECT CASE WHEN GROUPING(channel) = 1 THEN 'all' WHEN GROUPING(coupon) = 1 THEN 'channel' ELSE 'coupon' END
                   AS level,
               channel, coupon, SUM(amount) AS revenue
        FROM orders
        WHERE status <> 'cancelled'
        GROUP BY ROLLUP (channel, coupon)
    """)
