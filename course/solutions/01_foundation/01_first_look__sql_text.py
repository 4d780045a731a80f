"""The condition as a piece of SQL: `where` takes a text, too."""


def answer(spark, lake):
    orders = lake.read("silver.orders")
    return orders.where("channel = 'app' AND amount >= 100").select("order_id", "user_id", "amount")
