"""The number of rows is right, but the total is 0: counting walked through the iterator, and it begins only once.
Do both in one loop."""


def answer(spark, lake):
    opened = spark.sparkContext.accumulator(0)

    def rates():
        opened.add(1)
        return {"US": 1.08, "GB": 0.86, "PL": 4.3}

    def summed(orders):
        known = rates()
        rows = sum(1 for order in orders)
        return [(rows, sum(float(order.amount) * known.get(order.country, 1) for order in orders))]

    orders = lake.read("silver.orders").select("country", "amount").rdd.repartition(4)
    parts = orders.mapPartitions(summed).collect()
    return {"rows": sum(p[0] for p in parts), "total": sum(p[1] for p in parts), "opened": opened.value}
