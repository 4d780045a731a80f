"""Any function of the key will do, also a lookup; Spark's own `quarter` makes the key."""


def answer(spark, lake):
    orders = lake.read("silver.orders").selectExpr("month(ordered_at) AS month", "quarter(ordered_at) AS quarter").rdd
    place = {month: (month - 1) // 3 for month in range(1, 13)}
    pairs = orders.map(lambda order: (order.month, order.quarter)).partitionBy(4, place.get)

    def described(index, rows):
        months = [month for month, _ in rows]
        yield index, [len(months), min(months), max(months)]

    return pairs.mapPartitionsWithIndex(described).collectAsMap()
