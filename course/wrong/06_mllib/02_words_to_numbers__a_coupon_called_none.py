"""Null got the number 0 and a name: filled in before `fit`, it is the most frequent word of all. Leave it null, and
let `keep` number it last."""

from pyspark.ml.feature import StringIndexer
from pyspark.sql import functions as F


def answer(spark, lake):
    orders = lake.read("silver.orders").select("ordered_at", "coupon").fillna("none")
    past = orders.where("ordered_at < timestamp'2025-10-01'")
    later = orders.where("ordered_at >= timestamp'2025-10-01'")
    indexer = StringIndexer(inputCol="coupon", outputCol="number", handleInvalid="keep")
    return indexer.fit(past).transform(later).groupBy("coupon", "number").agg(F.count("*").alias("orders"))
