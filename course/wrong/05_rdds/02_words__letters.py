"""The keys are letters: a text is a sequence too, and `flatMap` lays it out letter by letter. Split it into words
first."""


def answer(spark, lake):
    names = lake.read("silver.products").select("name").rdd
    words = names.flatMap(lambda product: set(product.name.lower()) - {" "})
    return words.map(lambda word: (word, 1)).reduceByKey(lambda a, b: a + b).collectAsMap()
