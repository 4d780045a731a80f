"""Each partition has months of several quarters: without a function `partitionBy` takes the key's hash, and the
hash of a number is the number, modulo 4. Give it a function of the month."""


def answer(spark, lake):
    orders = lake.read("silver.orders").selectExpr("month(ordered_at) AS month").rdd
    by_hash = orders.map(lambda order: (order.month, 1)).partitionBy(4)

    def described(place, pairs):
        months = [month for month, _ in pairs]
        yield place, [len(months), min(months), max(months)]

    return by_hash.mapPartitionsWithIndex(described).collectAsMap()
