"""In SQL's own words: a literal of type timestamp."""


def answer(spark, lake):
    orders = lake.read("silver.orders")
    return orders.where("ordered_at >= timestamp'2025-11-01'").select("order_id", "amount")
