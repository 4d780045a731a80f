"""The schema of the table that was written, as an object."""


def answer(spark, lake):
    products = lake.read("silver.products").select("product_id", "name", "list_price", "launched_at")
    path = lake.scratch("products")
    products.write.mode("overwrite").csv(path, header=True)
    return spark.read.schema(products.schema).option("header", True).csv(path)
