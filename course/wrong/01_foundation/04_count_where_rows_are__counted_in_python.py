"""Right rows, but every order came to the driver to be counted there. Group where the rows are: `groupBy` and `agg`.

fails: rows_to_driver
"""


def answer(spark, lake):
    orders, highest = {}, {}
    for row in lake.read("silver.orders").select("channel", "amount").collect():
        orders[row.channel] = orders.get(row.channel, 0) + 1
        highest[row.channel] = max(highest.get(row.channel, 0), row.amount)
    rows = [(channel, orders[channel], highest[channel]) for channel in orders]
    return spark.createDataFrame(rows, "channel string, orders long, highest decimal(12,2)")
