"""An RDD is used inside another one's function. It is a plan on the driver, and a task cannot run plans. Bring the
few rows to the driver with `collectAsMap`, and broadcast that.

fails: error ONLY_VALID_ON_DRIVER
"""


def answer(spark, lake):
    products = lake.read("silver.products").select("product_id", "category").rdd
    items = lake.read("silver.order_items").rdd
    pairs = items.map(
        lambda item: (products.lookup(item.product_id)[0], float(item.quantity * item.unit_price - item.discount))
    )
    return pairs.reduceByKey(lambda a, b: a + b).collectAsMap()
