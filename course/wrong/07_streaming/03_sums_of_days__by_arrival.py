"""The days are those on which the export got the orders: an order of late evening that arrives after midnight is in
the next day. Event time is `ordered_at`."""

from pyspark.sql import functions as F


def answer(spark, lake):
    orders = lake.read("silver.orders").where("received_at >= timestamp'2025-12-22'")
    orders = orders.selectExpr("order_id", "ordered_at", "received_at", "double(amount) AS amount")
    arrivals = lake.slices(orders, "arrivals", by="received_at", days=4)
    stream = spark.readStream.schema(orders.schema).option("maxFilesPerTrigger", 1).json(arrivals)
    days = stream.groupBy(F.window("received_at", "1 day")).agg(
        F.count("*").alias("orders"), F.sum("amount").alias("revenue")
    )
    query = days.selectExpr("window.start AS day", "orders", "revenue").writeStream.format("delta")
    query = query.outputMode("complete").option("checkpointLocation", lake.scratch("days-checkpoint"))
    query.trigger(availableNow=True).start(lake.scratch("days")).awaitTermination()
    return spark.read.format("delta").load(lake.scratch("days"))
