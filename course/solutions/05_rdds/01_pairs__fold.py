"""`foldByKey` begins with a value of its own, and adds up inside each partition as well."""


def answer(spark, lake):
    orders = lake.read("silver.orders").where("status != 'cancelled'").select("country", "amount").rdd
    pairs = orders.map(lambda order: (order.country, order.amount))
    return dict(pairs.foldByKey(0, lambda a, b: a + b).collect())
