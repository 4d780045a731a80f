"""Every repetition is there: `received_at` was compared, too, and differs between the two. Unless columns are named,
whole rows are compared. Name the one that identifies an order."""

from pyspark.sql import functions as F


def answer(spark, lake):
    orders = lake.read("silver.orders").where("ordered_at >= timestamp'2025-12-22'")
    orders = orders.selectExpr("order_id", "ordered_at + interval 1 hour AS received_at", "double(amount) AS amount")
    again = orders.where("order_id % 3 = 0").withColumn("received_at", F.expr("received_at + interval 36 hours"))
    arrivals = lake.slices(orders.union(again), "arrivals", by="received_at", days=3)
    stream = spark.readStream.schema(orders.schema).option("maxFilesPerTrigger", 1).json(arrivals)
    query = stream.withWatermark("received_at", "7 days").dropDuplicates().writeStream.format("delta")
    query = query.option("checkpointLocation", lake.scratch("once-checkpoint")).trigger(availableNow=True)
    query.start(lake.scratch("once")).awaitTermination()
    return spark.read.format("delta").load(lake.scratch("once")).select("order_id", "amount")
