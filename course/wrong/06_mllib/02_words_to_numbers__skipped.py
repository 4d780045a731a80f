"""Orders without a coupon are gone, which is most of them: `skip` drops the rows that it cannot number, and says
nothing. `keep` gives them a number of their own."""

from pyspark.ml.feature import StringIndexer
from pyspark.sql import functions as F


def answer(spark, lake):
    orders = lake.read("silver.orders").select("ordered_at", "coupon")
    past = orders.where("ordered_at < timestamp'2025-10-01'")
    later = orders.where("ordered_at >= timestamp'2025-10-01'")
    indexer = StringIndexer(inputCol="coupon", outputCol="number", handleInvalid="skip")
    return indexer.fit(past).transform(later).groupBy("coupon", "number").agg(F.count("*").alias("orders"))
