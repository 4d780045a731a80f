"""Without a watermark no window is ever closed, so in the mode `append` (which is the default) nothing could ever
be written, and Spark refuses. Say `outputMode("complete")`.

fails: error watermark
"""

from pyspark.sql import functions as F


def answer(spark, lake):
    orders = lake.read("silver.orders").where("received_at >= timestamp'2025-12-22'")
    orders = orders.selectExpr("order_id", "ordered_at", "received_at", "double(amount) AS amount")
    arrivals = lake.slices(orders, "arrivals", by="received_at", days=4)
    stream = spark.readStream.schema(orders.schema).option("maxFilesPerTrigger", 1).json(arrivals)
    days = stream.groupBy(F.window("ordered_at", "1 day")).agg(
        F.count("*").alias("orders"), F.sum("amount").alias("revenue")
    )
    query = days.selectExpr("window.start AS day", "orders", "revenue").writeStream.format("delta")
    query = query.option("checkpointLocation", lake.scratch("days-checkpoint"))
    query.trigger(availableNow=True).start(lake.scratch("days")).awaitTermination()
    return spark.read.format("delta").load(lake.scratch("days"))
