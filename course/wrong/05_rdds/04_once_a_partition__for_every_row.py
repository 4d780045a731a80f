"""The sums are right, but `rates()` was called for every order: that is what `map` does with all that stands in its
function. Look at `mapPartitions`."""


def answer(spark, lake):
    opened = spark.sparkContext.accumulator(0)

    def rates():
        opened.add(1)
        return {"US": 1.08, "GB": 0.86, "PL": 4.3}

    orders = lake.read("silver.orders").select("country", "amount").rdd.repartition(4)
    converted = orders.map(lambda order: (1, float(order.amount) * rates().get(order.country, 1)))
    rows, total = converted.reduce(lambda one, other: (one[0] + other[0], one[1] + other[1]))
    return {"rows": rows, "total": total, "opened": opened.value}
