"""The sums are right, but `opened` is 8: the number and the total came from two actions, and each of them ran the
function for all four partitions. Let one action bring both.
"""


def answer(spark, lake):
    opened = spark.sparkContext.accumulator(0)

    def rates():
        opened.add(1)
        return {"US": 1.08, "GB": 0.86, "PL": 4.3}

    def converted(orders):
        known = rates()
        for order in orders:
            yield float(order.amount) * known.get(order.country, 1)

    orders = lake.read("silver.orders").select("country", "amount").rdd.repartition(4)
    amounts = orders.mapPartitions(converted)
    return {"rows": amounts.count(), "total": amounts.sum(), "opened": opened.value}
