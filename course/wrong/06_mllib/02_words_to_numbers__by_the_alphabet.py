"""The numbers follow the alphabet. Without `stringOrderType` the most frequent coupon is 0, as the goal has it."""

from pyspark.ml.feature import StringIndexer
from pyspark.sql import functions as F


def answer(spark, lake):
    orders = lake.read("silver.orders").select("ordered_at", "coupon")
    past = orders.where("ordered_at < timestamp'2025-10-01'")
    later = orders.where("ordered_at >= timestamp'2025-10-01'")
    indexer = StringIndexer(inputCol="coupon", outputCol="number", handleInvalid="keep", stringOrderType="alphabetAsc")
    return indexer.fit(past).transform(later).groupBy("coupon", "number").agg(F.count("*").alias("orders"))
