"""What matters is data: counted as a value among others, it needs no accumulator."""


def answer(spark, lake):
    orders = lake.read("silver.orders").select("amount", "coupon").rdd
    states = orders.map(lambda order: (1, float(order.amount), int(order.coupon is None)))
    rows, revenue, without = states.reduce(lambda one, other: tuple(a + b for a, b in zip(one, other, strict=True)))
    return {"orders": rows, "revenue": revenue, "without_coupon": without}
