"""Each country has the amount of one order only, its highest. `reduceByKey` gets two values and returns one: `a +
b` keeps both in it, `max(a, b)` drops one."""


def answer(spark, lake):
    orders = lake.read("silver.orders").where("status != 'cancelled'").select("country", "amount").rdd
    return orders.map(lambda order: (order.country, order.amount)).reduceByKey(max).collectAsMap()
