"""There are rows for each coupon over all channels, which no level of the goal has: CUBE makes every combination of
the columns. ROLLUP takes them away from the right, one at a time."""


def answer(spark, lake):
    lake.read("silver.orders").createOrReplaceTempView("orders")
    return spark.sql("""
        SELECT CASE WHEN GROUPING(channel) = 1 THEN 'all' WHEN GROUPING(coupon) = 1 THEN 'channel' ELSE 'coupon' END
                   AS level,
               channel, coupon, SUM(amount) AS revenue
        FROM orders
        WHERE status <> 'cancelled'
        GROUP BY CUBE (channel, coupon)
    """)
