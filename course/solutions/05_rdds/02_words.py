"""A set of each name's words, laid out, then counted."""


def answer(spark, lake):
    names = lake.read("silver.products").select("name").rdd
    words = names.flatMap(lambda product: set(product.name.lower().split()))
    return words.map(lambda word: (word, 1)).reduceByKey(lambda a, b: a + b).collectAsMap()
