"""`without_coupon` is 0: it was read before any action ran, and until then a `map` is a plan. Read it after the
action that feeds it."""


def answer(spark, lake):
    without_coupon = spark.sparkContext.accumulator(0)

    def seen(order):
        without_coupon.add(int(order.coupon is None))
        return float(order.amount)

    amounts = lake.read("silver.orders").select("amount", "coupon").rdd.map(seen)
    counted = without_coupon.value
    return {"orders": amounts.count(), "revenue": amounts.sum(), "without_coupon": counted}
