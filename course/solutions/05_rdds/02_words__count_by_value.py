"""`countByValue` counts in each partition and adds up the counts on the driver: good for few different values."""


def answer(spark, lake):
    names = lake.read("silver.products").select("name").rdd
    return dict(names.flatMap(lambda product: set(product.name.lower().split())).countByValue())
