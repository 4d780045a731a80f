"""Months 1 to 3 are 0 to 2 when counted from 0, and // 3 makes quarters of them."""


def answer(spark, lake):
    orders = lake.read("silver.orders").selectExpr("month(ordered_at) AS month").rdd
    by_quarter = orders.map(lambda order: (order.month, 1)).partitionBy(4, lambda month: (month - 1) // 3)

    def described(place, pairs):
        months = [month for month, _ in pairs]
        yield place, [len(months), min(months), max(months)]

    return by_quarter.mapPartitionsWithIndex(described).collectAsMap()
