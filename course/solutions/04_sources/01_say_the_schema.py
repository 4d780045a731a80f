"""The schema is said, and the header is left out of the rows."""


def answer(spark, lake):
    products = lake.read("silver.products").select("product_id", "name", "list_price", "launched_at")
    path = lake.scratch("products")
    products.write.mode("overwrite").csv(path, header=True)
    schema = "product_id long, name string, list_price decimal(12,2), launched_at timestamp"
    return spark.read.schema(schema).csv(path, header=True)
