"""One element a partition: number and sum are made where the rows are."""


def answer(spark, lake):
    opened = spark.sparkContext.accumulator(0)

    def rates():
        opened.add(1)
        return {"US": 1.08, "GB": 0.86, "PL": 4.3}

    def summed(orders):
        known, rows, total = rates(), 0, 0.0
        for order in orders:
            rows, total = rows + 1, total + float(order.amount) * known.get(order.country, 1)
        return [(rows, total)]

    orders = lake.read("silver.orders").select("country", "amount").rdd.repartition(4)
    parts = orders.mapPartitions(summed).collect()
    return {"rows": sum(p[0] for p in parts), "total": sum(p[1] for p in parts), "opened": opened.value}
