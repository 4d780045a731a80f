"""`date_trunc` gives the same key; a watermark could not be used with it to close windows."""

from pyspark.sql import functions as F


def answer(spark, lake):
    orders = lake.read("silver.orders").where("received_at >= timestamp'2025-12-22'")
    orders = orders.selectExpr("order_id", "ordered_at", "received_at", "double(amount) AS amount")
    arrivals = lake.slices(orders, "arrivals", by="received_at", days=4)
    stream = spark.readStream.schema(orders.schema).option("maxFilesPerTrigger", 1).json(arrivals)
    days = stream.groupBy(F.date_trunc("day", "ordered_at").alias("day")).agg(
        F.count("*").alias("orders"), F.sum("amount").alias("revenue")
    )
    query = days.writeStream.format("delta").outputMode("complete")
    query = query.option("checkpointLocation", lake.scratch("days-checkpoint"))
    query.trigger(availableNow=True).start(lake.scratch("days")).awaitTermination()
    return spark.read.format("delta").load(lake.scratch("days"))
