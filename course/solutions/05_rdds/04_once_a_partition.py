"""The function gets an iterator, prepares once, and yields row by row."""


def answer(spark, lake):
    opened = spark.sparkContext.accumulator(0)

    def rates():
        opened.add(1)
        return {"US": 1.08, "GB": 0.86, "PL": 4.3}

    def converted(orders):
        known = rates()
        for order in orders:
            yield 1, float(order.amount) * known.get(order.country, 1)

    orders = lake.read("silver.orders").select("country", "amount").rdd.repartition(4)
    rows, total = orders.mapPartitions(converted).reduce(lambda one, other: (one[0] + other[0], one[1] + other[1]))
    return {"rows": rows, "total": total, "opened": opened.value}
