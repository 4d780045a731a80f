"""The numbers are right, but each mean is a mean of the countries' means: a country with few orders weighs as much as
one with many. Carry sum and number to the end, and divide once."""


def answer(spark, lake):
    orders = lake.read("silver.orders").where("status != 'cancelled'").select("channel", "country", "amount").rdd
    parts = orders.map(lambda order: ((order.channel, order.country), (1, float(order.amount)))).reduceByKey(
        lambda one, other: (one[0] + other[0], one[1] + other[1])
    )
    means = parts.map(lambda part: (part[0][0], (1, part[1][0], part[1][1] / part[1][0])))
    sums = means.reduceByKey(lambda one, other: tuple(a + b for a, b in zip(one, other, strict=True)))
    return sums.mapValues(lambda state: [state[1], state[2] / state[0]]).collectAsMap()
