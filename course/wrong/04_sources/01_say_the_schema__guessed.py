"""The types are a guess: the file was read once more for it, numbers became `int` and prices `double`, which cannot
hold every cent. Say the schema instead of `inferSchema`."""


def answer(spark, lake):
    products = lake.read("silver.products").select("product_id", "name", "list_price", "launched_at")
    path = lake.scratch("products")
    products.write.mode("overwrite").csv(path, header=True)
    return spark.read.csv(path, header=True, inferSchema=True)
