"""The accumulator is fed by an action of its own."""


def answer(spark, lake):
    without_coupon = spark.sparkContext.accumulator(0)
    orders = lake.read("silver.orders").select("amount", "coupon").rdd
    orders.foreach(lambda order: without_coupon.add(int(order.coupon is None)))
    revenue = orders.map(lambda order: float(order.amount)).sum()
    return {"orders": orders.count(), "revenue": revenue, "without_coupon": without_coupon.value}
