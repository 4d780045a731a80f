"""The rows are right, and every key is remembered for ever: the state has no end, and one day it does not fit. With a
watermark `dropDuplicatesWithinWatermark` remembers a key as long as the watermark waits.

fails: state_of dedupe
"""

from pyspark.sql import functions as F


def answer(spark, lake):
    orders = lake.read("silver.orders").where("ordered_at >= timestamp'2025-12-22'")
    orders = orders.selectExpr("order_id", "ordered_at + interval 1 hour AS received_at", "double(amount) AS amount")
    again = orders.where("order_id % 3 = 0").withColumn("received_at", F.expr("received_at + interval 36 hours"))
    arrivals = lake.slices(orders.union(again), "arrivals", by="received_at", days=3)
    stream = spark.readStream.schema(orders.schema).option("maxFilesPerTrigger", 1).json(arrivals)
    once = stream.dropDuplicates(["order_id"])
    query = once.writeStream.format("delta").option("checkpointLocation", lake.scratch("once-checkpoint"))
    query.trigger(availableNow=True).start(lake.scratch("once")).awaitTermination()
    return spark.read.format("delta").load(lake.scratch("once")).select("order_id", "amount")
