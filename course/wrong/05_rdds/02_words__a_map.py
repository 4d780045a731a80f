"""An element is a whole list of words, and a list cannot be a key: `map` keeps one element for each name. `flatMap`
lays the words out.

fails: error unhashable
"""


def answer(spark, lake):
    names = lake.read("silver.products").select("name").rdd
    words = names.map(lambda product: product.name.lower().split())
    return words.map(lambda word: (word, 1)).reduceByKey(lambda a, b: a + b).collectAsMap()
