"""The sums are too high: the discount of a line is for the whole line, and is not taken off. Look at the goal's
formula."""


def answer(spark, lake):
    products = lake.read("silver.products").select("product_id", "category")
    category = spark.sparkContext.broadcast(products.rdd.collectAsMap())
    items = lake.read("silver.order_items").rdd
    pairs = items.map(lambda item: (category.value[item.product_id], float(item.quantity * item.unit_price)))
    return pairs.reduceByKey(lambda a, b: a + b).collectAsMap()
