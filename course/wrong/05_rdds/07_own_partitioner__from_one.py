"""Partition 0 holds January, February and December: months are counted from 1, so 12 // 3 is 4, and 4 modulo 4 is 0
again. Count from 0 before dividing."""


def answer(spark, lake):
    orders = lake.read("silver.orders").selectExpr("month(ordered_at) AS month").rdd
    by_quarter = orders.map(lambda order: (order.month, 1)).partitionBy(4, lambda month: month // 3)

    def described(place, pairs):
        months = [month for month, _ in pairs]
        yield place, [len(months), min(months), max(months)]

    return by_quarter.mapPartitionsWithIndex(described).collectAsMap()
