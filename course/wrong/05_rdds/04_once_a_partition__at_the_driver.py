"""`rates()` was called once, on the driver, and its result travelled with the function. A dictionary can travel; a
connection cannot. Call it inside the function that `mapPartitions` gets."""


def answer(spark, lake):
    opened = spark.sparkContext.accumulator(0)

    def rates():
        opened.add(1)
        return {"US": 1.08, "GB": 0.86, "PL": 4.3}

    known = rates()
    orders = lake.read("silver.orders").select("country", "amount").rdd.repartition(4)
    converted = orders.map(lambda order: (1, float(order.amount) * known.get(order.country, 1)))
    rows, total = converted.reduce(lambda one, other: (one[0] + other[0], one[1] + other[1]))
    return {"rows": rows, "total": total, "opened": opened.value}
