"""Cancelled orders are in the sums. Filter the rows before they become pairs: afterwards the status is gone."""


def answer(spark, lake):
    orders = lake.read("silver.orders").select("country", "amount").rdd
    return orders.map(lambda order: (order.country, order.amount)).reduceByKey(lambda a, b: a + b).collectAsMap()
