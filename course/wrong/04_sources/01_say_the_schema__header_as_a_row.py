"""There is a row too many: its `name` is the word `name`, and the rest is null. It is the header, read as a product
whose number and price are no numbers. Tell the reader with `header=True`."""


def answer(spark, lake):
    products = lake.read("silver.products").select("product_id", "name", "list_price", "launched_at")
    path = lake.scratch("products")
    products.coalesce(1).write.mode("overwrite").csv(path, header=True)
    schema = "product_id long, name string, list_price decimal(12,2), launched_at timestamp"
    return spark.read.schema(schema).csv(path)
