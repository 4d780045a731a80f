"""An order without a coupon stopped the indexer: by default what it does not know is an error. Look at
`handleInvalid`.

fails: error encountered NULL
"""

from pyspark.ml.feature import StringIndexer
from pyspark.sql import functions as F


def answer(spark, lake):
    orders = lake.read("silver.orders").select("ordered_at", "coupon")
    past = orders.where("ordered_at < timestamp'2025-10-01'")
    later = orders.where("ordered_at >= timestamp'2025-10-01'")
    indexer = StringIndexer(inputCol="coupon", outputCol="number")
    return indexer.fit(past).transform(later).groupBy("coupon", "number").agg(F.count("*").alias("orders"))
