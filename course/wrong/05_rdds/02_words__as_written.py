"""Words with capital letters are keys of their own: `Urban` is not `urban`. Look at `lower()`."""


def answer(spark, lake):
    names = lake.read("silver.products").select("name").rdd
    words = names.flatMap(lambda product: set(product.name.split()))
    return words.map(lambda word: (word, 1)).reduceByKey(lambda a, b: a + b).collectAsMap()
