"""These are numbers of orders: `countByKey` counts the pairs of a key and never looks at their values. Look at
`reduceByKey`."""


def answer(spark, lake):
    orders = lake.read("silver.orders").where("status != 'cancelled'").select("country", "amount").rdd
    return dict(orders.map(lambda order: (order.country, order.amount)).countByKey())
