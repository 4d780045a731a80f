"""The levels listed one by one, and numbered by GROUPING_ID: a bit for each column, set where it was added up."""


def answer(spark, lake):
    lake.read("silver.orders").createOrReplaceTempView("orders")
    return spark.sql("""
        SELECT CASE GROUPING_ID(channel, coupon) WHEN 0 THEN 'coupon' WHEN 1 THEN 'channel' ELSE 'all' END AS level,
               channel, coupon, SUM(amount) AS revenue
        FROM orders
        WHERE status <> 'cancelled'
        GROUP BY GROUPING SETS ((channel, coupon), (channel), ())
    """)
