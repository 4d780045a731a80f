"""A pair a row, then one sum a key."""


def answer(spark, lake):
    orders = lake.read("silver.orders").select("country", "status", "amount").rdd
    kept = orders.filter(lambda order: order.status != "cancelled")
    return kept.map(lambda order: (order.country, order.amount)).reduceByKey(lambda a, b: a + b).collectAsMap()
