"""The second of each two is the sum of the amounts: the state is carried well, and the division at the end is
missing. Look at `mapValues`."""


def answer(spark, lake):
    orders = lake.read("silver.orders").where("status != 'cancelled'").select("channel", "amount").rdd
    states = orders.map(lambda order: (order.channel, (1, float(order.amount))))
    sums = states.reduceByKey(lambda one, other: (one[0] + other[0], one[1] + other[1]))
    return sums.mapValues(list).collectAsMap()
