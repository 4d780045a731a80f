"""Some days come more than once: the sums were made of each micro-batch by itself, and a day that lies in two files
has two of them. Group the stream, so that the sums are kept as its state."""

from pyspark.sql import functions as F


def answer(spark, lake):
    orders = lake.read("silver.orders").where("received_at >= timestamp'2025-12-22'")
    orders = orders.selectExpr("order_id", "ordered_at", "received_at", "double(amount) AS amount")
    arrivals = lake.slices(orders, "arrivals", by="received_at", days=4)
    stream = spark.readStream.schema(orders.schema).option("maxFilesPerTrigger", 1).json(arrivals)

    def write(batch, number):
        days = batch.groupBy(F.date_trunc("day", "ordered_at").alias("day")).agg(
            F.count("*").alias("orders"), F.sum("amount").alias("revenue")
        )
        days.write.format("delta").mode("append").save(lake.scratch("days"))

    query = stream.writeStream.foreachBatch(write).option("checkpointLocation", lake.scratch("days-checkpoint"))
    query.trigger(availableNow=True).start().awaitTermination()
    return spark.read.format("delta").load(lake.scratch("days"))
