"""The rows of orders without a coupon are missing, and the totals do not have them either: a filter took the nulls
out."""


def answer(spark, lake):
    lake.read("silver.orders").createOrReplaceTempView("orders")
    return spark.sql("""
        SELECT CASE WHEN GROUPING(channel) = 1 THEN 'all' WHEN GROUPING(coupon) = 1 THEN 'channel' ELSE 'coupon' END
                   AS level,
               channel, coupon, SUM(amount) AS revenue
        FROM orders
        WHERE status <> 'cancelled' AND coupon IS NOT NULL
        GROUP BY ROLLUP (channel, coupon)
    """)
