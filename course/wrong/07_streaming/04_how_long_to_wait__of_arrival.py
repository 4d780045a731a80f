"""The days are those of arrival: waiting and window are about `arrived_at`, and by that column nothing is ever
late. The day that an order belongs to is that of `ordered_at`."""

from pyspark.sql import functions as F


def answer(spark, lake):
    orders = lake.read("silver.orders").where("ordered_at >= timestamp'2025-12-14'")
    delay = "CASE WHEN channel = 'store' THEN interval 7 days ELSE interval 1 hour END"
    orders = orders.selectExpr("order_id", "ordered_at", f"ordered_at + {delay} AS arrived_at")
    arrivals = lake.slices(orders, "arrivals", by="arrived_at", days=5)
    stream = spark.readStream.schema(orders.schema).option("maxFilesPerTrigger", 1).json(arrivals)
    waiting = stream.withWatermark("arrived_at", "8 days")
    days = waiting.groupBy(F.window("arrived_at", "1 day")).agg(F.count("*").alias("orders"))
    query = days.selectExpr("window.start AS day", "orders").writeStream.format("delta").outputMode("append")
    query = query.option("checkpointLocation", lake.scratch("days-checkpoint"))
    query.trigger(availableNow=True).start(lake.scratch("days")).awaitTermination()
    return spark.read.format("delta").load(lake.scratch("days"))
